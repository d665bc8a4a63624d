//! The table `verdict`: what the filter said of each listed snap.

use crate::db::DbError;
use crate::db::rows::column;
use crate::db::rows::execute;
use crate::ranking::Described;
use crate::snap::SnapId;
use deadpool_postgres::GenericClient;
use deadpool_postgres::Transaction;

/// Every snap that the store lists and what the filter looks at of it, in the order of ids.
///
/// # Errors
/// When the database fails.
pub async fn load_described(
    client: &impl GenericClient,
) -> Result<Vec<(SnapId, Described)>, DbError> {
    let failed = "load what the filter looks at";
    let sql = "SELECT snap_id, icon IS NOT NULL, n_media, n_contacts, char_length(description), last_updated
               FROM listed WHERE vanished_at IS NULL ORDER BY snap_id";
    let rows = client.query(sql, &[]).await.map_err(DbError::of(failed))?;
    let read = |row: &tokio_postgres::Row| {
        let count = |position| row.try_get(position).map(|n: i32| n.unsigned_abs() as usize);
        let described = Described {
            has_icon: row.try_get(1)?,
            n_media: count(2)?,
            n_contacts: count(3)?,
            n_description: count(4)?,
            updated_at: row.try_get(5)?,
        };
        Ok((row.try_get(0)?, described))
    };
    let described: Result<Vec<_>, tokio_postgres::Error> = rows.iter().map(read).collect();
    described.map_err(DbError::of(failed))
}

/// Stores what the filter said: of each snap nothing, or the word for the rule it breaks. Verdicts on snaps that are
/// not named go; rows that say the same already are not written. Gives how many were.
///
/// # Errors
/// When the database fails.
pub async fn replace(
    transaction: &Transaction<'_>,
    verdicts: &[(SnapId, Option<&str>)],
) -> Result<u64, DbError> {
    let ids = column(verdicts, |(id, _)| id.as_str());
    let rejections = column(verdicts, |(_, rejection)| *rejection);
    let forget = "DELETE FROM verdict WHERE NOT EXISTS (
                      SELECT FROM unnest($1::text[]) AS judged (snap_id) WHERE judged.snap_id = verdict.snap_id)";
    let n_forgotten = execute(transaction, forget, &[&ids], "forget old verdicts").await?;
    let store = "INSERT INTO verdict AS stored (snap_id, rejection)
                 SELECT * FROM unnest($1::text[], $2::text[]) ORDER BY 1
                 ON CONFLICT (snap_id) DO UPDATE SET rejection = excluded.rejection
                 WHERE stored.rejection IS DISTINCT FROM excluded.rejection";
    let n_stored = execute(transaction, store, &[&ids, &rejections], "store verdicts").await?;
    Ok(n_forgotten + n_stored)
}

/// The ids of eligible snaps, in order.
///
/// # Errors
/// When the database fails.
pub async fn eligible_ids(client: &impl GenericClient) -> Result<Vec<SnapId>, DbError> {
    let failed = "load which snaps are eligible";
    let sql = "SELECT snap_id FROM verdict JOIN listed USING (snap_id)
               WHERE rejection IS NULL AND vanished_at IS NULL ORDER BY snap_id";
    let rows = client.query(sql, &[]).await.map_err(DbError::of(failed))?;
    rows.iter().map(|row| row.try_get(0).map_err(DbError::of(failed))).collect()
}
