//! Which of a channel's revisions can read what is installed (contract 6.4).

use crate::catalogue::Catalogue;
use crate::catalogue::Holdings;
use crate::catalogue::Shelved;
use crate::catalogue::Span;
use crate::snap::Epoch;

/// The release an open channel answers with: of everything it ever gave out that can read the installed data, the
/// newest epoch, and in it the tip or else the latest release. What an operator chose goes before all of it, and
/// stepping stones lead up to it and never beyond. `None` when the channel is closed, or nothing of it can read.
/// Without installed data everything can.
pub(super) fn choose<'c>(
    catalogue: &Catalogue,
    snap: &Shelved,
    holdings: &Holdings<'c>,
    installed: Option<&Epoch>,
) -> Option<&'c Span> {
    let tip = holdings.tip()?;
    let epoch = |span: &Span| catalogue.epoch(snap.package(span.package));
    let can_read = |span: &&Span| installed.is_none_or(|data| epoch(span).can_read(data));
    if snap.has_one_epoch() {
        return Some(tip).filter(can_read);
    }
    let writes = |span: &&Span| epoch(span).write().newest();
    let last = holdings.chosen().map(|chosen| writes(&chosen));
    if last.is_some() && can_read(&tip) {
        return Some(tip);
    }
    let is_beyond = |span: &&Span| last.is_some_and(|last| writes(span) > last);
    let steps = holdings.ever().filter(|span| can_read(span) && !is_beyond(span));
    let newest = steps.map(|span| writes(&span)).max()?;
    if can_read(&tip) && writes(&tip) == newest {
        return Some(tip);
    }
    holdings
        .ever()
        .filter(|span| can_read(span) && writes(span) == newest)
        .max_by_key(|span| span.released_at)
}
