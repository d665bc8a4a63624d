//! What is served: a catalogue and the texts that go with it, published as one.

use crate::backstore::Backstore;
use crate::catalogue::Catalogue;
use crate::http::boards::Boards;
use crate::http::store::Finder;
use crate::http::store::Pages;

/// One generation of everything the public door answers from.
#[derive(Debug)]
pub struct Shelf {
    /// What resolution reads.
    pub catalogue: Catalogue,
    /// The texts of the answers, in the catalogue's order.
    pub pages: Pages,
    /// What pages of people show.
    pub boards: Boards,
    /// What searches read, in the catalogue's order.
    pub finder: Finder,
    /// The assertions that are given out.
    pub backstore: Backstore,
}
