//! The rankings in force, where there are none yet, and as those of the day they were made.

use crate::adoption::Kind;
use crate::adoption::history::Days;
use crate::adoption::history::Past;
use crate::adoption::source::Source;
use crate::adoption::target::Target;
use crate::adoption::target::column;
use crate::db::DbError;
use crate::ranking::Category;
use crate::snap::SnapId;

/// Scores read at a time; they are small.
const BATCH: i32 = 5_000;

/// A snap's score in a category.
struct Scored {
    category: Category,
    snap: SnapId,
    score: f64,
}

pub(super) async fn adopt(source: &Source<'_>, target: &mut Target<'_>) -> Result<(), DbError> {
    let failed = "look whether there are rankings";
    let sql = "SELECT EXISTS (SELECT FROM placed)";
    let row = target.transaction.query_one(sql, &[]).await.map_err(DbError::of(failed))?;
    let is_ranked: bool = row.try_get(0).map_err(DbError::of(failed))?;
    let day = day(source, target).await?;
    let sql = "SELECT category, snap_id, score::float8
               FROM snap_recommendation_score LEFT JOIN snap USING (snap_id)
               ORDER BY category COLLATE \"C\", score DESC, active_devices DESC NULLS LAST, snap_id COLLATE \"C\"";
    let mut batches = source.read(sql, &[], "read the scores to adopt", BATCH).await?;
    let mut ranks = [0; Category::ALL.len()];
    while let Some(rows) = batches.next().await? {
        let mut scores = Vec::with_capacity(rows.len());
        for row in &rows {
            let read = || {
                let (category, snap) = (row.category(0)?, row.snap_id(1)?);
                Ok(Scored { category, snap, score: row.score(2)? })
            };
            match read() {
                Ok(score) => scores.push(score),
                Err(reason) => target.adopted.reject(Kind::Scores, row.key(1), reason),
            }
        }
        let scores = fit(target, scores).await?;
        let past: Vec<Past> = scores
            .iter()
            .map(|score| {
                let rank = &mut ranks[score.category as usize];
                *rank += 1;
                let Scored { category, snap, score } = *score;
                Past { category, snap, day: day.unwrap_or_default(), rank: *rank, score }
            })
            .collect();
        let n_added = if is_ranked { 0 } else { add(target, &past).await? };
        target.adopted.add(Kind::Scores, past.len(), n_added);
        if day.is_some() {
            super::history::add(target, &past).await?;
        }
    }
    Ok(())
}

/// The day of the rankings in force, if it is one that history is kept of and nothing is known of it.
async fn day(source: &Source<'_>, target: &Target<'_>) -> Result<Option<i32>, DbError> {
    let failed = "read when the scores to adopt were made";
    let sql = "SELECT max(created_at)::date - date '1970-01-01' FROM snap_recommendation_score
               WHERE isfinite(created_at)";
    let row = source.transaction.query_one(sql, &[]).await.map_err(DbError::of(failed))?;
    let day: Option<i32> = row.try_get(0).map_err(DbError::of(failed))?;
    let days = Days::load(target).await?;
    Ok(day.filter(|day| days.are_kept(*day) && !days.is_known(*day)))
}

/// The scores of snaps that may be ranked here.
async fn fit(target: &mut Target<'_>, scores: Vec<Scored>) -> Result<Vec<Scored>, DbError> {
    let ids = column(&scores, |score| score.snap);
    let known =
        "SELECT snap_id FROM listed WHERE snap_id = ANY ($1::text[]) AND vanished_at IS NULL";
    let known = target.those(known, &ids, "look which snaps are listed").await?;
    let eligible =
        "SELECT snap_id FROM verdict WHERE snap_id = ANY ($1::text[]) AND rejection IS NULL";
    let eligible = target.those(eligible, &ids, "look which snaps are eligible").await?;
    let mut fit = Vec::with_capacity(scores.len());
    for score in scores {
        let id = score.snap;
        match (known.contains(&id), eligible.contains(&id)) {
            (true, true) => fit.push(score),
            (true, false) => target.adopted.reject(Kind::Scores, id.as_str(), "below-threshold"),
            (false, _) => target.adopted.reject(Kind::Scores, id.as_str(), "unknown-snap"),
        }
    }
    Ok(fit)
}

async fn add(target: &Target<'_>, placed: &[Past]) -> Result<usize, DbError> {
    // In the earlier service a snap has a score only in the category where it is shown.
    let sql = "INSERT INTO placed (category, snap_id, rank, score, shown_rank)
               SELECT category, snap_id, rank, score, rank
               FROM unnest($1::text[], $2::text[], $3::integer[], $4::float8[])
                   AS said (category, snap_id, rank, score)";
    let categories = column(placed, |place| place.category.as_str());
    let ids = column(placed, |place| place.snap.as_str());
    let ranks = column(placed, |place| place.rank);
    let scores = column(placed, |place| place.score);
    target.add(sql, &[&categories, &ids, &ranks, &scores], "adopt the rankings").await
}
