//! One snap in the catalogue.

use crate::catalogue::Asker;
use crate::catalogue::Catalogue;
use crate::catalogue::Holdings;
use crate::catalogue::LaneKey;
use crate::catalogue::Span;
use crate::catalogue::decided::Decided;
use crate::device::Viewer;
use crate::snap::Architecture;
use crate::snap::Instant;
use crate::snap::Label;
use crate::snap::Revision;
use crate::snap::SnapId;
use crate::snap::SnapName;
use crate::snap::StoreId;
use crate::snap::Track;

/// One of a snap's revisions: its place in the list of them, least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackageIndex(pub(super) u32);

impl PackageIndex {
    /// The place, from 0.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// What resolution needs to know of a revision.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PackageRecord {
    /// Its number.
    pub revision: Revision,
    pub(super) epoch: u32,
    pub(super) architectures: u32,
}

/// A channel of the snap for one architecture: a stretch of its history.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Lane {
    pub(super) key: LaneKey,
    pub(super) architecture: u32,
    pub(super) from: u32,
    pub(super) to: u32,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct DeltaRecord {
    pub(super) target: PackageIndex,
    pub(super) source: Revision,
    pub(super) format: u32,
}

/// One snap: who may see it, its revisions, its channels.
#[derive(Debug, PartialEq)]
pub struct Shelved {
    /// The store's key of it.
    pub id: SnapId,
    /// The name people install it by.
    pub name: SnapName,
    /// The track installs without a track go to; never `latest`, which needs no redirection.
    pub default_track: Option<Track>,
    pub(super) private: bool,
    /// The accounts that a private snap is shown to, its publisher's first.
    pub(super) accounts: Box<[Label]>,
    pub(super) stores: Box<[StoreId]>,
    pub(super) packages: Box<[PackageRecord]>,
    /// In the order the store shows channels in (contract 10.1).
    pub(super) lanes: Box<[Lane]>,
    pub(super) history: Box<[Span]>,
    pub(super) deltas: Box<[DeltaRecord]>,
    /// Whether every revision is in the same epoch, as in nearly every snap: then the tip is the answer.
    pub(super) has_one_epoch: bool,
    pub(super) decided: Option<Box<Decided>>,
}

impl Shelved {
    /// Whether the viewer may know of it. This alone decides it, on every route; what may not be known of is told of
    /// in the words for what is not there.
    pub fn is_visible_to(&self, viewer: &Viewer) -> bool {
        let in_store = || self.stores.iter().any(|kept| kept.as_str() == viewer.store());
        let is_let_in = || viewer.is_let_in(&self.id, &self.accounts);
        (self.stores.is_empty() || in_store()) && (!self.private || is_let_in())
    }

    /// Whether only those it was shared with may see it.
    pub fn is_private(&self) -> bool {
        self.private
    }

    /// The record of a revision.
    pub fn package(&self, package: PackageIndex) -> &PackageRecord {
        &self.packages[package.index()]
    }

    /// The revision of that number.
    pub fn find(&self, revision: Revision) -> Option<PackageIndex> {
        let found = self.packages.binary_search_by_key(&revision, |record| record.revision);
        found.ok().and_then(|index| u32::try_from(index).ok()).map(PackageIndex)
    }

    /// Whether a revision was released to any channel by that instant, or chosen for one; one that was not is nobody's
    /// business (contract 5.7), and neither is one that is blocked.
    pub fn was_released(&self, package: PackageIndex, by: Instant) -> bool {
        let was = |span: &Span| span.package == package && span.released_at <= by;
        !self.is_blocked(package)
            && (self.history.iter().any(was)
                || self.decided.as_ref().is_some_and(|decided| decided.is_chosen(package)))
    }

    /// Whether operators let nobody have a revision, by whatever way.
    pub fn is_blocked(&self, package: PackageIndex) -> bool {
        self.decided.as_ref().is_some_and(|decided| decided.is_blocked(package))
    }

    /// Whether a release is given to whoever asks; without an asker, to anybody.
    pub(super) fn gives(&self, span: &Span, asker: Option<&Asker<'_>>) -> bool {
        let Some(decided) = &self.decided else { return true };
        let revision = self.package(span.package).revision;
        !decided.is_blocked(span.package)
            && asker.is_none_or(|asker| decided.reaches(&self.id, (span, revision), asker))
    }

    fn pin(&self, lane: LaneKey, architecture: u32) -> Option<&Span> {
        self.decided.as_ref().and_then(|decided| decided.pin(lane, architecture))
    }

    /// Whether all its revisions are in the same epoch.
    pub fn has_one_epoch(&self) -> bool {
        self.has_one_epoch
    }

    /// What a channel held for an architecture, as seen at an instant.
    pub fn holdings(&self, lane: LaneKey, architecture: Option<u32>, at: Instant) -> Holdings<'_> {
        let (mut own, mut all): (&[Span], &[Span]) = (&[], &[]);
        for found in self.lanes.iter().filter(|found| found.key == lane) {
            if found.architecture == 0 {
                all = self.spans(found);
            } else if Some(found.architecture) == architecture {
                own = self.spans(found);
            }
        }
        let pin = architecture.and_then(|own| self.pin(lane, own)).or_else(|| self.pin(lane, 0));
        Holdings { snap: self, own, all, pin, at, asker: None }
    }

    /// Every channel open at an instant and the architecture it is open for, in the order the store shows them.
    pub fn open<'c>(
        &'c self,
        catalogue: &'c Catalogue,
        at: Instant,
    ) -> impl Iterator<Item = (LaneKey, Architecture, &'c Span)> {
        self.lanes.iter().filter_map(move |lane| {
            let (own, pin) = (self.spans(lane), self.pin(lane.key, lane.architecture));
            let holdings = Holdings { snap: self, own, all: &[], pin, at, asker: None };
            let architecture = catalogue.symbols.architecture_of(lane.architecture);
            Some((lane.key, architecture, holdings.tip()?))
        })
    }

    /// Every channel open at an instant for an architecture or for all of them, in the order the store shows them.
    pub fn open_to(&self, architecture: Option<u32>, at: Instant) -> impl Iterator<Item = LaneKey> {
        let serves =
            move |lane: &&Lane| lane.architecture == 0 || Some(lane.architecture) == architecture;
        let is_open =
            move |lane: &&Lane| self.spans(lane).iter().rev().any(|span| span.is_open(at));
        self.lanes.iter().filter(serves).filter(is_open).map(|lane| lane.key)
    }

    /// Whether there are deltas between any of its revisions.
    pub fn has_deltas(&self) -> bool {
        !self.deltas.is_empty()
    }

    /// The place of a delta in the snap's list of them.
    pub fn delta(&self, source: Revision, target: PackageIndex, format: u32) -> Option<usize> {
        self.deltas.iter().position(|delta| {
            (delta.source, delta.target, delta.format) == (source, target, format)
        })
    }

    fn spans(&self, lane: &Lane) -> &[Span] {
        &self.history[lane.from as usize..lane.to as usize]
    }
}
