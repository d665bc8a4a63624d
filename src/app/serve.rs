//! `snapwise serve`: answers from what is published until it is told to go.

use crate::app::admitting::Admitting;
use crate::app::collecting::Collecting;
use crate::app::config::Serving;
use crate::app::config::Switch;
use crate::app::featuring::Featuring;
use crate::app::keeping::keep;
use crate::app::reload::Reload;
use crate::app::secrets::Secrets;
use crate::app::shelving::Giving;
use crate::app::storage::Storage;
use crate::app::telemetry::Telemetry;
use crate::app::worker;
use crate::credentials::CredentialSecrets;
use crate::db::Database;
use crate::http;
use crate::http::Admission;
use crate::http::Backroom;
use crate::http::Cellar;
use crate::http::Forwards;
use crate::http::Limits;
use crate::http::Listeners;
use crate::http::Metrics;
use crate::http::Relay;
use crate::http::Room;
use crate::http::SessionDoor;
use crate::http::SessionRules;
use crate::http::Shelf;
use crate::http::Site;
use crate::http::Tokens;
use crate::published::Published;
use crate::snap::Instant;
use crate::upstream::Store;
use anyhow::Context;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::signal::unix::SignalKind;
use tokio::signal::unix::signal;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tracing_appender::non_blocking::ErrorCounter;

/// How often the count of dropped log lines is carried over to the metrics.
const COUNTING: Duration = Duration::from_secs(1);

/// How often to look whether another server kept a newer copy of what is featured, where no other time is wanted.
const LOOKING: Duration = Duration::from_mins(1);

/// Connections for editors and for who queues jobs; devices and pages need none.
const BACKROOM: usize = 4;

/// Connections for devices that open sessions: each is needed for two short statements.
const SESSIONS: usize = 4;
/// The most that was fetched from upstream and waits to be kept; what comes beyond is fetched again some day.
const TO_KEEP: usize = 1_024;

/// The instant it is.
#[allow(clippy::disallowed_methods, reason = "the clock enters in this room")]
pub(super) fn now() -> Instant {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let microseconds = since.map_or(0, |since| since.as_micros());
    i64::try_from(microseconds)
        .ok()
        .and_then(|microseconds| Instant::from_microseconds(microseconds).ok())
        .unwrap_or(Instant::EPOCH)
}

/// A random number.
pub(super) fn random() -> anyhow::Result<u64> {
    getrandom::u64().map_err(|error| anyhow::anyhow!("{error}")).context("draw a random number")
}

/// The runtime of a command. Requests are answered by threads of their own.
pub(super) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(1).enable_all().build().context("start the threads")
}

/// So many threads; for 0, one for each processor there is.
fn n_threads(configured: usize) -> usize {
    let processors = || std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    if configured == 0 { processors() } else { configured }
}

