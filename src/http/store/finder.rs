//! What searches read, made with the rest of a shelf.

use crate::catalogue::Catalogue;
use crate::find::Builder;
use crate::find::Index;
use crate::find::Popularity;
use crate::http::boards::Boards;
use crate::snap::Listing;
use crate::snap::SnapId;
use std::sync::Arc;

/// The words of the snaps of a catalogue, and how popular these are.
#[derive(Debug)]
pub struct Finder {
    pub(super) index: Arc<Index>,
    pub(super) popularity: Popularity,
}

impl Finder {
    /// Bytes held for searches, about, for the log.
    pub fn size_bytes(&self) -> usize {
        self.index.size_bytes()
    }
}

/// A finder in the making.
#[derive(Debug, Default)]
pub struct FinderBuilder(Builder);

impl FinderBuilder {
    /// Begins with every snap of an earlier generation.
    pub fn from(earlier: &Finder) -> Self {
        Self(Builder::from(&earlier.index))
    }

    /// Puts a snap in, in the place of what was there.
    pub fn put(&mut self, listing: &Listing) {
        self.0.put(listing);
    }

    /// Forgets a snap, if it is there.
    pub fn remove(&mut self, id: SnapId) {
        self.0.remove(id);
    }

    /// The finder of a catalogue that has the same snaps, and of the rankings it is published with.
    pub fn finish(self, catalogue: &Catalogue, boards: &Boards) -> Finder {
        let popularity = Popularity::of(catalogue, boards.popularity());
        Finder { index: self.0.finish(catalogue), popularity }
    }
}
