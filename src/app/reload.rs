//! Keeps what is served up to date with the database.
//!
//! On a thread of its own: a notice or the clock says that there is a newer generation; what changed since the one
//! being served is loaded in one `REPEATABLE READ` transaction, built aside and swapped in. Whatever fails, the last
//! generation stays in service.

use crate::app::shelving::Batch;
use crate::app::shelving::Builders;
use crate::app::shelving::Building;
use crate::app::shelving::Giving;
use crate::app::shelving::give_way;
use crate::catalogue::Generation;
use crate::db::Database;
use crate::db::DbError;
use crate::db::assertions::Changed;
use crate::db::blobs;
use crate::db::exclusions;
use crate::db::generations;
use crate::db::listed;
use crate::db::listings;
use crate::db::parts;
use crate::db::parts::Part;
use crate::db::placed;
use crate::db::placed_days;
use crate::db::slices;
use crate::db::steps;
use crate::http::Metrics;
use crate::http::Relay;
use crate::http::Shelf;
use crate::published::Published;
use crate::snap::Instant;
use crate::snap::SnapId;
use deadpool_postgres::GenericClient;
use deadpool_postgres::Transaction;
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::sync::oneshot::Sender;
use tokio::time::sleep;
use tokio::time::timeout;
use tokio_postgres::IsolationLevel;

/// Listings held at once while loading: enough to make the round trips few, little enough to hold.
const BATCH: usize = 256;
/// Assertions fetched at once: most have about a KiB, and the largest 2 MiB.
const ASSERTIONS: u16 = 256;
/// Pauses before the next try while the database is away; doubled each time.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LAST_PAUSE: Duration = Duration::from_secs(5);
/// How long the database may take for one answer; a batch takes it some tens of milliseconds. One that is frozen, or
/// behind a network that is, says nothing and breaks nothing: without this we would wait for ever and call it up.
const SILENCE: Duration = Duration::from_secs(10);
/// How long the thread waits for the last request that holds an earlier generation, so that freeing it costs no
/// request anything.
const FREEING: Duration = Duration::from_secs(10);

/// What the thread works with.
pub(super) struct Reload {
    pub(super) database_url: String,
    pub(super) shelf: Arc<Published<Shelf>>,
    pub(super) metrics: Arc<Metrics>,
    /// Hears when editors changed what the store features, on whichever server.
    pub(super) relay: Arc<Relay>,
    pub(super) poll_interval: Duration,
    /// From where files are given out.
    pub(super) giving: Giving,
}

impl Reload {
    /// Begins. The thread ends when what is returned is dropped: a private database may go after that without being
    /// missed. Nobody waits for it, for it may be in the middle of a large generation.
    pub(super) fn spawn(self) -> anyhow::Result<Sender<Infallible>> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (running, ended) = oneshot::channel();
        thread::Builder::new().name("reload".to_owned()).spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    biased;
                    _ = ended => {}
                    never = self.run() => match never {},
                }
            });
        })?;
        Ok(running)
    }

    async fn run(&self) -> Infallible {
        let mut pause = FIRST_PAUSE;
        let mut spoilt = BTreeSet::new();
        loop {
            let Err(error) = self.follow(&mut pause, &mut spoilt).await;
            self.metrics.database_is(false);
            self.metrics.reload_failed();
            let error: &dyn std::error::Error = &error;
            tracing::warn!(error, "the database is away; the last generation stays in service");
            sleep(pause).await;
            pause = LAST_PAUSE.min(pause * 2);
        }
    }

    /// Follows the database until something about it fails.
    async fn follow(
        &self,
        pause: &mut Duration,
        spoilt: &mut BTreeSet<SnapId>,
    ) -> Result<Infallible, DbError> {
        let database = Database::new(&self.database_url, 1)?;
        let mut listener = database.listen(generations::CHANNEL).await?;
        loop {
            // A server that has just begun answers first, and learns the past behind that.
            while self.catch_up(&database, spoilt).await? {}
            self.note_steps(&database).await?;
            self.metrics.database_is(true);
            *pause = FIRST_PAUSE;
            tokio::select! {
                notice = listener.next() => notice?,
                () = sleep(self.poll_interval) => {}
            }
        }
    }

    /// Carries over to the metrics how the steps of the pipeline went, whichever process ran them.
    async fn note_steps(&self, database: &Database) -> Result<(), DbError> {
        let client = database.client().await?;
        for latest in answered(steps::latest(&client)).await? {
            let is_up = latest.run.map(|run| run.failure.is_none());
            self.metrics.step_ended(latest.step, latest.succeeded_at, is_up);
        }
        Ok(())
    }

    /// Loads and publishes the latest generation, if it is not the one being served, or that one lacks the past; says
    /// whether it did. `spoilt` are the snaps that are left out of the one being served.
    async fn catch_up(
        &self,
        database: &Database,
        spoilt: &mut BTreeSet<SnapId>,
    ) -> Result<bool, DbError> {
        let started = std::time::Instant::now();
        // What is served now must be let go of before the swap, or it cannot be freed after it.
        let next = {
            let served = self.shelf.load();
            load(database, served.as_deref(), spoilt, &self.giving).await?
        };
        let Some(Next { shelf, n_changed, n_assertions, boards, left_out }) = next else {
            return Ok(false);
        };
        if boards.features_others {
            self.relay.featured_changed();
        }
        let generation = shelf.catalogue.generation();
        let (n_snaps, text_bytes) =
            (shelf.catalogue.n_snaps(), shelf.pages.size_bytes() + shelf.boards.size_bytes());
        let index_bytes = shelf.finder.size_bytes();
        // Said before anybody can see what was loaded: who is ready is connected.
        self.metrics.database_is(true);
        let earlier = self.shelf.publish(Arc::new(shelf));
        let took = started.elapsed();
        self.metrics.published(generation, n_snaps, left_out.len(), took);
        *spoilt = left_out;
        let duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        tracing::info!(
            generation = generation.number,
            n_snaps,
            n_changed,
            n_listed = boards.n_listed,
            n_assertions,
            text_bytes,
            index_bytes,
            duration_ms,
            "published a generation"
        );
        match earlier {
            Some(earlier) => free(earlier).await,
            None => give_way(),
        }
        Ok(true)
    }
}

