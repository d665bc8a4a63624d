//! What was featured when, by whom and why.

use crate::adoption::Kind;
use crate::adoption::row::Columns;
use crate::adoption::source::Source;
use crate::adoption::target::Target;
use crate::adoption::target::column;
use crate::db::DbError;
use crate::ranking::Verbatim;
use crate::snap::Instant;
use crate::snap::SnapId;

/// Events read at a time: a reason may be some kilobytes.
const BATCH: i32 = 1_000;

struct Event {
    snap: SnapId,
    featured_at: Instant,
    is_manual: bool,
    is_snapshot: bool,
    reason: Option<Verbatim>,
    title: Option<String>,
    name: Option<String>,
    publisher: Option<String>,
    icon: Option<String>,
}

pub(super) async fn adopt(source: &Source<'_>, target: &mut Target<'_>) -> Result<(), DbError> {
    let state = target.adopted.state;
    let copy = |column: &str| {
        if state.has_copies {
            format!("coalesce(featured_history.{column}, snap.{column})")
        } else {
            format!("snap.{column}")
        }
    };
    let is_snapshot =
        if state.has_snapshots { "coalesce(featured_history.is_snapshot, false)" } else { "false" };
    let [title, name, publisher, icon] = ["title", "name", "publisher", "icon"].map(copy);
    let sql = format!(
        "SELECT featured_history.snap_id, featured_at::timestamptz, is_manual, selection_reason::text,
                {is_snapshot}, {title}, {name}, {publisher}, {icon}
         FROM featured_history LEFT JOIN snap ON snap.snap_id = featured_history.snap_id
         ORDER BY featured_history.id"
    );
    let mut batches = source.read(&sql, &[], "read what was featured", BATCH).await?;
    while let Some(rows) = batches.next().await? {
        let mut events = Vec::with_capacity(rows.len());
        for row in &rows {
            match read(row) {
                Ok(event) => events.push(event),
                Err(reason) => target.adopted.reject(Kind::Featured, row.key(0), reason),
            }
        }
        let n_added = add(target, &events).await?;
        target.adopted.add(Kind::Featured, events.len(), n_added);
    }
    Ok(())
}

fn read(row: &Columns) -> Result<Event, &'static str> {
    let reason = row.json(3, "bad-reason")?;
    Ok(Event {
        snap: row.snap_id(0)?,
        featured_at: row.instant(1)?,
        is_manual: row.get(2, "bad-row")?,
        is_snapshot: row.get(4, "bad-row")?,
        reason: reason.filter(|(value, _)| !value.is_null()).map(|(_, text)| text),
        title: row.optional_text(5)?,
        name: row.optional_text(6)?,
        publisher: row.optional_text(7)?,
        icon: row.optional_text(8)?,
    })
}

async fn add(target: &Target<'_>, events: &[Event]) -> Result<usize, DbError> {
    let ids = column(events, |event| event.snap.as_str());
    let times = column(events, |event| event.featured_at);
    let manual = column(events, |event| event.is_manual);
    let snapshots = column(events, |event| event.is_snapshot);
    let reasons = column(events, |event| event.reason.as_ref().map(Verbatim::as_str));
    let titles = column(events, |event| event.title.as_deref());
    let names = column(events, |event| event.name.as_deref());
    let publishers = column(events, |event| event.publisher.as_deref());
    let icons = column(events, |event| event.icon.as_deref());
    let values: [&(dyn tokio_postgres::types::ToSql + Sync); 9] =
        [&ids, &times, &manual, &snapshots, &reasons, &titles, &names, &publishers, &icons];
    target.add(include_str!("featured_add.sql"), &values, "adopt what was featured").await
}
