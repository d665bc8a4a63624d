//! Lanes: what one channel gives out for one architecture, and how stated releases share them.

use crate::exchange::statement::Fault;
use crate::snap::Architecture;
use crate::snap::Channel;
use crate::snap::Release;
use crate::snap::Revision;
use std::collections::BTreeMap;

/// Adds a stated release. An entry of the channel map and a row of the history may tell of the same one; then
/// the entry, which comes first and is open, holds.
pub(super) fn insert_release(releases: &mut Vec<Release>, release: Release) -> Result<(), Fault> {
    let at_once = |earlier: &&Release| {
        earlier.shares_lane(&release) && earlier.released_at == release.released_at
    };
    match releases.iter().find(at_once) {
        None => releases.push(release),
        Some(earlier) if earlier.revision == release.revision => (),
        Some(_) => return Err(Fault::new("channel", "two revisions are released to it at once")),
    }
    Ok(())
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
