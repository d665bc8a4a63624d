//! The table `featured_event`: which snap was featured when, by whom and why. It is added to and never changed.

use crate::db::DbError;
use crate::db::rows::column;
use crate::ranking::Verbatim;
use crate::snap::Instant;
use crate::snap::Invalid;
use crate::snap::SnapId;
use deadpool_postgres::GenericClient;
use deadpool_postgres::Transaction;
use tokio_postgres::Row;

/// A snap was featured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeaturedEvent {
    /// Which snap.
    pub snap: SnapId,
    /// When.
    pub at: Instant,
    /// Whether a person chose it.
    pub is_manual: bool,
    /// Whether it was featured before, and was only kept.
    pub is_snapshot: bool,
    /// Why, a JSON object. Its member `actor` is for editors, not for the public.
    pub reason: Option<Verbatim>,
    /// What it was called then.
    pub title: Option<String>,
    /// Its name then.
    pub name: Option<String>,
    /// Who published it then.
    pub publisher: Option<String>,
    /// Where its icon was then.
    pub icon: Option<String>,
}

/// Records that these snaps were featured, in that order, with what is known of them now. All at one time and for one
/// reason; those `kept` were featured before.
///
/// # Errors
/// When the database fails.
pub async fn record(
    transaction: &Transaction<'_>,
    snaps: &[SnapId],
    kept: &[SnapId],
    reason: &Verbatim,
    now: Instant,
) -> Result<(), DbError> {
    let done = transaction
        .execute(
            include_str!("featured_insert.sql"),
            &[
                &column(snaps, SnapId::as_str),
                &column(kept, SnapId::as_str),
                &reason.as_str(),
                &now,
            ],
        )
        .await;
    done.map(drop).map_err(DbError::of("record what was featured"))
}

/// When these snaps were featured: snap by snap in this order, of each the latest events first, at most so many.
///
/// # Errors
/// When the database fails.
pub async fn load_of(
    client: &impl GenericClient,
    snaps: &[SnapId],
    limit_each: u32,
) -> Result<Vec<FeaturedEvent>, DbError> {
    let sql = include_str!("featured_load_of.sql");
    let asked = column(snaps, SnapId::as_str);
    let rows = client.query(sql, &[&asked, &i64::from(limit_each)]).await;
    let rows = rows.map_err(DbError::of("load when snaps were featured"))?;
    rows.iter().map(|row| read(row).map_err(DbError::of("read when snaps were featured"))).collect()
}

fn read(row: &Row) -> Result<FeaturedEvent, Box<dyn std::error::Error + Send + Sync>> {
    let reason: Option<&str> = row.try_get(4)?;
    Ok(FeaturedEvent {
        snap: row.try_get(0)?,
        at: row.try_get(1)?,
        is_manual: row.try_get(2)?,
        is_snapshot: row.try_get(3)?,
        reason: reason.map(str::parse).transpose().map_err(|error: Invalid| error)?,
        title: row.try_get(5)?,
        name: row.try_get(6)?,
        publisher: row.try_get(7)?,
        icon: row.try_get(8)?,
    })
}
