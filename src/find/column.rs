//! Which snaps have a word, and where in their texts.

use crate::find::places::Mark;
use crate::find::vocabulary::Vocabulary;
use std::sync::Arc;

/// Words in alphabetical order, each with the snaps that have it.
#[derive(Debug, Default)]
pub(super) struct Column {
    /// Each with where its stretch of the marks ends.
    words: Box<[(Arc<str>, u32)]>,
    /// Snaps by place in the catalogue, those of a word in order.
    marks: Box<[Mark]>,
}

impl Column {
    /// The column of snaps whose words are listed in the order of the catalogue.
    pub(super) fn of<'m>(
        vocabulary: &Vocabulary,
        snaps: impl Iterator<Item = &'m [Mark]> + Clone,
    ) -> Self {
        let mut counts = vec![0_u32; vocabulary.len()];
        for mark in snaps.clone().flatten() {
            counts[mark.number()] += 1;
        }
        let mut used: Vec<usize> = (0..counts.len()).filter(|number| counts[*number] > 0).collect();
        used.sort_unstable_by_key(|number| vocabulary.word(*number));
        let mut end = 0;
        // From here on the counts are where the next mark of the word goes.
        let word = |number: usize| {
            let begin = end;
            end += std::mem::replace(&mut counts[number], begin);
            (Arc::clone(vocabulary.word(number)), end)
        };
        let words = used.into_iter().map(word).collect();
        let mut marks = vec![Mark::default(); end as usize];
        for (snap, own) in (0_u32..).zip(snaps) {
            for mark in own {
                let next = &mut counts[mark.number()];
                marks[*next as usize] = Mark::new(snap, mark.places());
                *next += 1;
            }
        }
        Self { words, marks: marks.into() }
    }

    /// How many words there are.
    pub(super) fn n_words(&self) -> usize {
        self.words.len()
    }

    /// Raises to the points of a word what each snap that has it got so far, and if `beginnings` count, what each
    /// snap got that has a word which begins so.
    pub(super) fn raise(&self, word: &str, beginnings: bool, best: &mut [u8]) {
        let from = self.words.partition_point(|(known, _)| **known < *word);
        let fits = |known: &str| if beginnings { known.starts_with(word) } else { known == word };
        for (place, (known, _)) in
            self.words.iter().enumerate().skip(from).take_while(|(_, (known, _))| fits(known))
        {
            let is_whole = known.len() == word.len();
            for mark in self.marks_of(place) {
                let best = &mut best[mark.number()];
                *best = mark.places().points(is_whole).max(*best);
            }
        }
    }

    fn marks_of(&self, place: usize) -> &[Mark] {
        let begin = place.checked_sub(1).map_or(0, |before| self.words[before].1);
        &self.marks[begin as usize..self.words[place].1 as usize]
    }

    /// Bytes held, without the words, which the vocabulary holds.
    pub(super) fn size_bytes(&self) -> usize {
        size_of_val(&*self.words) + size_of_val(&*self.marks)
    }
}
