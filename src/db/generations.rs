//! The table `generation`: every state of the catalogue that was published.

use crate::db::DbError;
use crate::snap::Instant;
use deadpool_postgres::GenericClient;
use deadpool_postgres::Transaction;

/// The channel on which a new generation is announced, once it is committed. The notice carries its number.
pub const CHANNEL: &str = "snapwise_catalogue";

/// The key of the lock that makes writers take turns: `snapgene` in ASCII.
const LOCK: i64 = 0x736e_6170_6765_6e65;

/// The newest generation: its number, and when it was published. `None` when nothing was published yet.
///
/// # Errors
/// When the database fails.
pub async fn latest(client: &impl GenericClient) -> Result<Option<(i64, Instant)>, DbError> {
    let sql = "SELECT number, published_at FROM generation ORDER BY number DESC LIMIT 1";
    let failed = "load the latest generation";
    let Some(row) = client.query_opt(sql, &[]).await.map_err(DbError::of(failed))? else {
        return Ok(None);
    };
    let number = row.try_get(0).map_err(DbError::of(failed))?;
    let published_at = row.try_get(1).map_err(DbError::of(failed))?;
    Ok(Some((number, published_at)))
}

/// When that generation was published; `None` when there is none of that number.
///
/// # Errors
/// When the database fails.
pub async fn published_at(
    client: &impl GenericClient,
    number: i64,
) -> Result<Option<Instant>, DbError> {
    let sql = "SELECT published_at FROM generation WHERE number = $1";
    let failed = "load a generation";
    let row = client.query_opt(sql, &[&number]).await.map_err(DbError::of(failed))?;
    row.map(|row| row.try_get(0)).transpose().map_err(DbError::of(failed))
}

/// Begins a generation and gives its number. Waits until no other writer is at work, and keeps others waiting
/// until this transaction ends. The transaction must be `READ COMMITTED`, as is the default, and do this first:
/// what it read before, another writer may have changed.
///
/// # Errors
/// When the database fails.
pub async fn begin(transaction: &Transaction<'_>) -> Result<i64, DbError> {
    transaction
        .execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK])
        .await
        .map_err(DbError::of("wait for our turn to write"))?;
    // A statement of its own: it must see what the writer before us committed while we waited.
    let sql = "SELECT coalesce(max(number), 0) + 1 FROM generation";
    let failed = "begin a generation";
    let row = transaction.query_one(sql, &[]).await.map_err(DbError::of(failed))?;
    row.try_get(0).map_err(DbError::of(failed))
}

/// Records the generation and announces it; both come to pass when the transaction is committed. `what` says in
/// a line what was done.
///
/// # Errors
/// When the database fails, or refuses because the number was taken without [`begin`].
pub async fn publish(
    transaction: &Transaction<'_>,
    number: i64,
    now: Instant,
    what: &str,
) -> Result<(), DbError> {
    let sql = "INSERT INTO generation (number, published_at, what) VALUES ($1, $2::timestamptz, $3::text)";
    transaction
        .execute(sql, &[&number, &now, &what])
        .await
        .map_err(DbError::of("record the generation"))?;
    transaction
        .execute("SELECT pg_notify($1, $2)", &[&CHANNEL, &number.to_string()])
        .await
        .map_err(DbError::of("announce the generation"))?;
    Ok(())
}