/// A generation that is about to be published.
struct Next {
    shelf: Shelf,
    n_changed: usize,
    n_assertions: usize,
    boards: ChangedBoards,
    left_out: BTreeSet<SnapId>,
}

/// What of the pages changed.
struct ChangedBoards {
    /// How many snaps that are shown.
    n_listed: usize,
    /// Whether the store was told to feature others.
    features_others: bool,
}

/// The latest generation, built beside the one being served, from which `spoilt` is left out. None when they are the
/// same.
async fn load(
    database: &Database,
    served: Option<&Shelf>,
    spoilt: &BTreeSet<SnapId>,
    giving: &Giving,
) -> Result<Option<Next>, DbError> {
    let mut client = database.client().await?;
    let doing = "read a generation of the catalogue";
    let transaction = client
        .build_transaction()
        .isolation_level(IsolationLevel::RepeatableRead)
        .read_only(true)
        .start();
    let transaction = answered(async { transaction.await.map_err(DbError::of(doing)) }).await?;
    let latest = answered(generations::latest(&transaction)).await?;
    let (number, published_at) = match (latest, served) {
        (Some(latest), _) => latest,
        // A database that is just being filled again must not empty the shelf.
        (None, Some(shelf)) if shelf.catalogue.generation().number > 0 => {
            return Err(DbError::of(doing)("nothing is published in the database any more"));
        }
        (None, _) => (0, Instant::EPOCH),
    };
    let generation = Generation { number, published_at };
    let is_served = |shelf: &Shelf| shelf.catalogue.generation() == generation;
    if served.is_some_and(|shelf| is_served(shelf) && !shelf.boards.lacks_days()) {
        return Ok(None);
    }
    let base = same_history(&transaction, served).await?;
    let left_out = if base.is_some() { spoilt.clone() } else { BTreeSet::new() };
    let building = Building::begin(Builders::from(base, giving.clone()), left_out);
    let after = base.map_or(0, |shelf| shelf.catalogue.generation().number);
    // Before the listings: whether a file is wholly held is looked at with its snap.
    let n_assertions = load_assertions(&transaction, after, &building).await?;
    // A key that came may make any chain whole. That is rare, and no request waits for it.
    let looks_anew = giving.only_whole.is_some() && n_assertions > 0;
    let after_listings = if looks_anew { 0 } else { after };
    let changed = answered(listings::load_ids(&transaction, after_listings)).await?;
    for ids in changed.chunks(BATCH) {
        let fetched = answered(listings::fetch(&transaction, ids)).await?;
        building.add(Batch::Listings(Box::new(fetched)));
    }
    let boards = load_boards(&transaction, base, &building).await?;
    if let Some(room) = &giving.room {
        room.holds(answered(blobs::bytes_in_passing(&transaction)).await?);
    }
    answered(async { transaction.commit().await.map_err(DbError::of(doing)) }).await?;
    let (builders, left_out) = building.end();
    let shelf = builders.finish(generation);
    Ok(Some(Next { shelf, n_changed: changed.len(), n_assertions, boards, left_out }))
}

