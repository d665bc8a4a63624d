//! Which revision of a snap is shown to whom.

use crate::catalogue::Catalogue;
use crate::catalogue::LaneKey;
use crate::catalogue::PackageIndex;
use crate::catalogue::Shelved;
use crate::snap::Architecture;
use crate::snap::ChannelName;
use crate::snap::Instant;

/// Where the revision that is shown is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Where<'n> {
    /// In this channel, and as for an install in ever safer ones of its track when it is closed (contract 5.3).
    Channel(ChannelName<'n>),
    /// In the most stable channel that is open.
    Anywhere,
}

/// What a caller sees of snaps: what an install would give to it.
#[derive(Debug, Clone, Copy)]
pub struct Window<'c> {
    catalogue: &'c Catalogue,
    /// Every architecture, or one by its number, if anything is known of it.
    architecture: Option<Option<u32>>,
    /// Whether snaps are shown in their default track where no other is named (contract 5.4).
    default_tracks: bool,
    place: Where<'c>,
    /// The channel as a lane, if there is any of that name.
    lane: Option<LaneKey>,
    now: Instant,
}

/// What is shown of a snap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    /// Which of its revisions.
    pub package: PackageIndex,
    /// The channel that gives it out.
    pub channel: LaneKey,
}

impl<'c> Window<'c> {
    /// The window for an architecture, or for any.
    pub fn new(
        catalogue: &'c Catalogue,
        architecture: Option<Architecture>,
        default_tracks: bool,
        place: Where<'c>,
        now: Instant,
    ) -> Self {
        let architecture = architecture.map(|one| catalogue.architecture(one));
        let lane = match place {
            Where::Channel(name) => catalogue.lane(name),
            Where::Anywhere => None,
        };
        Self { catalogue, architecture, default_tracks, place, lane, now }
    }

    /// What is shown of a snap, if there is anything for this caller.
    pub fn shown(&self, snap: &Shelved) -> Option<Shown> {
        let track = snap.default_track.as_ref().filter(|_| self.default_tracks);
        match self.place {
            Where::Channel(name) => {
                let lane = match track.filter(|_| !name.names_track()) {
                    Some(track) => self.catalogue.lane(name.in_track(track)),
                    None => self.lane,
                };
                let lane = lane?;
                if lane.is_branch() {
                    return self.in_lane(snap, lane);
                }
                let mut risks = lane.risk().and_safer();
                risks.find_map(|risk| self.in_lane(snap, lane.at(risk)))
            }
            Where::Anywhere => {
                let track = track.map_or("latest", |track| track.as_str());
                let open = snap.open(self.catalogue, self.now).filter(|(lane, architecture, _)| {
                    !lane.is_branch() && self.serves(*architecture)
                });
                // Of equals the first, in the order the store shows channels in.
                let best = open.min_by_key(|(lane, ..)| {
                    let is_other = self.catalogue.channel_name(*lane).track() != track;
                    (lane.risk(), is_other)
                });
                best.and_then(|(lane, ..)| self.in_lane(snap, lane))
            }
        }
    }

    fn serves(&self, architecture: Architecture) -> bool {
        match self.architecture {
            None => true,
            Some(own) => architecture.is_all() || own == self.catalogue.architecture(architecture),
        }
    }

    /// What a channel gives out; to any architecture the first one that the store shows.
    fn in_lane(&self, snap: &Shelved, lane: LaneKey) -> Option<Shown> {
        let package = match self.architecture {
            Some(own) => snap.holdings(lane, own, self.now).tip()?.package,
            None => {
                let mut open = snap.open(self.catalogue, self.now);
                open.find(|(open, ..)| *open == lane).map(|(.., span)| span.package)?
            }
        };
        Some(Shown { package, channel: lane })
    }
}
