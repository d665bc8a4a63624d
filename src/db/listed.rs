//! The table `listed`: what the upstream store's search says of each snap.

use crate::db::DbError;
use crate::db::rows::Columns;
use crate::db::rows::Unreadable;
use crate::db::rows::column;
use crate::db::rows::execute;
use crate::ranking::Counts;
use crate::ranking::Listed;
use crate::ranking::Verbatim;
use crate::snap::Instant;
use crate::snap::Invalid;
use crate::snap::SnapId;
use crate::snap::SnapName;
use deadpool_postgres::GenericClient;
use deadpool_postgres::Transaction;
use tokio_postgres::Row;

/// The snaps whose rows changed after a generation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changed {
    /// Those the store lists.
    pub listed: Vec<SnapId>,
    /// Those it lists no more.
    pub vanished: Vec<SnapId>,
}

/// The ids of what changed after that generation, in order; after 0, of all.
///
/// # Errors
/// When the database fails.
pub async fn changed_after(
    client: &impl GenericClient,
    generation: i64,
) -> Result<Changed, DbError> {
    let failed = "load the ids of listed snaps that changed";
    let sql =
        "SELECT snap_id, vanished_at IS NOT NULL FROM listed WHERE generation > $1 ORDER BY 1";
    let rows = client.query(sql, &[&generation]).await.map_err(DbError::of(failed))?;
    let mut changed = Changed::default();
    for row in rows {
        let id = row.try_get(0).map_err(DbError::of(failed))?;
        let has_vanished: bool = row.try_get(1).map_err(DbError::of(failed))?;
        if has_vanished { changed.vanished.push(id) } else { changed.listed.push(id) }
    }
    Ok(changed)
}

/// All snaps that the store is known to list, in the order of their ids.
///
/// # Errors
/// When the database fails.
pub async fn present(client: &impl GenericClient) -> Result<Vec<(SnapId, SnapName)>, DbError> {
    let failed = "load the ids of listed snaps";
    let sql = "SELECT snap_id, name FROM listed WHERE vanished_at IS NULL ORDER BY snap_id";
    let rows = client.query(sql, &[]).await.map_err(DbError::of(failed))?;
    let read = |row: &Row| Ok((row.try_get(0)?, row.try_get(1)?));
    let present: Result<Vec<_>, tokio_postgres::Error> = rows.iter().map(read).collect();
    present.map_err(DbError::of(failed))
}

/// Whether the catalogue has a snap that was not collected: one that was imported, pushed or mirrored.
///
/// # Errors
/// When the database fails.
pub async fn is_any_snap_unlisted(client: &impl GenericClient) -> Result<bool, DbError> {
    let failed = "look for snaps that were not collected";
    let sql = "SELECT EXISTS (SELECT FROM snap WHERE NOT EXISTS \
               (SELECT FROM listed WHERE listed.snap_id = snap.snap_id))";
    let row = client.query_one(sql, &[]).await.map_err(DbError::of(failed))?;
    row.try_get(0).map_err(DbError::of(failed))
}

/// What is listed of these snaps, vanished ones too, in the order of their ids; of an id that is not there, nothing.
/// A row that cannot be read is left out, with a word in the log. Some hundreds at a time.
///
/// # Errors
/// When the database fails.
pub async fn load(client: &impl GenericClient, ids: &[SnapId]) -> Result<Vec<Listed>, DbError> {
    let failed = "load what is listed";
    let statement = client
        .prepare_cached(include_str!("listed_load.sql"))
        .await
        .map_err(DbError::of(failed))?;
    let ids = column(ids, SnapId::as_str);
    let rows = client.query(&statement, &[&ids]).await.map_err(DbError::of(failed))?;
    let readable = |row: &Row| match read(row) {
        Ok(listed) => Some(listed),
        Err(unreadable) => {
            let reason = unreadable.to_string();
            tracing::error!(reason, "a listed snap is left out: its row cannot be read");
            None
        }
    };
    Ok(rows.iter().filter_map(readable).collect())
}

