//! The table `exclusion`: snaps that editors keep out of every ranking.

use crate::db::DbError;
use crate::snap::Instant;
use crate::snap::SnapId;
use deadpool_postgres::GenericClient;
use deadpool_postgres::Transaction;

/// Every excluded snap, the latest first.
///
/// # Errors
/// When the database fails.
pub async fn load(client: &impl GenericClient) -> Result<Vec<SnapId>, DbError> {
    let failed = "load the exclusions";
    let sql = "SELECT snap_id FROM exclusion ORDER BY excluded_at DESC, snap_id";
    let rows = client.query(sql, &[]).await.map_err(DbError::of(failed))?;
    rows.iter().map(|row| row.try_get(0).map_err(DbError::of(failed))).collect()
}

/// Excludes a snap that was ever listed; whether that changed anything.
///
/// # Errors
/// When the database fails.
pub async fn record(
    transaction: &Transaction<'_>,
    snap: SnapId,
    now: Instant,
) -> Result<bool, DbError> {
    let sql = "INSERT INTO exclusion (snap_id, excluded_at)
               SELECT snap_id, $2::timestamptz FROM listed WHERE snap_id = $1::text
               ON CONFLICT (snap_id) DO NOTHING";
    let done = transaction.execute(sql, &[&snap, &now]).await;
    done.map(|n| n > 0).map_err(DbError::of("exclude a snap"))
}

/// Ends the exclusion of a snap; whether that changed anything.
///
/// # Errors
/// When the database fails.
pub async fn delete(transaction: &Transaction<'_>, snap: SnapId) -> Result<bool, DbError> {
    let sql = "DELETE FROM exclusion WHERE snap_id = $1::text";
    let done = transaction.execute(sql, &[&snap]).await;
    done.map(|n| n > 0).map_err(DbError::of("end the exclusion of a snap"))
}
