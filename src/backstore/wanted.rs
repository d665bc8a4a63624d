//! Which of the assertions of a key is wanted.

use crate::backstore::Held;
use std::sync::Arc;

/// Which place of a sequence is wanted. Assertions that form none have the number 0, and are found by any of these but
/// the first with another number and the third.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sequence {
    /// That number.
    Exactly(u32),
    /// The newest that has that number or a later one.
    AtLeast(u32),
    /// The newest behind that number.
    Behind(u32),
    /// The newest.
    Newest,
}

/// Which assertion of a key is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// Its place in the sequence.
    pub sequence: Sequence,
    /// The highest format that is understood; `None` for any.
    pub max_format: Option<u32>,
}

impl Wanted {
    /// The newest of what has a format that is understood: the latest place in the sequence, there the newest
    /// revision, and of that the highest format.
    pub(super) fn choose(self, held: &[Arc<Held>]) -> Option<&Arc<Held>> {
        let is_wanted = |held: &&Arc<Held>| {
            let is_in_place = match self.sequence {
                Sequence::Exactly(number) => held.sequence == number,
                Sequence::AtLeast(number) => held.sequence >= number,
                Sequence::Behind(number) => held.sequence > number,
                Sequence::Newest => true,
            };
            is_in_place && self.max_format.is_none_or(|format| held.format <= format)
        };
        held.iter().filter(is_wanted).max_by_key(|held| (held.sequence, held.revision, held.format))
    }
}
