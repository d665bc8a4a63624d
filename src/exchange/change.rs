//! A change to one channel of a listing, by hand.

use crate::snap::Architecture;
use crate::snap::Channel;
use crate::snap::Instant;
use crate::snap::Listing;
use crate::snap::Percentage;
use crate::snap::Progress;
use crate::snap::Progression;
use crate::snap::Release;
use crate::snap::Revision;
use crate::snap::SnapName;
use std::time::Duration;

/// Why a change cannot be made, in words for whoever asked for it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChangeRefusal {
    /// No snap of that name.
    #[error("there is no snap {0}")]
    UnknownSnap(SnapName),
    /// No such revision.
    #[error("{0} has no revision {1}")]
    UnknownRevision(SnapName, Revision),
    /// The revision does not run there.
    #[error("revision {1} of {0} is not built for {2}")]
    NotBuiltFor(SnapName, Revision, Architecture),
    /// Nothing to close.
    #[error("{0} has nothing open in {1}")]
    NothingOpen(SnapName, Channel),
    /// Nothing to close for that architecture.
    #[error("{0} has nothing open in {1} for {2}")]
    NothingOpenFor(SnapName, Channel, Architecture),
    /// Nothing that a part of the devices is given.
    #[error("{0} has no release in {1} that only a part of the devices is given")]
    NothingUnderWay(SnapName, Channel),
    /// What is stored of the snap is damaged.
    #[error("what is stored of {0} cannot be read: {1}")]
    Spoilt(SnapName, String),
}

/// A listing after a change, and the architectures it was made for; none when it was that way already.
pub type Made = Result<(Listing, Vec<Architecture>), ChangeRefusal>;

/// Gives a revision out in a channel, to one architecture or to all it is built for; with a share, to a part of the
/// devices. One that is given out to a part already comes to the new share, or without one to all.
///
/// # Errors
/// When there is no such revision, or it does not run there.
pub fn released(
    mut listing: Listing,
    revision: Revision,
    channel: &Channel,
    architecture: Option<Architecture>,
    share: Option<Progress>,
    now: Instant,
) -> Made {
    let Some(package) = listing.package(revision) else {
        return Err(ChangeRefusal::UnknownRevision(listing.name, revision));
    };
    let mut architectures = match architecture {
        None => package.architectures.clone(),
        Some(one) if package.runs_on(one) => vec![one],
        Some(one) => return Err(ChangeRefusal::NotBuiltFor(listing.name, revision, one)),
    };
    let mut moved = Vec::new();
    architectures.retain(|own| {
        let tip = tip(&listing, channel, *own).filter(|tip| tip.revision == revision);
        let Some((lane, since)) = tip.map(|tip| (tip.architecture, tip.released_at)) else {
            return true;
        };
        let step = share.map_or(ProgressStep::Complete, |to| ProgressStep::To(to.percentage));
        if advance(&mut listing.decisions.progressions, (channel, lane, since), step) {
            moved.push(lane);
        }
        false
    });
    for architecture in &architectures {
        let now = after_everything(&listing, channel, *architecture, now);
        end(&mut listing, channel, |own| own == *architecture, now);
        listing.releases.push(Release {
            channel: channel.clone(),
            architecture: *architecture,
            revision,
            released_at: now,
            closed_at: None,
        });
        listing.decisions.progressions.extend(share.map(|progress| Progression {
            channel: channel.clone(),
            architecture: *architecture,
            released_at: now,
            progress,
        }));
    }
    architectures.append(&mut moved);
    Ok((in_order(listing), architectures))
}

/// What becomes of a release that a part of the devices is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProgressStep {
    /// So many are given it. Those who have it keep it.
    To(Percentage),
    /// Nobody new is given it.
    Pause,
    /// It goes on as far as it was.
    Resume,
    /// All are given it.
    Complete,
}

