//! What channels held, and when: histories that open, close and overlap.

use crate::resolution::shelves::text;
use crate::resolution::shelves::tick;
use proptest::collection::btree_map;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::sample::select;
use snapwise::snap::Architecture;
use snapwise::snap::Channel;
use snapwise::snap::Package;
use snapwise::snap::Release;
use std::fmt::Debug;

/// What one channel held for one architecture, revisions not yet chosen.
#[derive(Debug, Clone)]
pub(super) struct Lane {
    channel: Channel,
    architecture: Architecture,
    begin: i64,
    /// Which revision; how many ticks until the next; after how many it was closed.
    steps: Vec<(Index, i64, Option<i64>)>,
}

impl Lane {
    pub(super) fn unfold(self, packages: &[Package]) -> Vec<Release> {
        let fitting: Vec<_> =
            packages.iter().filter(|package| package.runs_on(self.architecture)).collect();
        let mut releases: Vec<Release> = Vec::new();
        let mut when = self.begin;
        for (choice, gap, open) in self.steps.iter().filter(|_| !fitting.is_empty()) {
            if let Some(before) = releases.last_mut() {
                let end = before.closed_at.map_or(tick(when), |closed| closed.min(tick(when)));
                before.closed_at = Some(end);
            }
            releases.push(Release {
                channel: self.channel.clone(),
                architecture: self.architecture,
                revision: choice.get(&fitting).revision,
                released_at: tick(when),
                closed_at: open.map(|open| tick(when + open)),
            });
            when += gap;
        }
        releases
    }
}

/// Lanes, no two of the same channel and architecture.
pub(super) fn lanes() -> impl Strategy<Value = Vec<Lane>> {
    let track = prop_oneof![4 => Just("latest"), 1 => Just("1.x"), 2 => Just("2.x")];
    let risk = select(vec!["stable", "stable", "candidate", "beta", "edge"]);
    let branch = prop_oneof![3 => Just(""), 1 => Just("/fix"), 1 => Just("/hot")];
    let channel = (track, risk, branch)
        .prop_map(|(track, risk, branch)| text::<Channel>(&format!("{track}/{risk}{branch}")));
    let architecture = select(vec!["amd64", "amd64", "arm64", "all"]).prop_map(text);
    let step = (any::<Index>(), 1..4_i64, option::weighted(0.35, 0..6_i64));
    let held = (0..8_i64, vec(step, 1..5));
    btree_map((channel, architecture), held, 0..11).prop_map(|lanes| {
        let lane = |((channel, architecture), (begin, steps))| Lane {
            channel,
            architecture,
            begin,
            steps,
        };
        lanes.into_iter().map(lane).collect()
    })
}
