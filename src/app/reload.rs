//! Keeps what is served up to date with the database.
//!
//! On a thread of its own: a notice or the clock says that there is a newer generation; what changed since the one
//! being served is loaded in one `REPEATABLE READ` transaction, built aside and swapped in. Whatever fails, the last
//! generation stays in service.

use crate::catalogue;
use crate::catalogue::Generation;
use crate::db::Database;
use crate::db::DbError;
use crate::db::generations;
use crate::db::listings;
use crate::http::Metrics;
use crate::http::PagesBuilder;
use crate::http::Shelf;
use crate::published::Published;
use crate::snap::Instant;
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use tokio::time::sleep;
use tokio_postgres::IsolationLevel;

/// Listings held at once while loading: enough to make the round trips few, little enough to hold.
const BATCH: usize = 500;
/// Pauses before the next try while the database is away; doubled each time.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LAST_PAUSE: Duration = Duration::from_secs(5);
/// How long the thread waits for the last request that holds an earlier generation, so that freeing it costs no
/// request anything.
const FREEING: Duration = Duration::from_secs(10);
/// A load gives way to requests when both want the processor.
const NICENESS: i32 = 10;

/// What the thread works with.
pub(super) struct Reload {
    pub(super) database_url: String,
    pub(super) shelf: Arc<Published<Shelf>>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) poll_interval: Duration,
}

impl Reload {
    /// Begins. The thread ends with the process.
    pub(super) fn spawn(self) -> anyhow::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        thread::Builder::new().name("reload".to_owned()).spawn(move || {
            if let Err(error) = rustix::process::setpriority_process(None, NICENESS) {
                tracing::debug!(%error, "could not lower the priority of loading");
            }
            runtime.block_on(self.run());
        })?;
        Ok(())
    }

    async fn run(self) {
        let mut pause = FIRST_PAUSE;
        loop {
            let Err(error) = self.follow(&mut pause).await;
            self.metrics.database_is(false);
            self.metrics.reload_failed();
            let error: &dyn std::error::Error = &error;
            tracing::warn!(error, "the database is away; the last generation stays in service");
            sleep(pause).await;
            pause = LAST_PAUSE.min(pause * 2);
        }
    }

    /// Follows the database until something about it fails.
    async fn follow(&self, pause: &mut Duration) -> Result<std::convert::Infallible, DbError> {
        let database = Database::new(&self.database_url, 1)?;
        let mut listener = database.listen(generations::CHANNEL).await?;
        loop {
            self.catch_up(&database).await?;
            self.metrics.database_is(true);
            *pause = FIRST_PAUSE;
            tokio::select! {
                notice = listener.next() => notice?,
                () = sleep(self.poll_interval) => {}
            }
        }
    }

    /// Loads and publishes the latest generation, if it is not the one being served.
    async fn catch_up(&self, database: &Database) -> Result<(), DbError> {
        let started = std::time::Instant::now();
        let mut client = database.client().await?;
        let doing = "read a generation of the catalogue";
        let transaction = client
            .build_transaction()
            .isolation_level(IsolationLevel::RepeatableRead)
            .read_only(true)
            .start()
            .await
            .map_err(DbError::of(doing))?;
        let latest = generations::latest(&transaction).await?;
        let (number, published_at) = latest.unwrap_or((0, Instant::EPOCH));
        let generation = Generation { number, published_at };
        let served = self.shelf.load();
        let served = served.as_deref();
        if served.is_some_and(|shelf| shelf.catalogue.generation() == generation) {
            return Ok(());
        }
        // An earlier number, or another publication under the same one, is another database: begin anew.
        let base = match served {
            Some(shelf) => {
                let base = shelf.catalogue.generation();
                let same = generations::published_at(&transaction, base.number).await?;
                (base.number == 0 || same == Some(base.published_at)).then_some(shelf)
            }
            None => None,
        };
        let mut builders = Builders::from(base);
        let after = base.map_or(0, |shelf| shelf.catalogue.generation().number);
        let changed = listings::load_ids(&transaction, after).await?;
        let mut n_spoilt = 0;
        for ids in changed.chunks(BATCH) {
            let loaded = listings::load(&transaction, ids).await?;
            for (id, reason) in &loaded.spoilt {
                tracing::error!(snap.id = %id, reason, "a snap is left out: its record is broken");
            }
            n_spoilt += loaded.spoilt.len();
            loaded.listings.iter().for_each(|listing| builders.put(listing));
        }
        transaction.commit().await.map_err(DbError::of(doing))?;
        let shelf = builders.finish(generation);
        let (n_snaps, text_bytes) = (shelf.catalogue.n_snaps(), shelf.pages.size_bytes());
        let earlier = self.shelf.publish(Arc::new(shelf));
        let took = started.elapsed();
        self.metrics.published(generation, n_snaps, n_spoilt, took);
        let duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        tracing::info!(
            generation = number,
            n_snaps,
            n_changed = changed.len(),
            text_bytes,
            duration_ms,
            "published a generation"
        );
        if let Some(earlier) = earlier {
            free(earlier).await;
        }
        Ok(())
    }
}

struct Builders {
    catalogue: catalogue::Builder,
    pages: PagesBuilder,
}

impl Builders {
    fn from(base: Option<&Shelf>) -> Self {
        match base {
            Some(shelf) => Self {
                catalogue: catalogue::Builder::from(&shelf.catalogue),
                pages: PagesBuilder::from(&shelf.catalogue, &shelf.pages),
            },
            None => {
                Self { catalogue: catalogue::Builder::default(), pages: PagesBuilder::default() }
            }
        }
    }

    fn put(&mut self, listing: &crate::snap::Listing) {
        self.catalogue.put(listing);
        self.pages.put(listing);
    }

    fn finish(self, generation: Generation) -> Shelf {
        let catalogue = self.catalogue.finish(generation);
        let pages = self.pages.finish(&catalogue);
        Shelf { catalogue, pages }
    }
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
