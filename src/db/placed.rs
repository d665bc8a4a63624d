//! The tables `placed` and `placed_history`: the rankings in force, and what they were.

use crate::db::DbError;
use crate::db::rows::column;
use crate::db::rows::execute;
use crate::ranking::Category;
use crate::ranking::Placed;
use crate::snap::Instant;
use deadpool_postgres::GenericClient;
use deadpool_postgres::Transaction;
use tokio_postgres::Row;

/// So many days of history are kept (contract/rankings 4.5).
pub const DAYS: i32 = 90;

/// The rankings in force, by category and rank.
///
/// # Errors
/// When the database fails.
pub async fn load(client: &impl GenericClient) -> Result<Vec<Placed>, DbError> {
    let failed = "load the rankings";
    let sql =
        "SELECT category, snap_id, rank, score, shown_rank FROM placed ORDER BY category, rank";
    let rows = client.query(sql, &[]).await.map_err(DbError::of(failed))?;
    let placed: Result<Vec<_>, _> = rows.iter().map(read).collect();
    Ok(placed.map_err(DbError::of(failed))?.into_iter().flatten().collect())
}

/// A place; nothing when the category is one we do not know.
fn read(row: &Row) -> Result<Option<Placed>, tokio_postgres::Error> {
    let category: &str = row.try_get(0)?;
    let Ok(category) = category.parse::<Category>() else { return Ok(None) };
    let rank =
        |position| row.try_get(position).map(|rank: Option<i32>| rank.map(i32::unsigned_abs));
    Ok(Some(Placed {
        snap: row.try_get(1)?,
        category,
        rank: rank(2)?.unwrap_or_default(),
        score: row.try_get(3)?,
        shown_rank: rank(4)?,
    }))
}

/// Puts these rankings in the place of those in force, and into the history of the day of `now`; forgets what is
/// older than [`DAYS`].
///
/// # Errors
/// When the database fails.
pub async fn replace(
    transaction: &Transaction<'_>,
    places: &[Placed],
    now: Instant,
) -> Result<(), DbError> {
    let old = "DELETE FROM placed_history WHERE day < ($1::timestamptz AT TIME ZONE 'UTC')::date - $2::integer";
    execute(transaction, old, &[&now, &DAYS], "forget old rankings").await?;
    execute(transaction, "DELETE FROM placed", &[], "clear the rankings").await?;
    let categories = column(places, |place| place.category.as_str());
    let ids = column(places, |place| place.snap.as_str());
    let rank = |rank: u32| i32::try_from(rank).unwrap_or(i32::MAX);
    let ranks = column(places, |place| rank(place.rank));
    let scores = column(places, |place| place.score);
    let shown = column(places, |place| place.shown_rank.map(rank));
    let insert = "INSERT INTO placed (category, snap_id, rank, score, shown_rank)
                  SELECT * FROM unnest($1::text[], $2::text[], $3::integer[], $4::float8[], $5::integer[])";
    execute(
        transaction,
        insert,
        &[&categories, &ids, &ranks, &scores, &shown],
        "store the rankings",
    )
    .await?;
    let today = "WITH today AS (SELECT ($1::timestamptz AT TIME ZONE 'UTC')::date AS day),
                      gone AS (DELETE FROM placed_history USING today WHERE placed_history.day = today.day
                               AND NOT EXISTS (SELECT FROM placed WHERE placed.category = placed_history.category
                                               AND placed.snap_id = placed_history.snap_id))
                 INSERT INTO placed_history (category, snap_id, day, rank, score, shown_rank)
                 SELECT category, snap_id, today.day, rank, score, shown_rank FROM placed, today
                 ON CONFLICT (category, snap_id, day) DO UPDATE SET
                     rank = excluded.rank, score = excluded.score, shown_rank = excluded.shown_rank";
    execute(transaction, today, &[&now], "record the rankings of the day").await?;
    Ok(())
}

/// How many snaps are ranked in each category.
///
/// # Errors
/// When the database fails.
pub async fn count(client: &impl GenericClient) -> Result<i64, DbError> {
    let failed = "count the ranked snaps";
    let sql = "SELECT count(DISTINCT snap_id) FROM placed";
    let row = client.query_one(sql, &[]).await.map_err(DbError::of(failed))?;
    row.try_get(0).map_err(DbError::of(failed))
}
