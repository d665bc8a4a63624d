//! What the rankings were on the days of which nothing is known here.

use crate::adoption::Kind;
use crate::adoption::row::Columns;
use crate::adoption::source::Source;
use crate::adoption::target::Target;
use crate::adoption::target::column;
use crate::db::DbError;
use crate::db::placed;
use crate::ranking::Category;
use crate::snap::SnapId;
use std::collections::BTreeSet;

/// Places read at a time; they are small.
const BATCH: i32 = 5_000;

const DAY_US: i64 = 86_400_000_000;

/// A snap's place on a day.
pub(super) struct Past {
    pub(super) category: Category,
    pub(super) snap: SnapId,
    /// Since 1970-01-01.
    pub(super) day: i32,
    pub(super) rank: i32,
    pub(super) score: f64,
}

/// The days that history is kept of, and those of which there is some.
pub(super) struct Days {
    first: i32,
    today: i32,
    known: BTreeSet<i32>,
}

impl Days {
    pub(super) async fn load(target: &Target<'_>) -> Result<Self, DbError> {
        let failed = "look of which days there is history";
        let today = target.now.microseconds() / DAY_US;
        let today = i32::try_from(today).expect("days until 9999 are few");
        let first = (today - placed::DAYS).max(0);
        let sql = "SELECT day FROM generate_series($1::integer, $2::integer) AS day
                   WHERE EXISTS (SELECT FROM placed_history WHERE placed_history.day = date '1970-01-01' + day.day)";
        let rows = target.transaction.query(sql, &[&first, &today]).await;
        let rows = rows.map_err(DbError::of(failed))?;
        let known: Result<_, _> = rows.iter().map(|row| row.try_get(0)).collect();
        Ok(Self { first, today, known: known.map_err(DbError::of(failed))? })
    }

    pub(super) fn are_kept(&self, day: i32) -> bool {
        (self.first..=self.today).contains(&day)
    }

    pub(super) fn is_known(&self, day: i32) -> bool {
        self.known.contains(&day)
    }
}

pub(super) async fn adopt(source: &Source<'_>, target: &mut Target<'_>) -> Result<(), DbError> {
    let doing = "read the score history to adopt";
    let days = Days::load(target).await?;
    let count = "SELECT count(*), count(*) FILTER (WHERE created_at::date BETWEEN
                     date '1970-01-01' + $1::integer AND date '1970-01-01' + $2::integer)
                 FROM snap_recommendation_score_history";
    let window: [&(dyn tokio_postgres::types::ToSql + Sync); 2] = [&days.first, &days.today];
    let row = source.transaction.query_one(count, &window).await.map_err(DbError::of(doing))?;
    let n_all: i64 = row.try_get(0).map_err(DbError::of(doing))?;
    let n_kept: i64 = row.try_get(1).map_err(DbError::of(doing))?;
    let mut batches = source.read(include_str!("history_read.sql"), &window, doing, BATCH).await?;
    // In the order of day and category: ranks begin anew with either.
    let mut at = None;
    let mut rank = 0;
    let mut n_last = 0;
    while let Some(rows) = batches.next().await? {
        n_last += rows.len() as u64;
        let (mut past, mut n_known) = (Vec::with_capacity(rows.len()), 0);
        for row in &rows {
            match read(row) {
                Ok(place) if days.is_known(place.day) => n_known += 1,
                Ok(place) => {
                    rank = if at == Some((place.day, place.category)) { rank + 1 } else { 1 };
                    at = Some((place.day, place.category));
                    past.push(Past { rank, ..place });
                }
                Err(reason) => target.adopted.reject(Kind::History, row.key(2), reason),
            }
        }
        let n_added = add(target, &past).await?;
        target.adopted.add(Kind::History, past.len() + n_known, n_added);
    }
    let (n_all, n_kept) = (n_all.unsigned_abs(), n_kept.unsigned_abs());
    target.adopted.leave_out(Kind::History, n_all - n_kept, "too-old");
    target.adopted.leave_out(Kind::History, n_kept - n_last, "not-last-of-its-day");
    Ok(())
}

fn read(row: &Columns) -> Result<Past, &'static str> {
    let day = row.get(0, "bad-time")?;
    let (category, snap) = (row.category(1)?, row.snap_id(2)?);
    Ok(Past { category, snap, day, rank: 0, score: row.score(3)? })
}

/// Adds places of days; gives how many were not there.
pub(super) async fn add(target: &Target<'_>, past: &[Past]) -> Result<usize, DbError> {
    let sql = "INSERT INTO placed_history (category, snap_id, day, rank, score, shown_rank)
               SELECT category, snap_id, date '1970-01-01' + day, rank, score, rank
               FROM unnest($1::text[], $2::text[], $3::integer[], $4::integer[], $5::float8[])
                   AS said (category, snap_id, day, rank, score)
               ON CONFLICT (category, snap_id, day) DO NOTHING";
    let categories = column(past, |place| place.category.as_str());
    let ids = column(past, |place| place.snap.as_str());
    let days = column(past, |place| place.day);
    let ranks = column(past, |place| place.rank);
    let scores = column(past, |place| place.score);
    let values: [&(dyn tokio_postgres::types::ToSql + Sync); 5] =
        [&categories, &ids, &days, &ranks, &scores];
    target.add(sql, &values, "adopt the score history").await
}
