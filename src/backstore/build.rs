//! The next backstore, from the one before and what was stored since.

use crate::assertion::Assertion;
use crate::assertion::Identity;
use crate::backstore::Backstore;
use crate::backstore::Held;
use crate::backstore::Stack;
use crate::backstore::ValidationSet;
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
        self.put_held(identity, text, false);
    }

    /// The same for one that was only kept when it was passed through.
    pub fn put_in_passing(&mut self, identity: &Identity, text: Bytes) {
        self.put_held(identity, text, true);
    }

    fn put_held(&mut self, identity: &Identity, text: Bytes, in_passing: bool) {
        self.read_set(identity, &text);
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
            Ok(at) => stack.held[at] = Arc::new(Held::new(identity, text, in_passing)),
            Err(at) => stack.held.insert(at, Arc::new(Held::new(identity, text, in_passing))),
        }
    }

    /// What is given out as far as it is built.
    pub fn so_far(&self) -> &Backstore {
        &self.0
    }

    /// Reads a validation set. What cannot be read was stored past the door, and is given out all the same.
    fn read_set(&mut self, identity: &Identity, text: &[u8]) {
        if identity.key.kind().name() != "validation-set" {
            return;
        }
        let read = std::str::from_utf8(text).ok().and_then(|text| text.parse::<Assertion>().ok());
        let Some(assertion) = read else {
            tracing::error!(key = %identity.key, "a validation set cannot be read, and binds nothing");
            return;
        };
        let place = (identity.sequence, identity.revision, identity.format);
        let set = ValidationSet::of(assertion.headers());
        Arc::make_mut(&mut self.0.sets).put(identity.key.joined(), place, set);
    }

    /// The finished backstore.
    pub fn finish(self) -> Backstore {
        self.0
    }
}
