//! What is to be mirrored.

use crate::snap::Architecture;
use crate::snap::Channel;
use crate::snap::ChannelName;
use crate::snap::Invalid;
use crate::snap::Listing;
use crate::snap::Release;
use crate::snap::Revision;
use std::collections::BTreeSet;
use std::str::FromStr;

/// A channel as somebody installs from it. One that names no track is in the snap's default track for devices that
/// follow it (contract 5.4), and in `latest` for all others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    channel: Channel,
    names_track: bool,
}

impl Wanted {
    /// The channels of that snap that it can be.
    fn of(&self, listing: &Listing) -> impl Iterator<Item = Channel> {
        let default_track = listing.default_track.as_ref().filter(|_| !self.names_track);
        let redirected =
            default_track.map(|track| Channel { track: track.clone(), ..self.channel.clone() });
        [self.channel.clone()].into_iter().chain(redirected)
    }
}

impl FromStr for Wanted {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let names_track = ChannelName::parse(text)?.names_track();
        Ok(Self { channel: text.parse()?, names_track })
    }
}

/// What is wanted of a snap.
#[derive(Debug, Clone)]
pub struct Order {
    /// The channels; a closed one is served from a safer risk.
    pub channels: Vec<Wanted>,
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
        for channel in self.channels.iter().flat_map(|wanted| wanted.of(listing)) {
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
                    release.channel == channel
                        || release.channel.branch.is_none() && release.channel.risk <= channel.risk
                });
                let nearest = serves.max_by_key(|release| {
                    let is_it = release.channel == channel;
                    (is_it, release.channel.risk, release.released_at)
                });
                wanted.extend(nearest.map(|release| release.revision));
            }
        }
        wanted
    }
}
