//! A revision into a channel of the stored catalogue, and out of it.

use crate::db::generations;
use crate::db::listings;
use crate::exchange::ChangeRefusal;
use crate::exchange::ExchangeError;
use crate::exchange::ProgressStep;
use crate::exchange::change::Made;
use crate::exchange::change::closed;
use crate::exchange::change::progressed;
use crate::exchange::change::released;
use crate::snap::Architecture;
use crate::snap::Channel;
use crate::snap::Instant;
use crate::snap::Listing;
use crate::snap::Progress;
use crate::snap::Revision;
use crate::snap::SnapName;
use deadpool_postgres::Object;

/// What came of a change by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was made and published.
    Published {
        /// The architectures it was made for.
        architectures: Vec<Architecture>,
        /// The generation it is part of.
        generation: i64,
    },
    /// It was that way already; nothing was published.
    Already,
    /// It cannot be made.
    Refused(ChangeRefusal),
}

/// Gives a revision out in a channel, to one architecture or to all it is built for, and publishes that.
///
/// # Errors
/// When the database fails.
pub async fn release(
    client: &mut Object,
    name: SnapName,
    revision: Revision,
    channel: &Channel,
    architecture: Option<Architecture>,
    now: Instant,
) -> Result<Outcome, ExchangeError> {
    let what = format!("release: {name} {revision} to {channel}");
    let made = |listing| released(listing, revision, channel, architecture, None, now);
    change(client, name, made, now, &what).await
}

/// The same to a part of the devices; the others are given what the channel held before.
///
/// # Errors
/// When the database fails.
pub async fn release_to_some(
    client: &mut Object,
    name: SnapName,
    revision: Revision,
    channel: &Channel,
    architecture: Option<Architecture>,
    share: Progress,
    now: Instant,
) -> Result<Outcome, ExchangeError> {
    let what = format!("release: {name} {revision} to {channel} for {} %", share.percentage);
    let made = |listing| released(listing, revision, channel, architecture, Some(share), now);
    change(client, name, made, now, &what).await
}

/// Takes a step with what a channel gives out to a part of the devices, of one architecture or of all, and publishes
/// that.
///
/// # Errors
/// When the database fails.
pub async fn progress(
    client: &mut Object,
    name: SnapName,
    channel: &Channel,
    architecture: Option<Architecture>,
    step: ProgressStep,
    now: Instant,
) -> Result<Outcome, ExchangeError> {
    let what = format!("progress: {name} in {channel}");
    let made = |listing| progressed(listing, channel, architecture, step);
    change(client, name, made, now, &what).await
}

/// Gives nothing out any more in a channel, to one architecture or to any, and publishes that.
///
/// # Errors
/// When the database fails.
pub async fn close(
    client: &mut Object,
    name: SnapName,
    channel: &Channel,
    architecture: Option<Architecture>,
    now: Instant,
) -> Result<Outcome, ExchangeError> {
    let what = format!("close: {name} {channel}");
    let made = |listing| closed(listing, channel, architecture, now);
    change(client, name, made, now, &what).await
}

async fn change(
    client: &mut Object,
    name: SnapName,
    made: impl FnOnce(Listing) -> Made,
    now: Instant,
    what: &str,
) -> Result<Outcome, ExchangeError> {
    let transaction = client.transaction().await.map_err(ExchangeError::of("begin the change"))?;
    let generation = generations::begin(&transaction).await?;
    let unknown = Outcome::Refused(ChangeRefusal::UnknownSnap(name));
    let Some(id) = listings::find_id(&transaction, &name).await? else { return Ok(unknown) };
    let mut loaded = listings::load(&transaction, &[id]).await?;
    if let Some((_, reason)) = loaded.spoilt.pop() {
        return Ok(Outcome::Refused(ChangeRefusal::Spoilt(name, reason)));
    }
    let Some(listing) = loaded.listings.pop() else { return Ok(unknown) };
    let (listing, architectures) = match made(listing) {
        Ok(made) => made,
        Err(refusal) => return Ok(Outcome::Refused(refusal)),
    };
    if architectures.is_empty() {
        return Ok(Outcome::Already);
    }
    listings::store(&transaction, &[&listing], generation).await?;
    generations::publish(&transaction, generation, now, what).await?;
    transaction.commit().await.map_err(ExchangeError::of("commit the change"))?;
    Ok(Outcome::Published { architectures, generation })
}