fn read(row: &Row) -> Result<Listed, Unreadable> {
    let columns = Columns::of(row, "listed snap");
    let json = |position: usize| -> Result<Verbatim, Unreadable> {
        let text: &str = columns.get(position)?;
        Ok(text.parse::<Verbatim>()?)
    };
    let categories: Option<&str> = columns.get(13)?;
    let count = |position: usize| columns.get::<i32>(position).map(i32::unsigned_abs);
    Ok(Listed {
        id: columns.get(0)?,
        name: columns.get(1)?,
        title: columns.get(2)?,
        version: columns.get(3)?,
        summary: columns.get(4)?,
        description: columns.get(5)?,
        icon: columns.get(6)?,
        website: columns.get(7)?,
        contact: columns.get(8)?,
        publisher: columns.get(9)?,
        revision: columns.get(10)?,
        links: json(11)?,
        media: json(12)?,
        categories: categories.map(str::parse).transpose().map_err(|error: Invalid| error)?,
        developer_validation: columns.get(14)?,
        license: columns.get(15)?,
        last_updated: columns.get(16)?,
        date_published: columns.get(17)?,
        counts: Counts {
            n_media: count(18)?,
            n_shown_media: count(19)?,
            n_link_kinds: count(20)?,
            n_contacts: count(21)?,
        },
    })
}

/// Stores what is listed, no snap twice, as part of that generation; gives the ids of those that are new, were gone,
/// or changed. Rows that say the same already are not written.
///
/// # Errors
/// When the database fails.
pub async fn upsert(
    transaction: &Transaction<'_>,
    listed: &[&Listed],
    generation: i64,
) -> Result<Vec<SnapId>, DbError> {
    let failed = "store what is listed";
    let sql = include_str!("listed_upsert.sql");
    let statement = transaction.prepare_cached(sql).await.map_err(DbError::of(failed))?;
    let count = |of: fn(&Counts) -> u32| {
        column(listed, move |snap| i32::try_from(of(&snap.counts)).unwrap_or(i32::MAX))
    };
    let rows = transaction
        .query(
            &statement,
            &[
                &column(listed, |snap| snap.id.as_str()),
                &column(listed, |snap| snap.name.as_str()),
                &column(listed, |snap| snap.title.as_str()),
                &column(listed, |snap| snap.version.as_str()),
                &column(listed, |snap| snap.summary.as_str()),
                &column(listed, |snap| snap.description.as_str()),
                &column(listed, |snap| snap.icon.as_deref()),
                &column(listed, |snap| snap.website.as_deref()),
                &column(listed, |snap| snap.contact.as_deref()),
                &column(listed, |snap| snap.publisher.as_str()),
                &column(listed, |snap| snap.revision),
                &column(listed, |snap| snap.links.as_str()),
                &column(listed, |snap| snap.media.as_str()),
                &column(listed, |snap| snap.categories.as_ref().map(Verbatim::as_str)),
                &column(listed, |snap| snap.developer_validation.as_str()),
                &column(listed, |snap| snap.license.as_str()),
                &column(listed, |snap| snap.last_updated),
                &column(listed, |snap| snap.date_published),
                &count(|counts| counts.n_media),
                &count(|counts| counts.n_shown_media),
                &count(|counts| counts.n_link_kinds),
                &count(|counts| counts.n_contacts),
                &generation,
            ],
        )
        .await
        .map_err(DbError::of(failed))?;
    rows.iter().map(|row| row.try_get(0).map_err(DbError::of(failed))).collect()
}

/// Marks snaps that the store lists no more, as part of that generation, in both tables that tell of them. Gives how
/// many were listed until now.
///
/// # Errors
/// When the database fails.
pub async fn vanish(
    transaction: &Transaction<'_>,
    ids: &[SnapId],
    generation: i64,
    now: Instant,
) -> Result<u64, DbError> {
    let ids = column(ids, SnapId::as_str);
    let withdrawn = "UPDATE snap SET withdrawn_at = $3::timestamptz, generation = $2
                     WHERE snap_id = ANY($1::text[]) AND withdrawn_at IS NULL";
    execute(transaction, withdrawn, &[&ids, &generation, &now], "withdraw snaps").await?;
    let vanished = "UPDATE listed SET vanished_at = $3::timestamptz, generation = $2
                    WHERE snap_id = ANY($1::text[]) AND vanished_at IS NULL";
    execute(transaction, vanished, &[&ids, &generation, &now], "mark snaps as vanished").await
}

/// Gives snaps out again that were withdrawn and are listed anew, as part of that generation.
///
/// # Errors
/// When the database fails.
pub async fn readmit(
    transaction: &Transaction<'_>,
    ids: &[SnapId],
    generation: i64,
) -> Result<u64, DbError> {
    let ids = column(ids, SnapId::as_str);
    let sql = "UPDATE snap SET withdrawn_at = NULL, generation = $2
               WHERE snap_id = ANY($1::text[]) AND withdrawn_at IS NOT NULL";
    execute(transaction, sql, &[&ids, &generation], "give snaps out again").await
}
