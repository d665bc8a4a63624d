//! Random decisions of operators about a random snap.

use crate::resolution::shelves::text;
use crate::resolution::shelves::tick;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::sample::select;
use snapwise::snap::Architecture;
use snapwise::snap::Blocked;
use snapwise::snap::Channel;
use snapwise::snap::Decisions;
use snapwise::snap::Override;
use snapwise::snap::Package;
use snapwise::snap::Progress;
use snapwise::snap::Progression;
use snapwise::snap::Release;

/// Decisions that are yet to be about something.
#[derive(Debug, Clone, Default)]
pub(super) struct Decided {
    /// A release's channel or this one; whom for; to what; when.
    overrides: Vec<(Option<Index>, Channel, Architecture, Index, i64)>,
    blocked: Vec<Index>,
    progressions: Vec<(Index, Progress)>,
}

/// Nothing, half of the time.
pub(super) fn decided() -> impl Strategy<Value = Decided> {
    let channel = select(vec!["latest/stable", "edge", "1.x/beta", "2.x/stable", "edge/fix"]);
    let channel = channel.prop_map(text::<Channel>);
    let architecture = select(vec!["amd64", "arm64", "all", "all"]).prop_map(text::<Architecture>);
    let aimed = option::weighted(0.8, any::<Index>());
    let overrides = vec((aimed, channel, architecture, any::<Index>(), 0..30_i64), 0..4);
    let percentage = select(vec!["0", "10", "50", "90", "100"]).prop_map(text);
    let is_paused = prop_oneof![3 => Just(false), 1 => Just(true)];
    let progress = (percentage, is_paused, 0..9_i64)
        .prop_map(|(percentage, is_paused, salt)| Progress { percentage, is_paused, salt });
    let progressions = vec((any::<Index>(), progress), 0..5);
    let some = (overrides, vec(any::<Index>(), 0..3), progressions);
    let some = some.prop_map(|(overrides, blocked, progressions)| Decided {
        overrides,
        blocked,
        progressions,
    });
    prop_oneof![Just(Decided::default()), some]
}

impl Decided {
    /// The decisions, about what is there.
    pub(super) fn about(self, packages: &[Package], releases: &[Release]) -> Decisions {
        let mut decisions = Decisions::default();
        for (aim, channel, architecture, package, day) in self.overrides {
            let aimed = aim.filter(|_| !releases.is_empty()).map(|aim| aim.get(releases));
            let channel = aimed.map_or(channel, |release| release.channel.clone());
            let known = &decisions.overrides;
            if known.iter().any(|one| one.channel == channel && one.architecture == architecture) {
                continue;
            }
            let (revision, decided_at) = (package.get(packages).revision, tick(day));
            decisions.overrides.push(Override { channel, architecture, revision, decided_at });
        }
        for package in self.blocked {
            let revision = package.get(packages).revision;
            if decisions.blocked.iter().all(|one| one.revision != revision) {
                decisions.blocked.push(Blocked { revision, decided_at: tick(0) });
            }
        }
        for (release, progress) in self.progressions {
            if releases.is_empty() {
                continue;
            }
            let Release { channel, architecture, released_at, .. } = release.get(releases).clone();
            let progression = Progression { channel, architecture, released_at, progress };
            let is_same =
                |one: &Progression| Progression { progress, ..one.clone() } == progression;
            if !decisions.progressions.iter().any(is_same) {
                decisions.progressions.push(progression);
            }
        }
        decisions
    }
}
