//! The table `setting`: what the pipeline remembers between runs.

use crate::db::DbError;
use deadpool_postgres::GenericClient;
use deadpool_postgres::Transaction;

/// When a whole pipeline last ended well, as RFC 3339 text.
pub const LAST_UPDATED: &str = "last_updated";

/// The text kept under that key; nothing when there is none, or no text.
///
/// # Errors
/// When the database fails.
pub async fn load(client: &impl GenericClient, key: &str) -> Result<Option<String>, DbError> {
    let failed = "load a setting";
    let sql = "SELECT value #>> '{}' FROM setting WHERE key = $1";
    let row = client.query_opt(sql, &[&key]).await.map_err(DbError::of(failed))?;
    row.map_or(Ok(None), |row| row.try_get(0)).map_err(DbError::of(failed))
}

/// Keeps a text under that key.
///
/// # Errors
/// When the database fails.
pub async fn store(transaction: &Transaction<'_>, key: &str, text: &str) -> Result<(), DbError> {
    let sql = "INSERT INTO setting (key, value) VALUES ($1, to_jsonb($2::text))
               ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    let stored = transaction.execute(sql, &[&key, &text]).await;
    stored.map(drop).map_err(DbError::of("store a setting"))
}
