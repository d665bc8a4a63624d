//! What a channel holds once operators decided, read a second time: slow and plain, over listings.

use sha2::Digest;
use sha2::Sha256;
use snapwise::snap::Architecture;
use snapwise::snap::Channel;
use snapwise::snap::Instant;
use snapwise::snap::Listing;
use snapwise::snap::Override;
use snapwise::snap::Release;
use std::collections::BTreeSet;

/// A device, as far as progressive releases tell them apart.
#[derive(Debug, Clone)]
pub(super) struct Who {
    pub(super) key: String,
    pub(super) installed: Option<i64>,
}

/// What a channel holds for whoever asks.
pub(super) struct Holds {
    /// What it ever gave out.
    pub(super) ever: Vec<Release>,
    /// What it gives out.
    pub(super) tip: Option<Release>,
    /// Whether an operator chose that.
    pub(super) is_chosen: bool,
}

/// What a channel holds for devices of one architecture; for the one that asks, or for any.
pub(super) fn holds(
    snap: &Listing,
    channel: &str,
    architecture: &str,
    at: Instant,
    who: Option<&Who>,
) -> Holds {
    let lanes = [architecture, "all"];
    let lane = |lane: &str| {
        let past = snap.releases.iter().filter(|release| {
            long_name(&release.channel) == channel
                && release.architecture.as_str() == lane
                && release.released_at <= at
        });
        past.cloned().collect::<Vec<_>>()
    };
    let n_lanes = if architecture == "all" { 1 } else { 2 };
    let each: Vec<Vec<Release>> = lanes[..n_lanes].iter().map(|name| lane(name)).collect();
    let chosen = lanes[..n_lanes].iter().find_map(|name| chosen(snap, channel, name));
    let gives = |release: &Release| is_given(snap, release, who);
    let tips = each.iter().filter_map(|lane| tip_of_lane(lane, at, gives));
    let released = tips.max_by_key(recency);
    let mut ever: Vec<Release> = each.concat();
    ever.retain(gives);
    ever.extend(chosen.clone());
    Holds { ever, is_chosen: chosen.is_some(), tip: chosen.or(released) }
}

/// The channels and architectures that something is given out for, to anybody.
pub(super) fn open_lanes(snap: &Listing, at: Instant) -> BTreeSet<(Channel, Architecture)> {
    let released = snap.releases.iter().map(|one| (one.channel.clone(), one.architecture));
    let chosen = snap.decisions.overrides.iter().map(|one| (one.channel.clone(), one.architecture));
    let all: BTreeSet<_> = released.chain(chosen).collect();
    let is_open = |(channel, architecture): &(Channel, Architecture)| {
        let lane: Vec<Release> = snap
            .releases
            .iter()
            .filter(|one| {
                one.channel == *channel
                    && one.architecture == *architecture
                    && one.released_at <= at
            })
            .cloned()
            .collect();
        chosen_for(snap, &long_name(channel), architecture.as_str()).is_some()
            || tip_of_lane(&lane, at, |release| is_given(snap, release, None)).is_some()
    };
    all.into_iter().filter(is_open).collect()
}

/// Whether an operator lets a channel give out the revision, and it is given out.
pub(super) fn is_chosen(snap: &Listing, revision: i64) -> bool {
    let is_it = |one: &&Override| i64::from(one.revision.number()) == revision;
    snap.decisions.overrides.iter().filter(is_it).any(|one| is_in_force(snap, one))
}

/// Whether nobody is to be given the revision.
pub(super) fn is_blocked(snap: &Listing, revision: i64) -> bool {
    snap.decisions.blocked.iter().any(|one| i64::from(one.revision.number()) == revision)
}

/// Of two releases of the same instant that for the one architecture goes first.
pub(super) fn recency(release: &Release) -> (Instant, bool) {
    (release.released_at, !release.architecture.is_all())
}

pub(super) fn long_name(channel: &Channel) -> String {
    let branch = channel.branch.as_ref().map(|branch| format!("/{branch}"));
    format!("{}/{}{}", channel.track, channel.risk, branch.unwrap_or_default())
}

/// What is open, or the last before it that is given.
fn tip_of_lane(lane: &[Release], at: Instant, gives: impl Fn(&Release) -> bool) -> Option<Release> {
    let is_open = |release: &&Release| release.closed_at.is_none_or(|closed_at| at < closed_at);
    let open = lane.iter().filter(is_open).map(|release| release.released_at).max()?;
    let left = lane.iter().filter(|release| release.released_at <= open && gives(release));
    left.max_by_key(|release| release.released_at).cloned()
}

fn chosen(snap: &Listing, channel: &str, architecture: &str) -> Option<Release> {
    chosen_for(snap, channel, architecture).map(|one| Release {
        channel: one.channel.clone(),
        architecture: one.architecture,
        revision: one.revision,
        released_at: one.decided_at,
        closed_at: None,
    })
}

fn chosen_for<'l>(snap: &'l Listing, channel: &str, architecture: &str) -> Option<&'l Override> {
    snap.decisions.overrides.iter().find(|one| {
        long_name(&one.channel) == channel
            && one.architecture.as_str() == architecture
            && is_in_force(snap, one)
    })
}

fn is_in_force(snap: &Listing, one: &Override) -> bool {
    let package = snap.packages.iter().find(|package| package.revision == one.revision).unwrap();
    let builds = package.architectures.iter().map(Architecture::as_str);
    let runs = builds.into_iter().any(|on| on == "all" || on == one.architecture.as_str());
    runs && !is_blocked(snap, one.revision.number().into())
}

fn is_given(snap: &Listing, release: &Release, who: Option<&Who>) -> bool {
    let revision = i64::from(release.revision.number());
    let is_its = |one: &&snapwise::snap::Progression| {
        one.channel == release.channel
            && one.architecture == release.architecture
            && one.released_at == release.released_at
    };
    let progression = snap.decisions.progressions.iter().find(is_its);
    let has_come = match (progression, who) {
        (Some(progression), Some(who)) => {
            let progress = progression.progress;
            let text = [snap.id.as_str().as_bytes(), who.key.as_bytes()].concat();
            let digest = Sha256::digest([&progress.salt.to_be_bytes()[..], &text].concat());
            // The first eight bytes as a fraction of what eight bytes can say.
            let head = digest[..8].iter().fold(0_u128, |sum, byte| sum * 256 + u128::from(*byte));
            let share = head * 1_000_000 / (1 << 64);
            let is_reached = share < progress.percentage.millionths().into();
            who.installed >= Some(revision) || is_reached && !progress.is_paused
        }
        _ => true,
    };
    has_come && !is_blocked(snap, revision)
}
