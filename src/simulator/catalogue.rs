//! The snaps of the simulated store.

use crate::exchange;
use crate::exchange::Documents;
use crate::simulator::snap::Snap;
use crate::snap::Instant;
use crate::snap::Listing;
use crate::snap::SnapId;
use crate::snap::SnapName;
use std::collections::HashMap;
use std::io;
use std::io::BufRead;
use std::sync::Arc;

/// How many snaps are featured at first: as many as editors feature.
const N_FEATURED: usize = 16;

/// The snaps a simulated store shows to the public, ready to be sent.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    snaps: Vec<Arc<Snap>>,
    by_name: HashMap<SnapName, usize>,
    by_id: HashMap<SnapId, usize>,
}

impl Catalogue {
    /// The public ones of the first `n` generated snaps of that seed, as of `now`.
    pub fn generate(n: u64, seed: u64, now: Instant) -> Self {
        Self::of(exchange::generate(n, seed), (seed, false), now)
    }

    /// The same with files that are there, and what is asserted of them.
    pub fn generate_with_files(n: u64, seed: u64, now: Instant) -> Self {
        Self::of(exchange::generate(n, seed), (seed, true), now)
    }

    /// The public ones of a stream of catalogue documents, as of `now`. Documents that cannot be read are left out,
    /// with a warning.
    ///
    /// # Errors
    /// When the stream cannot be read.
    pub fn read(reader: impl BufRead, seed: u64, now: Instant) -> io::Result<Self> {
        let mut listings = Vec::new();
        for found in Documents::new(reader)? {
            let found = found?;
            let listing = found.statement.and_then(|said| exchange::merge(None, &said, now));
            match listing {
                Ok(listing) => listings.push(listing),
                Err(reason) => tracing::warn!(line = found.line, %reason, "a document is left out"),
            }
        }
        Ok(Self::of(listings, (seed, false), now))
    }

    fn of(listings: impl IntoIterator<Item = Listing>, kind: (u64, bool), now: Instant) -> Self {
        let mut catalogue = Self::default();
        for listing in listings {
            let Some(snap) = Snap::of(listing, kind, now) else { continue };
            let number = catalogue.snaps.len();
            let is_known = catalogue.by_name.contains_key(&snap.name());
            if is_known || catalogue.by_id.contains_key(&snap.id()) {
                continue;
            }
            catalogue.by_name.insert(snap.name(), number);
            catalogue.by_id.insert(snap.id(), number);
            catalogue.snaps.push(Arc::new(snap));
        }
        catalogue
    }

    /// Every snap, in the order of the search.
    pub fn snaps(&self) -> impl Iterator<Item = &Snap> {
        self.snaps.iter().map(Arc::as_ref)
    }

    pub(super) fn shared(&self) -> &[Arc<Snap>] {
        &self.snaps
    }

    pub(super) fn by_name(&self, name: SnapName) -> Option<&Arc<Snap>> {
        self.by_name.get(&name).map(|number| &self.snaps[*number])
    }

    pub(super) fn by_id(&self, id: SnapId) -> Option<&Arc<Snap>> {
        self.by_id.get(&id).map(|number| &self.snaps[*number])
    }

    /// The snaps featured at first: those on the most devices.
    pub(super) fn featured(&self) -> Vec<SnapId> {
        let mut snaps: Vec<&Snap> = self.snaps().collect();
        snaps.sort_by_key(|snap| (std::cmp::Reverse(snap.devices()), snap.id()));
        snaps.iter().take(N_FEATURED).map(|snap| snap.id()).collect()
    }
}
