//! Which revision of a snap is shown to whom.

use crate::catalogue::Catalogue;
use crate::catalogue::LaneKey;
use crate::catalogue::PackageIndex;
use crate::catalogue::Shelved;
use crate::snap::Architecture;
use crate::snap::ChannelName;
use crate::snap::Instant;
use crate::snap::Risk;

/// Where the revision that is shown is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Where<'n> {
    /// In this channel, and as for an install in ever safer ones of its track when it is closed (contract 5.3).
    Channel(ChannelName<'n>),
    /// In the most stable channel that is open.
    Anywhere,
}

/// On what the revision that is shown must run.
#[derive(Debug, Clone, Copy)]
enum Machine {
    /// On anything.
    Any,
    /// On the architecture of that number; on one without a number runs only what runs everywhere.
    Of(Option<u32>),
}

/// What a caller sees of snaps: what an install would give to it.
#[derive(Debug, Clone, Copy)]
pub struct Window<'c> {
    catalogue: &'c Catalogue,
    machine: Machine,
    /// Whether snaps are shown in their default track where no other is named (contract 5.4).
    default_tracks: bool,
    place: Where<'c>,
    /// The channel as a lane, if there is any of that name; `latest/stable` where none is meant.
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
        let machine =
            architecture.map_or(Machine::Any, |one| Machine::Of(catalogue.architecture(one)));
        let lane = match place {
            Where::Channel(name) => catalogue.lane(name),
            Where::Anywhere => catalogue.lane(ChannelName::STABLE),
        };
        Self { catalogue, machine, default_tracks, place, lane, now }
    }

    /// What is shown of a snap, if there is anything for this caller.
    pub fn shown(&self, snap: &Shelved) -> Option<Shown> {
        let track = snap.default_track.as_ref().filter(|_| self.default_tracks);
        let Where::Channel(name) = self.place else {
            let stable = ChannelName::STABLE;
            let first =
                track.map_or(self.lane, |track| self.catalogue.lane(stable.in_track(track)));
            return self.in_lane(snap, self.most_stable(snap, first)?);
        };
        let lane = match track.filter(|_| !name.names_track()) {
            Some(track) => self.catalogue.lane(name.in_track(track)),
            None => self.lane,
        };
        let lane = lane?;
        if lane.is_branch() {
            return self.in_lane(snap, lane);
        }
        lane.risk().and_safer().find_map(|risk| self.in_lane(snap, lane.at(risk)))
    }

    /// The most stable open channel; of several the one of the track whose stable is `first`, else the first in the
    /// order the store shows channels in.
    fn most_stable(&self, snap: &Shelved, first: Option<LaneKey>) -> Option<LaneKey> {
        let order = |lane: &LaneKey| (lane.risk(), Some(lane.at(Risk::Stable)) != first);
        let is_main = |lane: &LaneKey| !lane.is_branch();
        match self.machine {
            Machine::Of(own) => snap.open_to(own, self.now).filter(is_main).min_by_key(order),
            Machine::Any => {
                let open = snap.open(self.catalogue, self.now).map(|(lane, ..)| lane);
                open.filter(is_main).min_by_key(order)
            }
        }
    }

    /// What a channel gives out; to any architecture the first one that the store shows.
    fn in_lane(&self, snap: &Shelved, lane: LaneKey) -> Option<Shown> {
        let package = match self.machine {
            Machine::Of(own) => snap.holdings(lane, own, self.now).tip()?.package,
            Machine::Any => {
                let mut open = snap.open(self.catalogue, self.now);
                open.find(|(open, ..)| *open == lane).map(|(.., span)| span.package)?
            }
        };
        Some(Shown { package, channel: lane })
    }
}
