//! The catalogue and how a snap is found in it.

use crate::catalogue::Generation;
use crate::catalogue::LaneKey;
use crate::catalogue::PackageRecord;
use crate::catalogue::Shelved;
use crate::catalogue::symbols::Symbols;
use crate::snap::Architecture;
use crate::snap::ChannelName;
use crate::snap::Epoch;
use crate::snap::SnapId;
use crate::snap::SnapName;
use crate::snap::StoreId;
use foldhash::fast::RandomState;
use std::collections::BTreeSet;
use std::collections::HashMap;
use std::sync::Arc;

/// One snap of a catalogue: its place in the order of snap-ids. It means nothing in another catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SnapIndex(pub(super) u32);

impl SnapIndex {
    /// The place, from 0.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// Every snap, immutable, as of one generation.
#[derive(Debug)]
pub struct Catalogue {
    pub(super) generation: Generation,
    pub(super) symbols: Symbols,
    pub(super) snaps: Vec<Arc<Shelved>>,
    pub(super) by_id: HashMap<SnapId, SnapIndex, RandomState>,
    pub(super) by_name: HashMap<SnapName, SnapIndex, RandomState>,
    pub(super) stores: BTreeSet<StoreId>,
}

impl Catalogue {
    /// The publication it shows.
    pub fn generation(&self) -> Generation {
        self.generation
    }

    /// How many snaps there are.
    pub fn n_snaps(&self) -> usize {
        self.snaps.len()
    }

    /// Every snap, in the order of their indexes.
    pub fn snaps(&self) -> impl ExactSizeIterator<Item = &Shelved> {
        self.snaps.iter().map(Arc::as_ref)
    }

    /// The index of the snap at a place in their order, if there are so many.
    pub fn index_of(&self, place: usize) -> Option<SnapIndex> {
        let place = u32::try_from(place).ok().filter(|_| place < self.snaps.len());
        place.map(SnapIndex)
    }

    /// The snap at a place.
    pub fn snap(&self, index: SnapIndex) -> &Shelved {
        &self.snaps[index.index()]
    }

    /// The place of the snap with that id.
    pub fn find(&self, id: &SnapId) -> Option<SnapIndex> {
        self.by_id.get(id).copied()
    }

    /// The place of the snap with the id that the text is; what is no id is no snap's.
    pub fn find_sent(&self, id: &str) -> Option<SnapIndex> {
        let bytes: &[u8; 32] = id.as_bytes().try_into().ok()?;
        self.by_id.get(bytes).copied()
    }

    /// The place of the snap with that name.
    pub fn find_named(&self, name: &SnapName) -> Option<SnapIndex> {
        self.by_name.get(name).copied()
    }

    /// Whether any snap is kept for that store.
    pub fn knows_store(&self, store: &StoreId) -> bool {
        store.as_str() == StoreId::PUBLIC || self.stores.contains(store)
    }

    /// The channel of that name, if any snap has or had one of its track and branch.
    pub fn lane(&self, name: ChannelName<'_>) -> Option<LaneKey> {
        self.symbols.find_lane(name)
    }

    /// The name of a channel.
    pub fn channel_name(&self, lane: LaneKey) -> ChannelName<'_> {
        self.symbols.channel_name(lane)
    }

    /// The number of an architecture, if anything was ever released for it.
    pub fn architecture(&self, architecture: Architecture) -> Option<u32> {
        self.symbols.find_architecture(architecture)
    }

    /// The number of a delta format, if there is any delta of it.
    pub fn delta_format(&self, format: &str) -> Option<u32> {
        self.symbols.find_format(format)
    }

    /// The epoch of a revision.
    pub fn epoch(&self, package: &PackageRecord) -> &Epoch {
        self.symbols.epoch_of(package.epoch)
    }

    /// Whether a revision runs on that architecture.
    pub fn runs_on(&self, package: &PackageRecord, architecture: Architecture) -> bool {
        let set = self.symbols.architectures_of(package.architectures);
        set.iter().any(|own| own.is_all() || *own == architecture)
    }
}