/// Loads the assertions that were stored after that generation; says how many they are.
async fn load_assertions(
    transaction: &Transaction<'_>,
    after: i64,
    building: &Building,
) -> Result<usize, DbError> {
    let stored = answered(Changed::after(transaction, after, None)).await?;
    let mut n = 0;
    while let Some(batch) = answered(stored.next(ASSERTIONS)).await? {
        n += batch.len();
        building.add(Batch::Assertions(batch));
    }
    Ok(n)
}

/// Loads what pages show and changed since `base`.
async fn load_boards(
    client: &impl GenericClient,
    base: Option<&Shelf>,
    building: &Building,
) -> Result<ChangedBoards, DbError> {
    let after = base.map_or(0, |shelf| shelf.catalogue.generation().number);
    let changed = answered(listed::changed_after(client, after)).await?;
    for ids in changed.listed.chunks(BATCH) {
        building.add(Batch::Listed(answered(listed::load(client, ids)).await?));
    }
    for ids in changed.vanished.chunks(BATCH) {
        building.add(Batch::Vanished(answered(listed::load(client, ids)).await?));
    }
    let mut parts = match base {
        Some(_) => answered(parts::changed_after(client, after)).await?,
        None => Part::ALL.to_vec(),
    };
    if base.is_some_and(|shelf| shelf.boards.lacks_days()) && !parts.contains(&Part::Places) {
        parts.push(Part::Places);
    }
    let mut features_others = false;
    for part in parts {
        match part {
            Part::Places => load_places(client, base, building).await?,
            Part::Slices => building.add(Batch::Slices(answered(slices::load(client)).await?)),
            Part::Exclusions => {
                let excluded = answered(exclusions::load(client)).await?;
                building.add(Batch::Excluded(excluded.into_iter().collect()));
            }
            Part::Featured => features_others = base.is_some(),
        }
    }
    let n_listed = changed.listed.len() + changed.vanished.len();
    Ok(ChangedBoards { n_listed, features_others })
}

/// Loads the rankings, and of their history the days that are not known yet and the last one that is: it may have
/// gone on since. Who serves nothing yet loads the last day alone, to be ready soon.
async fn load_places(
    client: &impl GenericClient,
    base: Option<&Shelf>,
    building: &Building,
) -> Result<(), DbError> {
    building.add(Batch::Places(answered(placed::load(client)).await?));
    let known: Vec<i32> = base.map_or_else(Vec::new, |shelf| shelf.boards.days().collect());
    let days = answered(placed_days::load_days(client)).await?;
    let is_wanted = |day: &&i32| match base {
        Some(_) => Some(*day) >= known.last() || !known.contains(day),
        None => days.iter().max() == Some(*day),
    };
    for day in days.iter().filter(is_wanted) {
        building.add(Batch::Day(*day, answered(placed_days::load_day(client, *day)).await?));
    }
    building.add(Batch::Days(days));
    Ok(())
}

/// What is served, if the database went on from there. An earlier number, or another publication under the same one,
/// is another database: begin anew.
async fn same_history<'s>(
    client: &impl GenericClient,
    served: Option<&'s Shelf>,
) -> Result<Option<&'s Shelf>, DbError> {
    let Some(shelf) = served else { return Ok(None) };
    let base = shelf.catalogue.generation();
    let published_at = answered(generations::published_at(client, base.number)).await?;
    Ok((base.number == 0 || published_at == Some(base.published_at)).then_some(shelf))
}

/// What the database answers, if it does so in time.
async fn answered<T>(answer: impl Future<Output = Result<T, DbError>>) -> Result<T, DbError> {
    timeout(SILENCE, answer).await.map_err(DbError::of("get an answer from the database"))?
}

/// Frees an earlier generation here rather than in the last request that holds it.
async fn free(mut earlier: Arc<Shelf>) {
    let since = std::time::Instant::now();
    while since.elapsed() < FREEING {
        match Arc::try_unwrap(earlier) {
            Ok(_) => return,
            Err(held) => earlier = held,
        }
        sleep(Duration::from_millis(10)).await;
    }
}
