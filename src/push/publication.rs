//! A file taken in: read, put in its place, and published with its revision and its releases at once.
//!
//! The file is in its place before anything tells of it, and everything that tells of it is one transaction. Who dies
//! in between leaves a file that nobody knows of, which the next push of it finds and uses.

use crate::assertion::Assertion;
use crate::blobs::Blobs;
use crate::blobs::Digested;
use crate::blobs::digested;
use crate::db::Taken;
use crate::db::assertions;
use crate::db::assertions::Stored;
use crate::db::blobs;
use crate::db::generations;
use crate::db::listings;
use crate::db::publishers;
use crate::push::claims::claims;
use crate::push::described::Described;
use crate::push::error::PushError;
use crate::push::order::Order;
use crate::push::prepared::Intake;
use crate::push::prepared::Prepared;
use crate::push::refusal::PushRefusal;
use crate::push::snap_yaml;
use crate::push::squashfs::Squashfs;
use crate::push::squashfs::Unread;
use crate::push::unpacked::Packing;
use crate::push::unsquashfs;
use crate::snap::Instant;
use crate::snap::Label;
use crate::snap::Listing;
use crate::snap::Publisher;
use crate::snap::Revision;
use crate::snap::SnapId;
use crate::snap::SnapName;
use crate::snap::Validation;
use deadpool_postgres::GenericClient;
use deadpool_postgres::Object;
use std::fs::File;
use std::path::Path;
use tokio::task::spawn_blocking;

/// Where the description is.
const SNAP_YAML: [&str; 2] = ["meta", "snap.yaml"];

/// What came of a push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was taken in and published.
    Published {
        /// The snap.
        name: SnapName,
        /// Its number.
        revision: Revision,
        /// The generation it is part of.
        generation: i64,
    },
    /// All of it was there already; nothing was published.
    Already {
        /// The snap.
        name: SnapName,
        /// Its number.
        revision: Revision,
    },
    /// It is not taken in, and nothing is left of it.
    Refused(PushRefusal),
}

/// Why it was not done: what was pushed is at fault, or the world.
enum Stopped {
    Refused(PushRefusal),
    Failed(PushError),
}

