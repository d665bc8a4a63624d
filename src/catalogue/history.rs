//! What a channel held, and when.

use crate::catalogue::Asker;
use crate::catalogue::PackageIndex;
use crate::catalogue::Shelved;
use crate::snap::Instant;

/// A revision was given out over a span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Which of the snap's revisions.
    pub package: PackageIndex,
    /// How far a progressive release has come: a place in the snap's decisions, or 0 for a release to all.
    pub(super) progression: u32,
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
/// `all` (contract 5.8), or what an operator chose in their place. Releases that are blocked or have not come to
/// whoever asks are as if they had not been made.
#[derive(Debug, Clone, Copy)]
pub struct Holdings<'c> {
    pub(super) snap: &'c Shelved,
    pub(super) own: &'c [Span],
    pub(super) all: &'c [Span],
    pub(super) pin: Option<&'c Span>,
    pub(super) at: Instant,
    pub(super) asker: Option<Asker<'c>>,
}

impl<'c> Holdings<'c> {
    /// The same for one device: without the progressive releases that have not come to it.
    #[must_use]
    pub fn to(self, asker: Asker<'c>) -> Self {
        Self { asker: Some(asker), ..self }
    }

    /// What an operator chose, whenever that was and as of whichever instant channels are read.
    pub fn chosen(&self) -> Option<&'c Span> {
        self.pin
    }

    /// What it gives out: what an operator chose, else of the open releases the one made last. In the place of one
    /// that is blocked, or has not come to whoever asks, goes the release before it. `None` when it is closed.
    pub fn tip(&self) -> Option<&'c Span> {
        if self.pin.is_some() {
            return self.pin;
        }
        match (self.last(self.own), self.last(self.all)) {
            (Some(own), Some(all)) => {
                Some(if own.released_at >= all.released_at { own } else { all })
            }
            (own, all) => own.or(all),
        }
    }

    /// Everything it ever gave out: what was made for all, then what was made for the architecture, which goes first
    /// where the two are of the same instant, then what an operator chose.
    pub fn ever(&self) -> impl Iterator<Item = &'c Span> {
        let at = self.at;
        let released = self.all.iter().chain(self.own).filter(move |span| span.released_at <= at);
        released.filter(|span| self.snap.gives(span, self.asker.as_ref())).chain(self.pin)
    }

    fn last(&self, spans: &'c [Span]) -> Option<&'c Span> {
        let open = spans.iter().rposition(|span| span.is_open(self.at))?;
        let mut back = spans[..=open].iter().rev();
        back.find(|span| self.snap.gives(span, self.asker.as_ref()))
    }
}
