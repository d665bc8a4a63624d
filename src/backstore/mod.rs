//! The assertions that are given out, in memory: of every key and sequence number, the newest revision in each format.
//!
//! A backstore never changes. The next one is built beside it and shares what stayed the same. It forgets no assertion:
//! what was once said is given out until it is said anew. It deliberately reads none of them but validation sets, which
//! bind what is offered.

mod build;
mod held;
mod validation_set;
mod wanted;

use crate::assertion::Key;
use crate::assertion::KeyId;
use crate::backstore::validation_set::ValidationSets;
use foldhash::fast::FixedState;
use std::collections::HashMap;
use std::sync::Arc;

pub use build::BackstoreBuilder;
pub use held::Held;
pub use validation_set::Rule;
pub use validation_set::ValidationSet;
pub use wanted::Sequence;
pub use wanted::Wanted;

/// Into how many parts the index is split: what changed costs a copy of its parts alone, and of some 100,000 keys a
/// part holds some hundreds.
const PARTS: usize = 256;

/// A part of the index. The names are digests already, so nobody can choose them to collide.
type Part = HashMap<KeyId, Stack, FixedState>;

/// All that is held of a key, ordered by sequence number and format; nearly always one.
#[derive(Debug, Clone)]
struct Stack {
    key: Key,
    held: Vec<Arc<Held>>,
}

/// The assertions of one generation.
#[derive(Debug, Clone)]
pub struct Backstore {
    parts: Vec<Arc<Part>>,
    sets: Arc<ValidationSets>,
}

impl Default for Backstore {
    fn default() -> Self {
        Self { parts: vec![Arc::default(); PARTS], sets: Arc::default() }
    }
}

/// The part that a key is in.
fn part_of(id: KeyId) -> usize {
    usize::from(id.0[0])
}

impl Backstore {
    /// Whether anything is held of that key, in whatever format.
    pub fn knows(&self, key: &Key) -> bool {
        self.stack(key).is_some()
    }

    /// The assertion of that key that is wanted.
    pub fn find(&self, key: &Key, wanted: Wanted) -> Option<&Arc<Held>> {
        wanted.choose(&self.stack(key)?.held)
    }

    /// The assertion that is wanted of the key with that short name.
    pub fn find_named(&self, id: KeyId, wanted: Wanted) -> Option<&Arc<Held>> {
        wanted.choose(&self.parts[part_of(id)].get(&id)?.held)
    }

    /// What the validation set of that key, `series/account/name`, says: at that place of its sequence, or the newest.
    pub fn validation_set(&self, key: &str, sequence: Option<u32>) -> Option<&ValidationSet> {
        self.sets.find(key, sequence)
    }

    /// How many assertions are given out.
    pub fn n_held(&self) -> usize {
        self.each().count()
    }

    /// How many bytes their texts take.
    pub fn size_bytes(&self) -> usize {
        self.each().map(|held| held.text.len()).sum()
    }

    fn each(&self) -> impl Iterator<Item = &Arc<Held>> {
        self.parts.iter().flat_map(|part| part.values()).flat_map(|stack| &stack.held)
    }

    fn stack(&self, key: &Key) -> Option<&Stack> {
        let id = key.id();
        self.parts[part_of(id)].get(&id).filter(|stack| stack.key == *key)
    }
}

#[cfg(test)]
mod tests;
