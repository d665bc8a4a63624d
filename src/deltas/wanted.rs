//! Which deltas of a snap are missing. Dry.

use crate::blobs::Digested;
use crate::snap::Listing;
use crate::snap::Package;
use crate::snap::Release;
use crate::snap::Revision;
use crate::snap::Sha3;
use std::collections::BTreeSet;

/// A delta that is to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) source: (Revision, Digested),
    pub(super) target: (Revision, Digested),
}

/// The deltas of that format that are missing: to what each channel gives out now, from what it gave out before. Only
/// of files that are held.
pub(super) fn wanted(listing: &Listing, held: &BTreeSet<Sha3>, format: &str) -> Vec<Wanted> {
    let mut wanted: Vec<Wanted> = Vec::new();
    for lane in listing.releases.chunk_by(Release::shares_lane) {
        let Some((tip, earlier)) = lane.split_last() else { continue };
        let before = earlier.iter().rev().find(|release| release.revision != tip.revision);
        let Some(before) = before.filter(|_| tip.is_open()) else { continue };
        let file = |revision| listing.package(revision).and_then(|package| of(package, held));
        let (Some(source), Some(target)) = (file(before.revision), file(tip.revision)) else {
            continue;
        };
        let next = Wanted { source, target };
        let is_known = listing.deltas.iter().any(|delta| {
            (delta.source, delta.target, delta.format.as_str())
                == (before.revision, tip.revision, format)
        });
        if !is_known && !wanted.contains(&next) {
            wanted.push(next);
        }
    }
    wanted
}

fn of(package: &Package, held: &BTreeSet<Sha3>) -> Option<(Revision, Digested)> {
    let file = &package.download;
    let digested = Digested { sha3_384: file.sha3_384, size: file.size };
    held.contains(&file.sha3_384).then_some((package.revision, digested))
}
