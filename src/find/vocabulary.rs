//! Every word of every snap, known by number.

use foldhash::fast::RandomState;
use std::collections::HashMap;
use std::sync::Arc;

/// Words that may go unused before the numbers are given anew.
const SPARE: usize = 4_096;

/// A two-way table of words and their numbers. Numbers are given in order and never change, so that what was numbered
/// for an earlier generation can be kept.
#[derive(Debug, Clone, Default)]
pub(super) struct Vocabulary {
    words: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, u32, RandomState>,
}

impl Vocabulary {
    /// The number of a word; a new one is added. What an earlier generation holds is copied first.
    pub(super) fn number(vocabulary: &mut Arc<Self>, word: &str) -> u32 {
        if let Some(number) = vocabulary.numbers.get(word) {
            return *number;
        }
        let own = Arc::make_mut(vocabulary);
        let number = u32::try_from(own.words.len()).expect("memory ends before four billion words");
        let word: Arc<str> = word.into();
        own.words.push(Arc::clone(&word));
        own.numbers.insert(word, number);
        number
    }

    /// The word of a number.
    pub(super) fn word(&self, number: usize) -> &Arc<str> {
        &self.words[number]
    }

    /// How many words there are.
    pub(super) fn len(&self) -> usize {
        self.words.len()
    }

    /// Whether so few of the words are used that it is worth giving the numbers anew: texts come and go for years.
    pub(super) fn is_worn(&self, n_used: usize) -> bool {
        self.words.len() > 2 * n_used + SPARE
    }

    /// Bytes held, about.
    pub(super) fn size_bytes(&self) -> usize {
        // A count of holders before each text; a pointer in the list, a pointer and a number in the table.
        self.words.iter().map(|word| word.len() + 64).sum()
    }
}
