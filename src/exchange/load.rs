//! Listings straight into the database, as they are: the demo catalogue.

use crate::db::generations;
use crate::db::listings;
use crate::exchange::ExchangeError;
use crate::exchange::Progress;
use crate::exchange::Rejection;
use crate::exchange::report::ImportReport;
use crate::exchange::shelve::MANY;
use crate::exchange::shelve::shelve;
use crate::snap::Instant;
use crate::snap::Listing;
use deadpool_postgres::Object;

/// How many snaps are stored at once; the time a snap takes does not fall beyond that.
const BATCH: usize = 500;

/// Stores the listings in one transaction, in the place of what is stored of the same snaps, and publishes them as one
/// generation. A listing the database refuses, because its name is taken, is rejected alone; its line is its place
/// in the order, from 1. What was there before and what is new are not told apart: all count as added.
///
/// # Errors
/// When the database fails. Then nothing was stored.
pub async fn load_generated(
    client: &mut Object,
    listings: impl Iterator<Item = Listing>,
    now: Instant,
    progress: &mut dyn FnMut(Progress),
) -> Result<ImportReport, ExchangeError> {
    let mut transaction =
        client.transaction().await.map_err(ExchangeError::of("begin the load"))?;
    let generation = generations::begin(&transaction).await?;
    let mut report = ImportReport::default();
    let mut listings = listings.peekable();
    while listings.peek().is_some() {
        let batch: Vec<Listing> = listings.by_ref().take(BATCH).collect();
        let references: Vec<&Listing> = batch.iter().collect();
        for failure in shelve(&mut transaction, &references, generation).await? {
            let snap = Some(batch[failure.index].name);
            let line = report.n_read + failure.index as u64 + 1;
            report.reject(line, Rejection { snap, reason: failure.reason });
        }
        report.n_read += batch.len() as u64;
        progress(report.progress());
    }
    report.n_added = report.n_read - report.n_rejected;
    if report.n_added > 0 {
        if report.n_added >= MANY {
            listings::analyze(&transaction).await?;
        }
        let what = format!("generate: {} snaps", report.n_added);
        generations::publish(&transaction, generation, now, &what).await?;
        transaction.commit().await.map_err(ExchangeError::of("commit the load"))?;
        report.generation = Some(generation);
    }
    Ok(report)
}
