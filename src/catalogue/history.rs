//! What a channel held, and when.

use crate::catalogue::PackageIndex;
use crate::snap::Instant;

/// A revision was given out over a span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Which of the snap's revisions.
    pub package: PackageIndex,
    /// Since when.
    pub released_at: Instant,
    /// Until when; `None` while it is given out.
    pub closed_at: Option<Instant>,
}

impl Span {
    pub(super) fn is_open(&self, at: Instant) -> bool {
        self.released_at <= at && self.closed_at.is_none_or(|closed_at| at < closed_at)
    }
}

/// What a channel held for one architecture, as seen at one instant: the releases made for it and those made for
/// `all` (contract 5.8).
#[derive(Debug, Clone, Copy)]
pub struct Holdings<'c> {
    pub(super) own: &'c [Span],
    pub(super) all: &'c [Span],
    pub(super) at: Instant,
}

impl<'c> Holdings<'c> {
    /// What it gives out: of the open releases the one made last. `None` when it is closed.
    pub fn tip(&self) -> Option<&'c Span> {
        let at = self.at;
        let open = |spans: &'c [Span]| spans.iter().rev().find(|span| span.is_open(at));
        match (open(self.own), open(self.all)) {
            (Some(own), Some(all)) => {
                Some(if own.released_at >= all.released_at { own } else { all })
            }
            (own, all) => own.or(all),
        }
    }

    /// Everything it ever gave out: what was made for all, then what was made for the architecture, which goes first
    /// where the two are of the same instant.
    pub fn ever(&self) -> impl Iterator<Item = &'c Span> {
        let at = self.at;
        self.all.iter().chain(self.own).filter(move |span| span.released_at <= at)
    }
}
