//! What operators decided about a snap, laid out for lookups.

use crate::catalogue::LaneKey;
use crate::catalogue::PackageIndex;
use crate::catalogue::Span;
use crate::snap::Progress;
use crate::snap::Revision;
use crate::snap::SnapId;

/// Who asks, as far as progressive releases tell devices apart.
#[derive(Debug, Clone, Copy)]
pub struct Asker<'a> {
    /// What the device is known by.
    pub key: &'a str,
    /// What it has installed of the snap.
    pub installed: Option<Revision>,
}

/// A channel that gives out what an operator chose, to one architecture or to all.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Pin {
    pub(super) key: LaneKey,
    pub(super) architecture: u32,
    pub(super) span: Span,
}

/// The decisions about one snap. Nearly every snap has none, and then nothing of this is looked at.
#[derive(Debug, PartialEq)]
pub(super) struct Decided {
    /// Of revisions that are not blocked and run where they are given out.
    pub(super) pins: Box<[Pin]>,
    pub(super) blocked: Box<[PackageIndex]>,
    /// Known to the spans by their place here, from 1.
    pub(super) progressions: Box<[Progress]>,
}

impl Decided {
    /// What an operator chose for a channel and exactly that architecture.
    pub(super) fn pin(&self, key: LaneKey, architecture: u32) -> Option<&Span> {
        let mut pins = self.pins.iter();
        pins.find(|pin| pin.key == key && pin.architecture == architecture).map(|pin| &pin.span)
    }

    /// Whether an operator ever chose the revision for a channel.
    pub(super) fn is_chosen(&self, package: PackageIndex) -> bool {
        self.pins.iter().any(|pin| pin.span.package == package)
    }

    pub(super) fn is_blocked(&self, package: PackageIndex) -> bool {
        // In the order of the revisions.
        self.blocked.binary_search(&package).is_ok()
    }

    /// Whether a release of that revision has come to the device, or the device to it: what it has, or has gone
    /// beyond, it keeps.
    pub(super) fn reaches(
        &self,
        snap: &SnapId,
        (span, revision): (&Span, Revision),
        asker: &Asker<'_>,
    ) -> bool {
        let place = usize::try_from(span.progression).ok().and_then(|place| place.checked_sub(1));
        let Some(progress) = place.and_then(|place| self.progressions.get(place)) else {
            return true;
        };
        asker.installed >= Some(revision)
            || !progress.is_paused && progress.reaches(snap, asker.key)
    }
}
