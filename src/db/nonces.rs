//! The table `nonce_used`: the nonces that opened a session, until they would have expired.

use crate::db::DbError;
use crate::snap::Instant;
use deadpool_postgres::GenericClient;

/// Uses a nonce, known by its digest; says whether nobody has before.
///
/// # Errors
/// When the database fails.
pub async fn use_once(
    client: &impl GenericClient,
    digest: &[u8; 32],
    expires_at: Instant,
) -> Result<bool, DbError> {
    let sql = "INSERT INTO nonce_used (digest, expires_at) VALUES ($1, $2::timestamptz)
               ON CONFLICT (digest) DO NOTHING";
    let used = client.execute(sql, &[&digest.as_slice(), &expires_at]).await;
    used.map(|n| n == 1).map_err(DbError::of("use a nonce"))
}

/// Forgets the nonces that expired more than an hour ago, so that a server whose clock is behind ours takes none of them
/// again; gives how many.
///
/// # Errors
/// When the database fails.
pub async fn prune(client: &impl GenericClient, now: Instant) -> Result<u64, DbError> {
    let sql = "DELETE FROM nonce_used WHERE expires_at <= $1::timestamptz - interval '1 hour'";
    client.execute(sql, &[&now]).await.map_err(DbError::of("forget old nonces"))
}
