//! On how many devices eligible snaps are, and how people vote for them (contract/rankings 4.4).

use crate::collector::CollectorError;
use crate::collector::Shift;
use crate::collector::Workshop;
use crate::collector::workshop::before;
use crate::collector::workshop::today;
use crate::db::measures;
use crate::db::measures::Votes;
use crate::db::verdicts;
use crate::ranking::Tally;
use crate::snap::Instant;
use crate::snap::SnapId;
use crate::upstream::Devices;
use crate::upstream::Ratings;
use crate::upstream::UpstreamError;
use futures_util::StreamExt;
use futures_util::TryStreamExt;
use futures_util::stream;

/// So many answers are stored together.
const STORED_TOGETHER: usize = 32;

/// Asks for the devices and the votes of every eligible snap, and stores them batch by batch. A snap that nothing is
/// said of keeps what is known; a batch of votes that fails is passed over.
///
/// # Errors
/// When the devices, every batch of votes, or the database fail.
pub async fn enrich(workshop: &Workshop, shift: &Shift<'_>) -> Result<Tally, CollectorError> {
    let eligible = verdicts::eligible_ids(&workshop.database.client().await?).await?;
    let mut tally = Tally { n_in: eligible.len() as u64, ..Tally::default() };
    let total = eligible.len() * 2;
    devices(workshop, shift, &eligible, &mut tally).await?;
    if let Some(ratings) = &workshop.ratings {
        votes(workshop, shift, ratings, &eligible, &mut tally).await?;
    }
    shift.at(total, total);
    Ok(tally)
}

async fn devices(
    workshop: &Workshop,
    shift: &Shift<'_>,
    eligible: &[SnapId],
    tally: &mut Tally,
) -> Result<(), CollectorError> {
    let now = (workshop.clock)();
    let batches: Vec<_> = eligible.chunks(Devices::BATCH).map(<[SnapId]>::to_vec).collect();
    let answers = stream::iter(batches)
        .map(|ids| async move { workshop.devices.active_devices(&ids, today(now)).await })
        .buffered(workshop.options.concurrency.max(1));
    let mut together = answers.try_chunks(STORED_TOGETHER);
    let mut done = 0;
    while let Some(answers) = together.next().await {
        let answers = answers.map_err(|failed| failed.1)?;
        let devices: Vec<(SnapId, u64)> =
            answers.iter().flatten().map(|(id, n)| (*id, *n)).collect();
        let mut client = workshop.database.client().await?;
        let doing = "store on how many devices snaps are";
        let transaction = client.transaction().await.map_err(CollectorError::of(doing))?;
        measures::store_devices(&transaction, &devices, now).await?;
        shift.guard(&transaction, (workshop.clock)()).await?;
        transaction.commit().await.map_err(CollectorError::of(doing))?;
        tally.n_out += devices.len() as u64;
        done += answers.len() * Devices::BATCH;
        shift.at(done.min(eligible.len()), eligible.len() * 2);
    }
    let n_unknown = tally.n_in.saturating_sub(tally.n_out);
    if n_unknown > 0 {
        tally.rejected.insert("no-devices-told".to_owned(), n_unknown);
    }
    Ok(())
}

async fn votes(
    workshop: &Workshop,
    shift: &Shift<'_>,
    ratings: &Ratings,
    eligible: &[SnapId],
    tally: &mut Tally,
) -> Result<(), CollectorError> {
    let now = (workshop.clock)();
    let session = &ratings.authenticate().await?;
    let batches: Vec<_> = eligible.chunks(Ratings::BATCH).map(<[SnapId]>::to_vec).collect();
    let mut answers = stream::iter(batches)
        .map(|ids| async move { session.bulk(&ids).await })
        .buffered(workshop.options.concurrency.max(1));
    let mut votes = Vec::new();
    let (mut n_asked, mut n_failed, mut last) = (0, 0, None);
    while let Some(answer) = answers.next().await {
        n_asked += 1;
        match answer {
            Ok(found) => votes.extend(found.into_iter().map(|(id, rating)| Votes {
                id,
                raw_rating: rating.raw_rating,
                n_votes: rating.total_votes,
            })),
            Err(error) => {
                tell(&error);
                n_failed += 1;
                last = Some(error);
            }
        }
        shift.at(eligible.len() + n_asked * Ratings::BATCH, eligible.len() * 2);
    }
    match last {
        Some(source) if n_failed == n_asked => return Err(CollectorError::NoRatings { source }),
        Some(_) => {
            tally.rejected.insert("failed-rating-batches".to_owned(), n_failed as u64);
        }
        None => {}
    }
    votes.sort_by_key(|votes| votes.id);
    store_votes(workshop, shift, &votes, now).await
}

fn tell(error: &UpstreamError) {
    let error: &dyn std::error::Error = error;
    tracing::warn!(error, "a batch of ratings is passed over");
}

async fn store_votes(
    workshop: &Workshop,
    shift: &Shift<'_>,
    votes: &[Votes],
    now: Instant,
) -> Result<(), CollectorError> {
    let mut client = workshop.database.client().await?;
    let doing = "store how people vote";
    let transaction = client.transaction().await.map_err(CollectorError::of(doing))?;
    measures::store_votes(&transaction, votes, now).await?;
    measures::forget_votes(&transaction, before(now, workshop.options.votes_age)).await?;
    shift.guard(&transaction, (workshop.clock)()).await?;
    transaction.commit().await.map_err(CollectorError::of(doing))
}