/// Serves the catalogue of the storage until it is told to go; calls `ready` once it can answer.
pub(super) async fn serve(
    storage: &Storage,
    (serving, collecting): (&Serving, &Collecting),
    telemetry: &Telemetry,
    secrets: Secrets,
    (told_to_go, ready): (impl Future<Output = ()>, impl FnOnce(&Serving) + Send + 'static),
) -> anyhow::Result<()> {
    let bind = |address| async move {
        TcpListener::bind(address).await.with_context(|| format!("listen on {address}"))
    };
    let listeners = Listeners {
        public: bind(serving.listen).await?,
        internal: bind(serving.internal_listen).await?,
    };
    let serving = Serving {
        listen: listeners.public.local_addr()?,
        internal_listen: listeners.internal.local_addr()?,
        ..serving.clone()
    };
    let shelf = Arc::new(Published::empty());
    let metrics = Arc::new(Metrics::new());
    let backroom = backroom(storage, &serving, collecting)?;
    let reload = Reload {
        database_url: storage.url.clone(),
        shelf: Arc::clone(&shelf),
        metrics: Arc::clone(&metrics),
        relay: Arc::clone(&backroom.relay),
        poll_interval: Duration::from_secs(serving.poll_interval_s),
        giving: giving(&serving, collecting, &backroom),
    };
    let reloading = reload.spawn().context("start the thread that loads the catalogue")?;
    tokio::spawn(count_dropped(Arc::clone(&metrics), telemetry.dropped()));
    tell_when_ready(&shelf, &serving, ready);
    let opens_sessions = collecting.relaying.upstream_sessions == Switch::Off;
    let options = options(&serving, secrets.credentials, opens_sessions);
    let limits = Limits {
        max_connections: serving.max_connections,
        n_threads: n_threads(serving.threads),
        drain_timeout: Duration::from_secs(serving.drain_timeout_s),
    };
    let interval = look_every(&serving, collecting);
    let featuring = interval.map(|interval| feature(interval, &backroom.relay, &metrics));
    let stop = async move {
        told_to_go.await;
        if let Some(featuring) = featuring {
            featuring.abort();
        }
    };
    let site = Site::new(shelf, secrets.cohorts, metrics, options, backroom, now, random()?);
    http::serve(Arc::new(site), listeners, limits, stop).await.context("start the threads")?;
    drop(reloading);
    tracing::info!("stopped");
    Ok(())
}

/// How the public door behaves, as configured.
fn options(
    serving: &Serving,
    credentials: CredentialSecrets,
    opens_sessions: bool,
) -> http::Options {
    http::Options {
        path_prefix: serving.path_prefix.clone(),
        public_url: serving.public_url.clone(),
        trusted_proxies: serving.trusted_proxies.clone(),
        compress_from_bytes: (serving.compression == Switch::On)
            .then_some(serving.compression_min_bytes),
        max_in_flight: serving.max_in_flight,
        max_downloads: serving.max_downloads,
        max_body_bytes: serving.max_body_bytes,
        body_timeout: Duration::from_secs(serving.body_timeout_s),
        idle_timeout: Duration::from_secs(serving.header_timeout_s),
        page_max_age_s: serving.page_max_age_s,
        admission: Admission {
            open_stores: serving.admitting.open_stores.clone(),
            secrets: credentials,
            opens_sessions,
        },
    }
}

fn backroom(
    storage: &Storage,
    serving: &Serving,
    collecting: &Collecting,
) -> anyhow::Result<Backroom> {
    let database = Database::new(&storage.url, BACKROOM)?;
    let relay = if collecting.relaying.is_offline() {
        Relay::offline(database.clone())
    } else {
        let hasty = Store::new(&collecting.hasty_client()?);
        Relay::new(hasty, database.clone(), Handle::current())
    };
    Ok(Backroom {
        tokens: tokens(serving)?,
        store: Store::new(&collecting.client()?),
        relay: Arc::new(relay),
        forwards: forwards(storage, &database, collecting)?,
        blobs: storage.blobs.clone(),
        jobs: worker::door(&database, &storage.blobs, collecting)?,
        sessions: Arc::new(session_door(&database, &serving.admitting)),
        database,
    })
}

/// The routes of sessions, with connections of their own: a fleet that starts must not be in editors' way.
fn session_door(database: &Database, admitting: &Admitting) -> SessionDoor {
    let rules = SessionRules {
        nonce_life: Duration::from_secs(admitting.nonce_s),
        soft: Duration::from_secs(admitting.session_soft_s),
        hard: Duration::from_secs(admitting.session_hard_s),
        trusts_models: admitting.trust_models == Switch::On,
    };
    SessionDoor::new(database.apart(SESSIONS), rules, worker::draw)
}

/// Says that it is ready, in the log and to `ready`, as soon as there is something to serve.
fn tell_when_ready(
    shelf: &Arc<Published<Shelf>>,
    serving: &Serving,
    ready: impl FnOnce(&Serving) + Send + 'static,
) {
    let (watched, told) = (Arc::clone(shelf), serving.clone());
    let (listen, internal_listen) = (serving.listen, serving.internal_listen);
    tokio::spawn(async move {
        while watched.load().is_none() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        tracing::info!(%listen, %internal_listen, "ready");
        ready(&told);
    });
}

/// Which files are given out, and from where.
fn giving(serving: &Serving, collecting: &Collecting, backroom: &Backroom) -> Giving {
    Giving {
        downloads: serving.downloads,
        is_relayed: backroom.forwards.has_origin(),
        room: backroom.forwards.room_to_keep(),
        only_whole: collecting.relaying.only_whole(),
    }
}

/// What we do not hold, asked of the store behind us, and what of it is kept.
fn forwards(
    storage: &Storage,
    database: &Database,
    collecting: &Collecting,
) -> anyhow::Result<Forwards> {
    let relaying = &collecting.relaying;
    let cellar = (relaying.cache_files == Switch::On).then(|| {
        let (fetched, to_keep) = mpsc::channel(TO_KEEP);
        let room = Arc::new(Room::new(relaying.cache_max_bytes));
        tokio::spawn(keep(database.clone(), Arc::clone(&room), to_keep));
        let max_file_bytes = relaying.cache_file_max_bytes;
        Cellar { blobs: storage.blobs.clone(), fetched, max_file_bytes, room }
    });
    let forwards = Forwards::new(collecting.origin()?, Handle::current(), cellar);
    let forwards = match relaying.upstream_assertions_max_age_s {
        0 => forwards,
        seconds => forwards.with_max_age(Duration::from_secs(seconds)),
    };
    let opens_sessions = relaying.upstream_sessions == Switch::On;
    Ok(if opens_sessions { forwards.with_sessions() } else { forwards })
}

/// How often to look at what the store features, if that is wanted. Offline it costs a statement.
fn look_every(serving: &Serving, collecting: &Collecting) -> Option<Duration> {
    let is_wanted = serving.featured_refresh_s > 0;
    let wanted = is_wanted.then(|| Duration::from_secs(serving.featured_refresh_s));
    if collecting.relaying.is_offline() { wanted.or(Some(LOOKING)) } else { wanted }
}

/// Begins to copy what the store features.
fn feature(interval: Duration, relay: &Arc<Relay>, metrics: &Arc<Metrics>) -> AbortHandle {
    let (relay, metrics) = (Arc::clone(relay), Arc::clone(metrics));
    tokio::spawn(Featuring { relay, metrics, interval }.run()).abort_handle()
}

/// The tokens of the editors. Without any, nobody is one.
fn tokens(serving: &Serving) -> anyhow::Result<Tokens> {
    Tokens::parse(serving.editor_tokens.as_deref().unwrap_or_default())
        .context("read the tokens of the editors (SNAPWISE_EDITOR_TOKENS)")
}

/// Ends when the process is told to go, by ^C or SIGTERM.
pub(super) fn told_to_go() -> anyhow::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate()).context("wait for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("wait for SIGINT")?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => tracing::info!("told to go by SIGTERM"),
            _ = interrupt.recv() => tracing::info!("told to go by SIGINT"),
        }
    })
}

async fn count_dropped(metrics: Arc<Metrics>, dropped: ErrorCounter) {
    loop {
        metrics.log_lines_dropped(dropped.dropped_lines());
        tokio::time::sleep(COUNTING).await;
    }
}
