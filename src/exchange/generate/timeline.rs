//! The invented past of a snap: builds, one revision for each architecture, and their way from edge to stable.

use crate::exchange::generate::END_S;
use crate::exchange::generate::at;
use crate::exchange::generate::dice::Dice;
use crate::exchange::generate::file;
use crate::exchange::generate::package::Habits;
use crate::exchange::generate::package::package;
use crate::exchange::generate::sure;
use crate::snap::Architecture;
use crate::snap::Channel;
use crate::snap::Delta;
use crate::snap::Epoch;
use crate::snap::Listing;
use crate::snap::Package;
use crate::snap::Release;
use crate::snap::Revision;
use crate::snap::Risk;
use crate::snap::Track;

const DAY_S: u64 = 86_400;

/// 2018-01-01T00:00:00Z, when the past begins.
const BEGIN_S: u64 = 1_514_764_800;

/// Gives a snap its revisions, what every channel held, and deltas to the newest.
pub(super) fn unfold(mut listing: Listing, dice: &mut Dice) -> Listing {
    let habits = Habits::invent(dice);
    let begin = dice.between(BEGIN_S, END_S - 200 * DAY_S);
    let mut revision = dice.weighted(&[(600, 0), (300, 40), (100, 900)]) + dice.below(12);
    let mut tracks: Vec<(Track, u64)> = Vec::new();
    for (share, track) in [(1_000, "latest"), (260, "1.x"), (120, "2.0")] {
        if dice.per_mille(share) {
            tracks.push((sure(track), if track == "latest" { dice.between(1, 5) } else { 1 }));
        }
    }
    if tracks.len() > 1 && dice.per_mille(400) {
        listing.default_track = tracks.last().map(|(track, _)| track.clone());
    }
    let n_builds: u64 = tracks.iter().map(|(_, n)| n).sum();
    // Builds come one after the other, and each is through with its way before the next begins.
    let span = (END_S - begin) / n_builds;
    let mut when = begin;
    for (track, n) in &tracks {
        for build in 0..*n {
            let begin = when + dice.below(span / 3 + 1);
            when += span;
            let is_last = build + 1 == *n;
            let mut step = Build { track, number: build, begin, end: when, revision, is_last };
            step.unfold(&mut listing, &habits, dice);
            revision = step.revision;
        }
    }
    listing
}

/// One version, built for every architecture.
struct Build<'t> {
    track: &'t Track,
    number: u64,
    begin: u64,
    end: u64,
    /// The last revision that was given away.
    revision: u64,
    is_last: bool,
}

impl Build<'_> {
    fn unfold(&mut self, listing: &mut Listing, habits: &Habits, dice: &mut Dice) {
        // How far it gets: the first one all the way, the newest often not.
        let safest = match (self.number, self.is_last) {
            (0, _) => Risk::Stable,
            (_, true) => dice.weighted(&[
                (350, Risk::Edge),
                (200, Risk::Beta),
                (150, Risk::Candidate),
                (300, Risk::Stable),
            ]),
            (_, false) => dice.weighted(&[(200, Risk::Beta), (800, Risk::Stable)]),
        };
        let version = format!("{}.{}.{}", dice.below(4), self.number + 1, dice.below(20));
        let delays: Vec<u64> = Risk::ALL.iter().map(|_| dice.between(60, DAY_S)).collect();
        for architecture in &habits.architectures {
            self.revision += 1;
            let revision = Revision::new(i64::try_from(self.revision).unwrap_or(1)).expect("small");
            let begin = self.begin + dice.below(3_600);
            let package = package(listing, habits, *architecture, revision, &version, dice);
            let epoch =
                if habits.steps_epoch && self.number > 0 { sure("1*") } else { Epoch::ZERO };
            listing.packages.push(Package { created_at: Some(at(begin)), epoch, ..package });
            self.add_delta(listing, habits, revision, dice);
            let mut when = begin;
            // From edge to stable, some time at each.
            for risk in habits.risks.iter().rev().filter(|risk| **risk >= safest) {
                let wait = (self.end - self.begin) / 12;
                when += (delays[*risk as usize] + dice.below(600)).min(wait.max(1));
                let channel = Channel { track: self.track.clone(), risk: *risk, branch: None };
                give_out(listing, channel, *architecture, revision, when);
            }
            if self.is_last && dice.per_mille(12) {
                let branch = sure(&format!("fix-{}", dice.below(900)));
                let channel =
                    Channel { track: self.track.clone(), risk: Risk::Edge, branch: Some(branch) };
                give_out(listing, channel, *architecture, revision, when);
                if dice.per_mille(500) {
                    let closed = listing.releases.last_mut().expect("it was just added");
                    closed.closed_at = Some(at(when + 1));
                }
            }
        }
    }

    /// A delta from the build before, for the newest one.
    fn add_delta(&self, listing: &mut Listing, habits: &Habits, target: Revision, dice: &mut Dice) {
        let n_before = habits.architectures.len();
        if !self.is_last || self.number == 0 || !self.track.is_latest() {
            return;
        }
        let source = listing.packages[listing.packages.len() - 1 - n_before].revision;
        let name = format!("{source}_{target}_xdelta3.delta");
        let size_bytes = habits.size_bytes / dice.between(5, 40) + 1;
        let download = file(listing.id, &name, size_bytes, dice);
        listing.deltas.push(Delta { format: sure("xdelta3"), source, target, download });
    }
}

/// Releases a revision; what the channel held before ends there.
fn give_out(
    listing: &mut Listing,
    channel: Channel,
    architecture: Architecture,
    revision: Revision,
    when: u64,
) {
    let released_at = at(when);
    let release = Release { channel, architecture, revision, released_at, closed_at: None };
    for before in listing.releases.iter_mut().filter(|before| before.shares_lane(&release)) {
        before.closed_at = before.closed_at.or(Some(released_at));
    }
    listing.releases.push(release);
}