/// Takes a step with what the channel gives out to a part of the devices, of one architecture or of all.
pub(super) fn progressed(
    mut listing: Listing,
    channel: &Channel,
    architecture: Option<Architecture>,
    step: ProgressStep,
) -> Made {
    let is_meant = |release: &&Release| {
        release.is_open()
            && release.channel == *channel
            && architecture.is_none_or(|one| release.architecture == one)
            && listing.decisions.progression_of(release).is_some()
    };
    let under_way = listing.releases.iter().filter(is_meant);
    let under_way: Vec<_> =
        under_way.map(|release| (release.architecture, release.released_at)).collect();
    if under_way.is_empty() {
        return Err(ChangeRefusal::NothingUnderWay(listing.name, channel.clone()));
    }
    let mut moved = Vec::new();
    for (lane, released_at) in under_way {
        if advance(&mut listing.decisions.progressions, (channel, lane, released_at), step) {
            moved.push(lane);
        }
    }
    Ok((in_order(listing), moved))
}

/// Takes a step with one release; whether that changed anything.
fn advance(
    progressions: &mut Vec<Progression>,
    (channel, architecture, released_at): (&Channel, Architecture, Instant),
    step: ProgressStep,
) -> bool {
    let found = progressions.iter().position(|one| {
        (&one.channel, one.architecture, one.released_at) == (channel, architecture, released_at)
    });
    let Some(place) = found else { return false };
    let before = progressions[place].progress;
    let progress = &mut progressions[place].progress;
    match step {
        ProgressStep::To(percentage) => progress.percentage = percentage,
        ProgressStep::Pause => progress.is_paused = true,
        ProgressStep::Resume => progress.is_paused = false,
        ProgressStep::Complete => {
            progressions.remove(place);
            return true;
        }
    }
    *progress != before
}

/// Gives nothing out any more in a channel, to one architecture or to any.
pub(super) fn closed(
    mut listing: Listing,
    channel: &Channel,
    architecture: Option<Architecture>,
    now: Instant,
) -> Made {
    let is_meant = |own: Architecture| architecture.is_none_or(|one| own == one);
    let ended = end(&mut listing, channel, is_meant, now);
    if !ended.is_empty() {
        return Ok((in_order(listing), ended));
    }
    let (name, channel) = (listing.name, channel.clone());
    Err(match architecture {
        None => ChangeRefusal::NothingOpen(name, channel),
        Some(one) => ChangeRefusal::NothingOpenFor(name, channel, one),
    })
}

/// Whether devices of one architecture may be given what is released for the other.
fn meet(one: Architecture, other: Architecture) -> bool {
    one == other || one.is_all() || other.is_all()
}

fn shared<'l>(
    listing: &'l Listing,
    channel: &Channel,
    architecture: Architecture,
) -> impl Iterator<Item = &'l Release> {
    listing.releases.iter().filter(move |release| {
        release.channel == *channel && meet(release.architecture, architecture)
    })
}

/// What every device of that architecture is given there: of what is open the newest, unless that is for one
/// architecture and all are asked about.
fn tip<'l>(
    listing: &'l Listing,
    channel: &'l Channel,
    architecture: Architecture,
) -> Option<&'l Release> {
    let open = shared(listing, channel, architecture).filter(|release| release.is_open());
    let newest = open.max_by_key(|release| release.released_at)?;
    let is_for_them = newest.architecture == architecture || newest.architecture.is_all();
    is_for_them.then_some(newest)
}

/// Now, or whenever else a release would be the newest there, whatever the clock says.
fn after_everything(
    listing: &Listing,
    channel: &Channel,
    architecture: Architecture,
    now: Instant,
) -> Instant {
    let ends = shared(listing, channel, architecture).map(|release| {
        let next = release.released_at.plus(Duration::from_micros(1));
        release.closed_at.map_or(next, |closed_at| closed_at.max(next))
    });
    ends.fold(now, Instant::max)
}

/// Ends what is open in the channel; gives the architectures it was open for.
fn end(
    listing: &mut Listing,
    channel: &Channel,
    is_meant: impl Fn(Architecture) -> bool,
    now: Instant,
) -> Vec<Architecture> {
    let open = listing.releases.iter_mut().filter(|release| {
        release.is_open() && release.channel == *channel && is_meant(release.architecture)
    });
    open.map(|release| {
        release.closed_at = Some(now.max(release.released_at));
        release.architecture
    })
    .collect()
}

fn in_order(listing: Listing) -> Listing {
    listing.checked().expect("a change at the end of a lane leaves the history whole")
}
