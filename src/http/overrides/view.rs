//! Overrides as JSON.

use crate::db::overrides::Overridden;
use crate::snap::Architecture;
use crate::snap::Channel;
use crate::snap::Instant;
use crate::snap::Revision;
use crate::snap::SnapId;
use crate::snap::SnapName;
use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct View<'o> {
    name: SnapName,
    snap_id: SnapId,
    overrides: Vec<OverrideView<'o>>,
    blocked: Vec<BlockedView>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct OverrideView<'o> {
    channel: &'o Channel,
    architecture: Architecture,
    revision: u32,
    /// What the channel would give out without the override.
    upstream_revision: Option<u32>,
    decided_at: Instant,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct BlockedView {
    revision: u32,
    decided_at: Instant,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct List<'o> {
    overrides: Vec<View<'o>>,
    next_cursor: Option<SnapName>,
}

#[derive(Serialize)]
struct DecidedView<'o> {
    snap: View<'o>,
    /// The generation that shows it; none when nothing changed.
    generation: Option<i64>,
}

#[derive(Serialize)]
struct One<'o> {
    snap: View<'o>,
}

impl<'o> View<'o> {
    fn of(one: &'o Overridden) -> Self {
        let overrides = one.overrides.iter().map(|(chosen, upstream)| OverrideView {
            channel: &chosen.channel,
            architecture: chosen.architecture,
            revision: chosen.revision.number(),
            upstream_revision: upstream.map(Revision::number),
            decided_at: chosen.decided_at,
        });
        let blocked = one.blocked.iter().map(|blocked| BlockedView {
            revision: blocked.revision.number(),
            decided_at: blocked.decided_at,
        });
        Self {
            name: one.name,
            snap_id: one.id,
            overrides: overrides.collect(),
            blocked: blocked.collect(),
        }
    }
}

/// What is decided about one snap.
pub(super) fn one(one: &Overridden) -> Vec<u8> {
    bytes(&One { snap: View::of(one) })
}

/// The same after a decision.
pub(super) fn decided(one: &Overridden, generation: Option<i64>) -> Vec<u8> {
    bytes(&DecidedView { snap: View::of(one), generation })
}

/// What is decided about some snaps, and where the list goes on.
pub(super) fn list(all: &[Overridden], next_cursor: Option<SnapName>) -> Vec<u8> {
    bytes(&List { overrides: all.iter().map(View::of).collect(), next_cursor })
}

fn bytes(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("texts and numbers are JSON")
}
