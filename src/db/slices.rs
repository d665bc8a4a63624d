//! The tables `slice` and `slice_snap`: sets of snaps that editors pick, in their order.

use crate::db::DbError;
use crate::ranking::Slice;
use crate::ranking::SliceId;
use crate::snap::Instant;
use crate::snap::SnapId;
use deadpool_postgres::GenericClient;
use deadpool_postgres::Transaction;
use tokio_postgres::Row;

/// Every slice with its snaps, the oldest first.
///
/// # Errors
/// When the database fails.
pub async fn load(client: &impl GenericClient) -> Result<Vec<Slice>, DbError> {
    load_those(client, None).await
}

/// The slice of that id with its snaps.
///
/// # Errors
/// When the database fails.
pub async fn find(client: &impl GenericClient, id: &SliceId) -> Result<Option<Slice>, DbError> {
    Ok(load_those(client, Some(id)).await?.pop())
}

/// How many slices there are.
///
/// # Errors
/// When the database fails.
pub async fn count(client: &impl GenericClient) -> Result<usize, DbError> {
    let failed = "count the slices";
    let row = client.query_one("SELECT count(*) FROM slice", &[]).await;
    let n: i64 = row.and_then(|row| row.try_get(0)).map_err(DbError::of(failed))?;
    Ok(usize::try_from(n).unwrap_or_default())
}

async fn load_those(
    client: &impl GenericClient,
    only: Option<&SliceId>,
) -> Result<Vec<Slice>, DbError> {
    let sql = "SELECT slice_id, name, description, ARRAY(
                   SELECT slice_snap.snap_id FROM slice_snap
                   WHERE slice_snap.slice_id = slice.slice_id
                   ORDER BY slice_snap.position, slice_snap.snap_id)
               FROM slice WHERE $1::text IS NULL OR slice_id = $1::text
               ORDER BY created_at, slice_id";
    let rows = client.query(sql, &[&only.map(SliceId::as_str)]).await;
    let rows = rows.map_err(DbError::of("load the slices"))?;
    rows.iter().map(|row| read(row).map_err(DbError::of("read a slice"))).collect()
}

fn read(row: &Row) -> Result<Slice, Box<dyn std::error::Error + Send + Sync>> {
    let id: &str = row.try_get(0)?;
    Ok(Slice {
        id: id.parse()?,
        name: row.try_get(1)?,
        description: row.try_get(2)?,
        snaps: row.try_get(3)?,
    })
}

/// Records a new slice without its snaps, or a new name and description of one that is there.
///
/// # Errors
/// When the database fails.
pub async fn upsert(
    transaction: &Transaction<'_>,
    slice: &Slice,
    now: Instant,
) -> Result<(), DbError> {
    let sql = "INSERT INTO slice (slice_id, name, description, created_at)
               VALUES ($1, $2, $3, $4::timestamptz)
               ON CONFLICT (slice_id) DO UPDATE
               SET name = excluded.name, description = excluded.description";
    let values: [&(dyn tokio_postgres::types::ToSql + Sync); 4] =
        [&slice.id.as_str(), &slice.name, &slice.description, &now];
    let done = transaction.execute(sql, &values).await;
    done.map(drop).map_err(DbError::of("record a slice"))
}

/// Deletes a slice and who is in it.
///
/// # Errors
/// When the database fails.
pub async fn delete(transaction: &Transaction<'_>, id: &SliceId) -> Result<(), DbError> {
    let done = transaction.execute("DELETE FROM slice WHERE slice_id = $1", &[&id.as_str()]).await;
    done.map(drop).map_err(DbError::of("delete a slice"))
}

/// Records which snaps are in a slice, in that order. Who was in it before keeps the time of that.
///
/// # Errors
/// When the database fails.
pub async fn record_snaps(
    transaction: &Transaction<'_>,
    id: &SliceId,
    snaps: &[SnapId],
    now: Instant,
) -> Result<(), DbError> {
    let failed = "record the snaps of a slice";
    let snaps: Vec<&str> = snaps.iter().map(SnapId::as_str).collect();
    let gone = "DELETE FROM slice_snap WHERE slice_id = $1 AND snap_id <> ALL ($2::text[])";
    let done = transaction.execute(gone, &[&id.as_str(), &snaps]).await;
    done.map_err(DbError::of(failed))?;
    let there = "INSERT INTO slice_snap (slice_id, snap_id, position, added_at)
                 SELECT $1, picked.snap_id, picked.position, $3::timestamptz
                 FROM unnest($2::text[]) WITH ORDINALITY AS picked (snap_id, position)
                 ON CONFLICT (slice_id, snap_id) DO UPDATE SET position = excluded.position";
    let done = transaction.execute(there, &[&id.as_str(), &snaps, &now]).await;
    done.map(drop).map_err(DbError::of(failed))
}
