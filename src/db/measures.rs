//! The table `measure`: on how many devices a snap is, and how people vote.

use crate::db::DbError;
use crate::db::rows::column;
use crate::db::rows::execute;
use crate::ranking::Candidate;
use crate::snap::Instant;
use crate::snap::SnapId;
use deadpool_postgres::GenericClient;
use deadpool_postgres::Transaction;

/// How people vote for a snap.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Votes {
    /// Which snap.
    pub id: SnapId,
    /// From 0 to 1.
    pub raw_rating: f64,
    /// How many voted.
    pub n_votes: u64,
}

/// Every snap that is eligible, listed and not kept out by an editor, in the order of ids.
///
/// # Errors
/// When the database fails.
pub async fn load(client: &impl GenericClient) -> Result<Vec<Candidate>, DbError> {
    let failed = "load what is scored";
    let rows =
        client.query(include_str!("measures_load.sql"), &[]).await.map_err(DbError::of(failed))?;
    let read = |row: &tokio_postgres::Row| {
        let count = |position| row.try_get(position).map(|n: i32| n.unsigned_abs() as usize);
        Ok(Candidate {
            snap: row.try_get(0)?,
            n_devices: row.try_get(1).map(i64::unsigned_abs)?,
            updated_at: row.try_get(2)?,
            n_media: count(3)?,
            n_links: count(4)?,
            has_license: row.try_get(5)?,
            is_vouched_for: row.try_get(6)?,
            rating: row.try_get(7)?,
        })
    };
    let candidates: Result<Vec<_>, tokio_postgres::Error> = rows.iter().map(read).collect();
    candidates.map_err(DbError::of(failed))
}

/// Stores on how many devices these snaps are, in the order of ids. Rows that say the same already only get the time.
///
/// # Errors
/// When the database fails.
pub async fn store_devices(
    transaction: &Transaction<'_>,
    devices: &[(SnapId, u64)],
    now: Instant,
) -> Result<(), DbError> {
    let sql = "INSERT INTO measure (snap_id, active_devices, devices_at)
               SELECT snap_id, active_devices, $3::timestamptz
               FROM unnest($1::text[], $2::bigint[]) AS said (snap_id, active_devices) ORDER BY snap_id
               ON CONFLICT (snap_id) DO UPDATE SET
                   active_devices = excluded.active_devices, devices_at = excluded.devices_at";
    let ids = column(devices, |(id, _)| id.as_str());
    let counts = column(devices, |(_, n)| i64::try_from(*n).unwrap_or(i64::MAX));
    execute(transaction, sql, &[&ids, &counts, &now], "store on how many devices snaps are")
        .await?;
    Ok(())
}

/// Stores how people vote for these snaps.
///
/// # Errors
/// When the database fails.
pub async fn store_votes(
    transaction: &Transaction<'_>,
    votes: &[Votes],
    now: Instant,
) -> Result<(), DbError> {
    let sql = "INSERT INTO measure (snap_id, raw_rating, total_votes, rated_at)
               SELECT snap_id, raw_rating, total_votes, $4::timestamptz
               FROM unnest($1::text[], $2::float8[], $3::bigint[]) AS said (snap_id, raw_rating, total_votes)
               ORDER BY snap_id
               ON CONFLICT (snap_id) DO UPDATE SET
                   raw_rating = excluded.raw_rating, total_votes = excluded.total_votes,
                   rated_at = excluded.rated_at";
    let ids = column(votes, |votes| votes.id.as_str());
    let ratings = column(votes, |votes| votes.raw_rating);
    let counts = column(votes, |votes| i64::try_from(votes.n_votes).unwrap_or(i64::MAX));
    execute(transaction, sql, &[&ids, &ratings, &counts, &now], "store how people vote").await?;
    Ok(())
}

/// Forgets votes that were not heard of since `oldest`: a rating is of the last month's votes, and ends with them.
///
/// # Errors
/// When the database fails.
pub async fn forget_votes(transaction: &Transaction<'_>, oldest: Instant) -> Result<u64, DbError> {
    let sql = "UPDATE measure SET raw_rating = NULL, total_votes = NULL, rated_at = NULL
               WHERE rated_at < $1::timestamptz";
    execute(transaction, sql, &[&oldest], "forget old votes").await
}
