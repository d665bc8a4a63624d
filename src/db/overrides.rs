//! The tables `override` and `blocked_revision`: what operators decided, whatever was released.

use crate::db::DbError;
use crate::db::releases;
use crate::db::rows::BySnap;
use crate::db::rows::Columns;
use crate::db::rows::Unreadable;
use crate::db::rows::column;
use crate::db::rows::execute;
use crate::snap::Architecture;
use crate::snap::Blocked;
use crate::snap::Channel;
use crate::snap::Decisions;
use crate::snap::Instant;
use crate::snap::Listing;
use crate::snap::Override;
use crate::snap::Revision;
use crate::snap::SnapId;
use crate::snap::SnapName;
use deadpool_postgres::GenericClient;
use deadpool_postgres::Transaction;
use tokio_postgres::Row;

/// A row of one table or the other.
pub(super) enum Decision {
    Override(Override),
    Blocked(Blocked),
}

pub(super) async fn load(client: &impl GenericClient, ids: &[&str]) -> Result<BySnap, DbError> {
    BySnap::load(client, include_str!("overrides_load.sql"), ids, "load the overrides").await
}

pub(super) fn read(row: &Row) -> Result<Decision, Unreadable> {
    let columns = Columns::of(row, "override");
    let (revision, decided_at) = (columns.get(5)?, columns.get(6)?);
    Ok(match columns.get::<Option<Architecture>>(4)? {
        None => Decision::Blocked(Blocked { revision, decided_at }),
        Some(architecture) => {
            let channel = releases::channel(&columns)?;
            Decision::Override(Override { channel, architecture, revision, decided_at })
        }
    })
}

pub(super) async fn insert(
    transaction: &Transaction<'_>,
    listings: &[&Listing],
) -> Result<(), DbError> {
    let of: Vec<_> = listings.iter().map(|listing| (&listing.id, &listing.decisions)).collect();
    insert_decisions(transaction, &of).await
}

/// Records what is decided about a snap in the place of what was. Releases and their progress stay as they are.
///
/// # Errors
/// When the database fails, or refuses a revision that is not there.
pub async fn replace(
    transaction: &Transaction<'_>,
    id: &SnapId,
    decisions: &Decisions,
) -> Result<(), DbError> {
    let sql = "WITH gone AS (DELETE FROM override WHERE snap_id = $1::text)
               DELETE FROM blocked_revision WHERE snap_id = $1::text";
    execute(transaction, sql, &[&id.as_str()], "clear what was decided about a snap").await?;
    insert_decisions(transaction, &[(id, decisions)]).await
}

async fn insert_decisions(
    transaction: &Transaction<'_>,
    of: &[(&SnapId, &Decisions)],
) -> Result<(), DbError> {
    let overrides: Vec<_> =
        of.iter().flat_map(|(id, all)| all.overrides.iter().map(move |one| (id, one))).collect();
    if !overrides.is_empty() {
        execute(
            transaction,
            include_str!("overrides_insert.sql"),
            &[
                &column(&overrides, |(id, _)| id.as_str()),
                &column(&overrides, |(_, one)| one.channel.track.as_str()),
                &column(&overrides, |(_, one)| one.channel.risk.as_str()),
                &column(&overrides, |(_, one)| one.channel.name().branch().unwrap_or_default()),
                &column(&overrides, |(_, one)| one.architecture.as_str()),
                &column(&overrides, |(_, one)| one.revision),
                &column(&overrides, |(_, one)| one.decided_at),
            ],
            "record the overrides",
        )
        .await?;
    }
    let blocked: Vec<_> =
        of.iter().flat_map(|(id, all)| all.blocked.iter().map(move |one| (id, one))).collect();
    if !blocked.is_empty() {
        execute(
            transaction,
            "INSERT INTO blocked_revision (snap_id, revision, decided_at)
             SELECT * FROM unnest($1::text[], $2::integer[], $3::timestamptz[])",
            &[
                &column(&blocked, |(id, _)| id.as_str()),
                &column(&blocked, |(_, one)| one.revision),
                &column(&blocked, |(_, one)| one.decided_at),
            ],
            "record the blocked revisions",
        )
        .await?;
    }
    Ok(())
}

/// What operators decided about one snap, as it is shown to them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overridden {
    /// The snap.
    pub id: SnapId,
    /// Its name.
    pub name: SnapName,
    /// Ordered by channel and architecture, each with the revision its channel would give out without it, and
    /// without anything being blocked.
    pub overrides: Vec<(Override, Option<Revision>)>,
    /// The revisions that nobody is given, least first.
    pub blocked: Vec<Blocked>,
}

/// What is decided about one snap, if there is a snap of that name.
///
/// # Errors
/// When the database fails, or what is stored cannot be read.
pub async fn find(
    client: &impl GenericClient,
    name: &SnapName,
) -> Result<Option<Overridden>, DbError> {
    Ok(select(client, Some(name), None, 1).await?.pop())
}

/// Snaps about which something is decided, by name, at most so many, those behind that name.
///
/// # Errors
/// When the database fails, or what is stored cannot be read.
pub async fn list(
    client: &impl GenericClient,
    after: Option<&SnapName>,
    limit: u32,
) -> Result<Vec<Overridden>, DbError> {
    select(client, None, after, limit).await
}

async fn select(
    client: &impl GenericClient,
    name: Option<&SnapName>,
    after: Option<&SnapName>,
    limit: u32,
) -> Result<Vec<Overridden>, DbError> {
    let failed = "load what operators decided";
    let sql = include_str!("overrides_page.sql");
    let rows = client.query(sql, &[&name, &after, &i64::from(limit)]).await;
    let mut listed: Vec<Overridden> = Vec::new();
    for row in rows.map_err(DbError::of(failed))? {
        take(&mut listed, &row).map_err(DbError::of(failed))?;
    }
    listed.sort_by_key(|one| one.name);
    for one in &mut listed {
        one.overrides.sort_by(|(one, _), (other, _)| {
            (&one.channel, one.architecture).cmp(&(&other.channel, other.architecture))
        });
        one.blocked.sort_by_key(|blocked| blocked.revision);
    }
    Ok(listed)
}

/// Adds a row to the snap it is of.
fn take(listed: &mut Vec<Overridden>, row: &Row) -> Result<(), Unreadable> {
    let columns = Columns::of(row, "override");
    let (name, id): (SnapName, SnapId) = (columns.get(0)?, columns.get(1)?);
    let known = listed.iter().position(|one| one.id == id);
    let place = known.unwrap_or_else(|| {
        listed.push(Overridden { id, name, overrides: Vec::new(), blocked: Vec::new() });
        listed.len() - 1
    });
    // A snap of which nothing is decided has one row all the same.
    let Some(revision) = columns.get::<Option<Revision>>(6)? else { return Ok(()) };
    let decided_at: Instant = columns.get(7)?;
    match columns.get::<Option<Architecture>>(5)? {
        None => listed[place].blocked.push(Blocked { revision, decided_at }),
        Some(architecture) => {
            let channel: Channel = releases::channel_at(&columns, 2)?;
            let chosen = Override { channel, architecture, revision, decided_at };
            listed[place].overrides.push((chosen, columns.get(8)?));
        }
    }
    Ok(())
}
