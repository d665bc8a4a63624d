//! What operators decided about a snap, whatever its publisher released.

use crate::snap::Architecture;
use crate::snap::Channel;
use crate::snap::Instant;
use crate::snap::Invalid;
use crate::snap::Progression;
use crate::snap::Release;
use crate::snap::Revision;

/// A channel gives out a revision that an operator chose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// The channel.
    pub channel: Channel,
    /// Whom for; `all` is for every device without an override of its own architecture.
    pub architecture: Architecture,
    /// What it gives out.
    pub revision: Revision,
    /// Since when.
    pub decided_at: Instant,
}

/// A revision that nobody is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blocked {
    /// Which.
    pub revision: Revision,
    /// Since when.
    pub decided_at: Instant,
}

/// Everything operators decided about a snap; nothing, for nearly every snap.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decisions {
    /// Ordered by channel and architecture.
    pub overrides: Vec<Override>,
    /// Least first.
    pub blocked: Vec<Blocked>,
    /// Ordered by channel, architecture and time.
    pub progressions: Vec<Progression>,
}

impl Decisions {
    /// Whether nothing was decided.
    pub fn is_empty(&self) -> bool {
        self.overrides.is_empty() && self.blocked.is_empty() && self.progressions.is_empty()
    }

    /// Whether a revision is given to nobody.
    pub fn is_blocked(&self, revision: Revision) -> bool {
        self.blocked.binary_search_by_key(&revision, |blocked| blocked.revision).is_ok()
    }

    /// The place of a release's progression in the list of them; nothing for a release to all.
    pub fn progression_of(&self, release: &Release) -> Option<usize> {
        let key = release_key(release);
        self.progressions.binary_search_by(|one| one.key().cmp(&key)).ok()
    }

    /// Puts every list into its order and checks that each entry is the only one of its kind and about something that
    /// is there. The releases are in their order.
    pub(super) fn check(
        &mut self,
        is_revision: impl Fn(Revision) -> bool,
        releases: &[Release],
    ) -> Result<(), Invalid> {
        let no = |what, rule| Err(Invalid::new(what, rule));
        self.overrides.sort_by(|one, other| {
            (&one.channel, one.architecture).cmp(&(&other.channel, other.architecture))
        });
        self.blocked.sort_by_key(|blocked| blocked.revision);
        self.progressions.sort_by(|one, other| one.key().cmp(&other.key()));
        let is_same = |one: &Override, other: &Override| {
            one.channel == other.channel && one.architecture == other.architecture
        };
        if self.overrides.windows(2).any(|pair| is_same(&pair[0], &pair[1])) {
            return no("override", "one for a channel and an architecture");
        }
        if !self.overrides.iter().all(|one| is_revision(one.revision)) {
            return no("override", "to a revision whose record is there");
        }
        if self.blocked.windows(2).any(|pair| pair[0].revision == pair[1].revision) {
            return no("list of blocked revisions", "each revision once");
        }
        if !self.blocked.iter().all(|blocked| is_revision(blocked.revision)) {
            return no("blocked revision", "one whose record is there");
        }
        if self.progressions.windows(2).any(|pair| pair[0].key() == pair[1].key()) {
            return no("progression", "one for a release");
        }
        let is_release = |one: &Progression| {
            releases.binary_search_by(|release| release_key(release).cmp(&one.key())).is_ok()
        };
        if !self.progressions.iter().all(is_release) {
            return no("progression", "of a release that is there");
        }
        Ok(())
    }
}

fn release_key(release: &Release) -> (&Channel, Architecture, Instant) {
    (&release.channel, release.architecture, release.released_at)
}
