//! The table `featured_copy`: what the store featured when it was last asked.

use crate::db::DbError;
use crate::snap::Instant;
use deadpool_postgres::GenericClient;

/// Keeps the list, a JSON text, as of that instant, unless a later one is kept.
///
/// # Errors
/// When the database fails.
pub async fn keep(client: &impl GenericClient, snaps: &str, as_of: Instant) -> Result<(), DbError> {
    // A list that stayed the same is not written again: it is said anew every minute.
    let sql = "INSERT INTO featured_copy AS kept (snaps, as_of) VALUES ($1, $2::timestamptz)
               ON CONFLICT (is_there) DO UPDATE
               SET snaps = CASE WHEN kept.snaps = excluded.snaps THEN kept.snaps ELSE excluded.snaps END,
                   as_of = excluded.as_of
               WHERE kept.as_of < excluded.as_of";
    let kept = client.execute(sql, &[&snaps, &as_of]).await;
    kept.map(drop).map_err(DbError::of("keep what is featured"))
}

/// The list that is kept, and when it was true.
///
/// # Errors
/// When the database fails.
pub async fn load(client: &impl GenericClient) -> Result<Option<(String, Instant)>, DbError> {
    let failed = "load what was featured last";
    let sql = "SELECT snaps, as_of FROM featured_copy";
    let row = client.query_opt(sql, &[]).await.map_err(DbError::of(failed))?;
    let read = |row: tokio_postgres::Row| Ok((row.try_get(0)?, row.try_get(1)?));
    row.map(read).transpose().map_err(DbError::of::<tokio_postgres::Error>(failed))
}
