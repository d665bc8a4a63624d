//! The table `info_read`: when the channels of a listed snap were last read from the upstream store.

use crate::db::DbError;
use crate::db::rows::column;
use crate::db::rows::execute;
use crate::ranking::Listed;
use crate::snap::Instant;
use crate::snap::SnapId;
use crate::snap::SnapName;
use deadpool_postgres::GenericClient;
use deadpool_postgres::Transaction;

/// A snap whose channels are to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// Which snap.
    pub id: SnapId,
    /// The name to ask by.
    pub name: SnapName,
    /// What the store called the last answer, to be told if it still holds.
    pub etag: Option<String>,
}

/// Which of these snaps are due: never read, listed otherwise than when they were, or read before `oldest`.
///
/// # Errors
/// When the database fails.
pub async fn due(
    client: &impl GenericClient,
    listed: &[Listed],
    oldest: Instant,
) -> Result<Vec<Due>, DbError> {
    let failed = "find whose channels are to be read";
    let statement = client
        .prepare_cached(include_str!("info_reads_due.sql"))
        .await
        .map_err(DbError::of(failed))?;
    let ids = column(listed, |snap| snap.id.as_str());
    let names = column(listed, |snap| snap.name.as_str());
    let updates = column(listed, |snap| snap.last_updated);
    let revisions = column(listed, |snap| snap.revision);
    let rows = client
        .query(&statement, &[&ids, &names, &updates, &revisions, &oldest])
        .await
        .map_err(DbError::of(failed))?;
    let read = |row: &tokio_postgres::Row| {
        Ok(Due { id: row.try_get(0)?, name: row.try_get(1)?, etag: row.try_get(2)? })
    };
    let due: Result<Vec<_>, tokio_postgres::Error> = rows.iter().map(read).collect();
    due.map_err(DbError::of(failed))
}

/// Records that the channels of these snaps were read as they are listed now, each with what the store called the
/// answer.
///
/// # Errors
/// When the database fails.
pub async fn record(
    transaction: &Transaction<'_>,
    read: &[(SnapId, Option<String>)],
    now: Instant,
) -> Result<(), DbError> {
    let sql = "INSERT INTO info_read (snap_id, read_at, last_updated, revision, etag)
               SELECT listed.snap_id, $3::timestamptz, listed.last_updated, listed.revision, said.etag
               FROM unnest($1::text[], $2::text[]) AS said (snap_id, etag)
               JOIN listed ON listed.snap_id = said.snap_id
               ORDER BY listed.snap_id
               ON CONFLICT (snap_id) DO UPDATE SET
                   read_at = excluded.read_at, last_updated = excluded.last_updated,
                   revision = excluded.revision, etag = excluded.etag";
    let ids = column(read, |(id, _)| id.as_str());
    let etags = column(read, |(_, etag)| etag.as_deref());
    execute(transaction, sql, &[&ids, &etags, &now], "record whose channels were read").await?;
    Ok(())
}
