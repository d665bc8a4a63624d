//! The table `placed_history` a day at a time: what a server keeps in memory of it, and what of that it lacks.

use crate::db::DbError;
use crate::ranking::Category;
use crate::snap::SnapId;
use deadpool_postgres::GenericClient;

/// A snap's rank and score in a category.
pub type DayPlace = (Category, SnapId, u32, f32);

/// The days there are (since 1970-01-01), the newest first, at most as many as are kept.
///
/// # Errors
/// When the database fails.
pub async fn load_days(client: &impl GenericClient) -> Result<Vec<i32>, DbError> {
    let failed = "load the days of the rankings";
    // One look into the index a day, however many places it has.
    let sql = "WITH RECURSIVE known (day) AS (
                   SELECT max(day) FROM placed_history
                   UNION ALL
                   SELECT (SELECT max(placed_history.day) FROM placed_history
                           WHERE placed_history.day < known.day)
                   FROM known WHERE known.day IS NOT NULL
               )
               SELECT day - date '1970-01-01' FROM known WHERE day IS NOT NULL LIMIT $1";
    // One more than a span of so many days can begin and end in.
    let most = i64::from(crate::db::placed::DAYS) + 1;
    let rows = client.query(sql, &[&most]).await.map_err(DbError::of(failed))?;
    rows.iter().map(|row| row.try_get(0).map_err(DbError::of(failed))).collect()
}

/// The rankings of a day (since 1970-01-01). They come as a few long columns: rows of their own would take longer than
/// everything else a server does at its start.
///
/// # Errors
/// When the database fails.
pub async fn load_day(client: &impl GenericClient, day: i32) -> Result<Vec<DayPlace>, DbError> {
    let failed = "load the rankings of a day";
    let sql = "SELECT category, array_agg(snap_id), array_agg(rank), array_agg(score::real)
               FROM placed_history WHERE day = date '1970-01-01' + $1::integer GROUP BY category";
    let statement = client.prepare_cached(sql).await.map_err(DbError::of(failed))?;
    let rows = client.query(&statement, &[&day]).await.map_err(DbError::of(failed))?;
    let mut places = Vec::new();
    for row in &rows {
        let category: &str = row.try_get(0).map_err(DbError::of(failed))?;
        let Ok(category) = category.parse::<Category>() else { continue };
        let snaps: Vec<&str> = row.try_get(1).map_err(DbError::of(failed))?;
        let ranks: Vec<i32> = row.try_get(2).map_err(DbError::of(failed))?;
        let scores: Vec<f32> = row.try_get(3).map_err(DbError::of(failed))?;
        let each = snaps.iter().zip(ranks).zip(scores);
        // What is no snap-id was never shown.
        places.extend(each.filter_map(|((snap, rank), score)| {
            Some((category, snap.parse().ok()?, rank.unsigned_abs(), score))
        }));
    }
    Ok(places)
}
