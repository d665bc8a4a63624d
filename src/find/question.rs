//! What is searched for.

use crate::find::fold::words;
use crate::snap::Confinement;
use crate::snap::Invalid;

/// The most characters of the words of a question: what a person types, many times over.
const MAX_CHARS: usize = 1_024;
/// The most words that are looked up: a snap that has all of so many is found by fewer.
const MAX_WORDS: usize = 16;

/// What a snap must be to be found; what is not said is not asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Question<'q> {
    /// Words that the snap must all have, in its texts. None at all is no such wish; a text without words finds
    /// nothing.
    pub words: Option<Vec<String>>,
    /// What its name begins with.
    pub name: Option<&'q str>,
    /// An application id that the revision that is shown must have.
    pub common_id: Option<&'q str>,
    /// A category it must be listed in.
    pub category: Option<&'q str>,
    /// The short name of who must publish it.
    pub publisher: Option<&'q str>,
    /// How the revision that is shown may be confined; in any way when this is empty.
    pub confinements: Vec<Confinement>,
    /// Whether it must be private; otherwise it must not be.
    pub private: bool,
}

impl Question<'_> {
    /// The words of a text that somebody typed; those beyond the sixteenth are not looked at.
    ///
    /// # Errors
    /// When it is longer than anybody types.
    pub fn parse_words(text: &str) -> Result<Option<Vec<String>>, Invalid> {
        if text.chars().count() > MAX_CHARS {
            return Err(Invalid::new("search", "at most 1,024 characters"));
        }
        if text.trim().is_empty() {
            return Ok(None);
        }
        let mut words = words(text);
        words.truncate(MAX_WORDS);
        Ok(Some(words))
    }
}