impl<E: Into<PushError>> From<E> for Stopped {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

fn refused(refusal: PushRefusal) -> Stopped {
    Stopped::Refused(refusal)
}

/// Takes a file in. `id` is the key that a snap gets whose name nobody knows. The same again changes nothing.
///
/// # Errors
/// When the file cannot be read, or its place or the database fails.
pub async fn push(
    client: &mut Object,
    held: &Blobs,
    order: Order<'_>,
    id: SnapId,
    now: Instant,
) -> Result<Outcome, PushError> {
    match take_in(client, held, order, id, now).await {
        Ok(outcome) => Ok(outcome),
        Err(Stopped::Refused(refusal)) => Ok(Outcome::Refused(refusal)),
        Err(Stopped::Failed(error)) => Err(error),
    }
}

async fn take_in(
    client: &mut Object,
    held: &Blobs,
    order: Order<'_>,
    id: SnapId,
    now: Instant,
) -> Result<Outcome, Stopped> {
    let described = described(order.file).await?;
    let path = order.file.to_owned();
    let file = spawn_blocking(move || digested(&path)).await.expect("it does not panic")?;
    let claims = claims(order.assertions, file, described.name).map_err(refused)?;
    let publisher = match claims.as_ref().and_then(|claims| claims.publisher.clone()) {
        Some((_, Some(account))) => Some(account),
        Some((id, None)) => Some(publisher(client, &id).await?),
        None => match order.publisher {
            Some(id) => Some(publisher(client, id).await?),
            None => None,
        },
    };
    let intake = Intake {
        described: &described,
        file,
        channels: order.channels,
        architecture: order.architecture,
        id: claims.as_ref().map_or(id, |claims| claims.id),
        revision: claims.as_ref().map(|claims| claims.revision),
        publisher,
        now,
    };
    // What will be refused is refused before anything is left of it.
    let stored = {
        let looking = client.build_transaction().read_only(true).start().await;
        let looking = looking.map_err(PushError::of("look what is there"))?;
        let signed: Vec<&Assertion> = order.assertions.iter().collect();
        if let Some(place) = assertions::find_conflict(&looking, &signed).await? {
            return Err(refused(PushRefusal::AnotherText(signed[place].identity().clone())));
        }
        stored(&looking, &intake, claims.is_some()).await?.0
    };
    intake.prepare(stored).map_err(refused)?;
    let sweeping = held.clone();
    let swept = spawn_blocking(move || sweeping.sweep(now)).await.expect("it does not panic");
    if let Err(error) = swept {
        let error: &dyn std::error::Error = &error;
        tracing::warn!(error, "what earlier pushes left behind is not swept up");
    }
    held.put_file(file, order.file).await?;
    publish(client, &intake, order.assertions, claims.is_some()).await
}

/// What the file says of itself.
async fn described(path: &Path) -> Result<Described, Stopped> {
    let stopped = |unread| match unread {
        Unread::Refused(refusal) => Stopped::Refused(refusal),
        Unread::Failed(error) => Stopped::Failed(error.into()),
    };
    let opened = path.to_owned();
    let read = move || {
        let image = Squashfs::open(File::open(opened)?)?;
        match image.packing() {
            Packing::Other(name) => Ok(Err(name)),
            _ => Ok(Ok(image.read(&SNAP_YAML, snap_yaml::MAX_BYTES)?)),
        }
    };
    let read = spawn_blocking(read).await.expect("it does not panic").map_err(stopped)?;
    let text = match read {
        Ok(text) => text,
        Err(packing) => {
            let read = unsquashfs::read(path, packing, snap_yaml::MAX_BYTES);
            read.await.map_err(stopped)?
        }
    };
    snap_yaml::read(text).map_err(refused)
}

/// The publisher of that id, who may be new and is called by it then.
async fn publisher(client: &Object, id: &Label) -> Result<Publisher, Stopped> {
    let known = publishers::find(client, id).await?;
    Ok(known.unwrap_or_else(|| Publisher {
        id: id.clone(),
        username: id.clone(),
        display_name: id.as_str().parse().expect("a label is a line"),
        validation: Validation::Unproven,
    }))
}

/// What is stored of the snap, and whether it is withdrawn. It is known by its key where that was signed, else by name.
async fn stored(
    client: &impl GenericClient,
    intake: &Intake<'_>,
    is_signed: bool,
) -> Result<(Option<Listing>, bool), Stopped> {
    let name = intake.described.name;
    let id = if is_signed { Some(intake.id) } else { listings::find_id(client, &name).await? };
    let Some(id) = id else { return Ok((None, false)) };
    let mut loaded = listings::load(client, &[id]).await?;
    if let Some((_, reason)) = loaded.spoilt.pop() {
        return Err(refused(PushRefusal::Refused(reason)));
    }
    let listing = loaded.listings.pop();
    if let Some(listing) = listing.as_ref().filter(|listing| listing.name != name) {
        let contradiction = format!("its snap-id is that of {}", listing.name);
        return Err(refused(PushRefusal::Contradiction(contradiction)));
    }
    Ok((listing, loaded.withdrawn.contains(&id)))
}

/// Everything that tells of the file, in one transaction.
async fn publish(
    client: &mut Object,
    intake: &Intake<'_>,
    signed: &[Assertion],
    is_signed: bool,
) -> Result<Outcome, Stopped> {
    let begun = client.transaction().await;
    let transaction = begun.map_err(PushError::of("begin the push"))?;
    let generation = generations::begin(&transaction).await?;
    let (stored, is_withdrawn) = stored(&transaction, intake, is_signed).await?;
    let Prepared { listing, revision, is_changed } = intake.prepare(stored).map_err(refused)?;
    let Digested { sha3_384, size } = intake.file;
    let is_held = !blobs::find_own(&transaction, &[sha3_384]).await?.is_empty();
    let signed: Vec<&Assertion> = signed.iter().collect();
    let added =
        assertions::store(&transaction, (&signed, Taken::Own), generation, intake.now).await?;
    if let Some(place) = added.iter().position(|stored| *stored == Stored::Conflicting) {
        return Err(refused(PushRefusal::AnotherText(signed[place].identity().clone())));
    }
    let name = listing.name;
    let is_said_before = added.iter().all(|stored| *stored == Stored::Unchanged);
    let is_new = is_changed || is_withdrawn || !is_held || !is_said_before;
    if !is_new {
        return Ok(Outcome::Already { name, revision });
    }
    if let Err(error) = listings::store(&transaction, &[&listing], generation).await {
        let rule = error.broken_rule().map(str::to_owned);
        return Err(rule.map_or_else(|| error.into(), |rule| refused(PushRefusal::Refused(rule))));
    }
    let file = [(sha3_384, size)];
    blobs::record(&transaction, (&file, Taken::Own), generation, intake.now).await?;
    let what = format!("push: {name} {revision}");
    generations::publish(&transaction, generation, intake.now, &what).await?;
    transaction.commit().await.map_err(PushError::of("commit the push"))?;
    Ok(Outcome::Published { name, revision, generation })
}
