//! What is to be mirrored.

use crate::snap::Architecture;
use crate::snap::Channel;
use crate::snap::Listing;
use crate::snap::Release;
use crate::snap::Revision;
use std::collections::BTreeSet;

/// What is wanted of a snap.
#[derive(Debug, Clone)]
pub struct Order {
    /// The channels; a closed one is served from a safer risk.
    pub channels: Vec<Channel>,
    /// The architectures; none for all.
    pub architectures: Vec<Architecture>,
}

impl Order {
    /// The revisions that devices are given in the channels.
    pub(super) fn revisions(&self, listing: &Listing) -> BTreeSet<Revision> {
        let mut wanted = BTreeSet::new();
        let is_for = |release: &&Release| {
            let architecture = release.architecture;
            self.architectures.is_empty()
                || architecture.is_all()
                || self.architectures.contains(&architecture)
        };
        for channel in &self.channels {
            let open: Vec<&Release> = listing
                .releases
                .iter()
                .filter(|release| release.is_open() && release.channel.track == channel.track)
                .filter(is_for)
                .collect();
            let architectures: BTreeSet<_> =
                open.iter().map(|release| release.architecture).collect();
            for architecture in architectures {
                let of_it = open.iter().filter(|release| release.architecture == architecture);
                // As a device falls: the channel, or the next safer risk of its track.
                let serves = of_it.filter(|release| {
                    release.channel == *channel
                        || release.channel.branch.is_none() && release.channel.risk <= channel.risk
                });
                let nearest = serves.max_by_key(|release| {
                    let is_it = release.channel == *channel;
                    (is_it, release.channel.risk, release.released_at)
                });
                wanted.extend(nearest.map(|release| release.revision));
            }
        }
        wanted
    }
}
