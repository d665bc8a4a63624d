//! The table `blob`: which files are held.

use crate::db::DbError;
use crate::db::Taken;
use crate::db::rows::BySnap;
use crate::db::rows::column;
use crate::db::rows::execute;
use crate::snap::FileSize;
use crate::snap::Instant;
use crate::snap::Sha3;
use deadpool_postgres::GenericClient;
use deadpool_postgres::Transaction;
use std::collections::BTreeSet;
use tokio_postgres::Row;

/// Loads the digests of those files of the snaps that are held.
pub(super) async fn load(client: &impl GenericClient, ids: &[&str]) -> Result<BySnap, DbError> {
    BySnap::load(client, include_str!("blobs_load.sql"), ids, "load which files are held").await
}

/// Reads a digest. One that cannot be read is of no file.
pub(super) fn read(row: &Row) -> Option<Sha3> {
    row.try_get(1).ok()
}

/// Which of these files are held, in whatever way.
///
/// # Errors
/// When the database fails.
pub async fn find(
    client: &impl GenericClient,
    digests: &[Sha3],
) -> Result<BTreeSet<Sha3>, DbError> {
    let sql = "SELECT sha3_384 FROM blob WHERE sha3_384 = ANY ($1::text[])";
    found(client, sql, digests).await
}

/// Which of these files are held as our own.
///
/// # Errors
/// When the database fails.
pub async fn find_own(
    client: &impl GenericClient,
    digests: &[Sha3],
) -> Result<BTreeSet<Sha3>, DbError> {
    let sql = "SELECT sha3_384 FROM blob WHERE sha3_384 = ANY ($1::text[]) AND NOT in_passing";
    found(client, sql, digests).await
}

async fn found(
    client: &impl GenericClient,
    sql: &str,
    digests: &[Sha3],
) -> Result<BTreeSet<Sha3>, DbError> {
    let failed = "find which files are held";
    let rows = client.query(sql, &[&digests]).await.map_err(DbError::of(failed))?;
    rows.iter().map(|row| row.try_get(0).map_err(DbError::of(failed))).collect()
}

/// How many bytes those files have together that were kept in passing.
///
/// # Errors
/// When the database fails.
pub async fn bytes_in_passing(client: &impl GenericClient) -> Result<u64, DbError> {
    let failed = "count what was kept in passing";
    let sql = "SELECT coalesce(sum(size), 0)::bigint FROM blob WHERE in_passing";
    let row = client.query_one(sql, &[]).await.map_err(DbError::of(failed))?;
    let n_bytes: i64 = row.try_get(0).map_err(DbError::of(failed))?;
    u64::try_from(n_bytes).map_err(DbError::of(failed))
}

/// Records files that are held, each after it is in its place, as part of that generation, which the transaction has
/// begun and must publish. The snaps whose files they are must be stored in the same generation: their addresses change
/// with it. What was kept in passing may become our own, and not the other way.
///
/// # Errors
/// When the database fails.
pub async fn record(
    transaction: &Transaction<'_>,
    (files, taken): (&[(Sha3, FileSize)], Taken),
    generation: i64,
    now: Instant,
) -> Result<(), DbError> {
    let size = |size: &FileSize| i64::try_from(size.bytes()).expect("a file's size has 63 bits");
    execute(
        transaction,
        "INSERT INTO blob (sha3_384, size, stored_at, in_passing, generation)
         SELECT DISTINCT ON (sha3_384) sha3_384, size, $3::timestamptz, $5::boolean, $4::bigint
         FROM unnest($1::text[], $2::bigint[]) AS stated (sha3_384, size)
         ON CONFLICT (sha3_384) DO UPDATE SET in_passing = false
         WHERE blob.in_passing AND NOT excluded.in_passing",
        &[
            &column(files, |(digest, _)| *digest),
            &column(files, |(_, bytes)| size(bytes)),
            &now,
            &generation,
            &(taken == Taken::InPassing),
        ],
        "record which files are held",
    )
    .await?;
    Ok(())
}
