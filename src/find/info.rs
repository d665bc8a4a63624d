//! The open channels of a snap, as the store shows them (contract 10.1).

use crate::catalogue::Catalogue;
use crate::catalogue::LaneKey;
use crate::catalogue::Shelved;
use crate::catalogue::Span;
use crate::snap::Architecture;
use crate::snap::Instant;

/// For which architectures channels are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// For these.
    Only(Vec<Architecture>),
    /// For every one there is; what is released for `all` is shown as released for this one, if any is given.
    Every(Option<Architecture>),
}

/// One line of the channel map.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'c> {
    /// The channel.
    pub channel: LaneKey,
    /// The architecture it is shown for; `all` only when none was named.
    pub architecture: Architecture,
    /// What it gives out.
    pub span: &'c Span,
}

/// The open channels of a snap, no branches, in the store's order: track `latest` first and the others descending by
/// name, stable to edge, by architecture.
pub fn channel_map<'c>(
    catalogue: &'c Catalogue,
    snap: &'c Shelved,
    wanted: &Wanted,
    now: Instant,
) -> Vec<Entry<'c>> {
    let mut entries: Vec<Entry<'c>> = Vec::new();
    let open: Vec<_> = snap.open(catalogue, now).filter(|(lane, ..)| !lane.is_branch()).collect();
    for of_channel in open.chunk_by(|(one, ..), (next, ..)| one == next) {
        let channel = of_channel[0].0;
        let mut architectures: Vec<_> = match wanted {
            Wanted::Only(architectures) => architectures.clone(),
            Wanted::Every(own) => of_channel
                .iter()
                .map(|(_, architecture, _)| match own {
                    Some(own) if architecture.is_all() => *own,
                    _ => *architecture,
                })
                .collect(),
        };
        architectures.sort_unstable();
        architectures.dedup();
        entries.extend(architectures.into_iter().filter_map(|architecture| {
            let number = catalogue.architecture(architecture);
            let span = snap.holdings(channel, number, now).tip()?;
            Some(Entry { channel, architecture, span })
        }));
    }
    entries
}
