//! Lanes: what one channel gives out for one architecture, and how stated releases share them.

use crate::exchange::statement::Fault;
use crate::snap::Architecture;
use crate::snap::Channel;
use crate::snap::Instant;
use crate::snap::Release;
use crate::snap::Revision;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// Stated releases, by channel, architecture and time.
#[derive(Default)]
pub(super) struct Stated(BTreeMap<(Channel, Architecture, Instant), Release>);

impl Stated {
    /// Adds a release. An entry of the channel map and a row of the history may tell of the same one; then the
    /// entry, which comes first and is open, holds.
    pub(super) fn add(&mut self, release: Release) -> Result<(), Fault> {
        let key = (release.channel.clone(), release.architecture, release.released_at);
        match self.0.entry(key) {
            Entry::Vacant(place) => {
                place.insert(release);
                Ok(())
            }
            Entry::Occupied(earlier) if earlier.get().revision == release.revision => Ok(()),
            Entry::Occupied(_) => {
                Err(Fault::new("channel", "two revisions are released to it at once"))
            }
        }
    }

    /// What each revision is released for.
    pub(super) fn architectures(&self) -> BTreeMap<Revision, Vec<Architecture>> {
        let mut architectures: BTreeMap<Revision, Vec<Architecture>> = BTreeMap::new();
        for release in self.0.values() {
            architectures.entry(release.revision).or_default().push(release.architecture);
        }
        architectures
    }

    pub(super) fn into_releases(self) -> Vec<Release> {
        self.0.into_values().collect()
    }
}

/// Gathers the releases of a channel map into the lane `all` where that says the same: an answer of a store
/// tells a revision built for `all` once for each architecture (contract 5.8). Where a channel gives different
/// such revisions to different architectures, the lanes stay apart; so they do where an architecture has an
/// older release of its own, which the newer one for `all` would hide.
pub(super) fn gather(open: Vec<Release>, is_for_all: impl Fn(Revision) -> bool) -> Vec<Release> {
    let mut by_channel: BTreeMap<Channel, Vec<Release>> = BTreeMap::new();
    for release in open {
        by_channel.entry(release.channel.clone()).or_default().push(release);
    }
    by_channel.into_values().flat_map(|releases| gather_channel(releases, &is_for_all)).collect()
}

fn gather_channel(releases: Vec<Release>, is_for_all: impl Fn(Revision) -> bool) -> Vec<Release> {
    let (shared, mut own): (Vec<_>, Vec<_>) =
        releases.iter().cloned().partition(|release| is_for_all(release.revision));
    let Some(last) = shared.iter().max_by_key(|release| release.released_at) else {
        return releases;
    };
    let is_one = shared.iter().all(|release| release.revision == last.revision);
    let hides = own.iter().any(|release| release.released_at < last.released_at);
    if !is_one || hides {
        return releases;
    }
    own.push(Release { architecture: Architecture::ALL, ..last.clone() });
    own
}
