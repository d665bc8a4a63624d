//! The next backstore, from the one before and what was stored since.

use crate::assertion::Identity;
use crate::backstore::Backstore;
use crate::backstore::Held;
use crate::backstore::Stack;
use crate::backstore::part_of;
use bytes::Bytes;
use std::sync::Arc;

/// A backstore in the making.
#[derive(Debug, Default)]
pub struct BackstoreBuilder(Backstore);

impl BackstoreBuilder {
    /// Begins with what is given out already.
    pub fn from(served: &Backstore) -> Self {
        Self(served.clone())
    }

    /// Gives that assertion out, unless a newer revision of it is.
    pub fn put(&mut self, identity: &Identity, text: Bytes) {
        let id = identity.key.id();
        let part = Arc::make_mut(&mut self.0.parts[part_of(id)]);
        let stack = part
            .entry(id)
            .or_insert_with(|| Stack { key: identity.key.clone(), held: Vec::with_capacity(1) });
        if stack.key != identity.key {
            // Nobody can bring this about by chance; who did it on purpose gets nothing from it.
            tracing::error!(key = %identity.key, "an assertion is left out: its short name is another's");
            return;
        }
        let (sequence, format, revision) = (identity.sequence, identity.format, identity.revision);
        let place = (sequence, format);
        let known = stack.held.binary_search_by_key(&place, |held| (held.sequence, held.format));
        match known {
            Ok(at) if stack.held[at].revision > revision => {}
            Ok(at) => stack.held[at] = Arc::new(Held::new(sequence, format, revision, text)),
            Err(at) => {
                stack.held.insert(at, Arc::new(Held::new(sequence, format, revision, text)));
            }
        }
    }

    /// The finished backstore.
    pub fn finish(self) -> Backstore {
        self.0
    }
}
