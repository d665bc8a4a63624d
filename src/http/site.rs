//! What the doors have in common: what is served, to how many, and what is counted.

use crate::blobs::Blobs;
use crate::db::Database;
use crate::device::CohortSecrets;
use crate::http::Admission;
use crate::http::Forwards;
use crate::http::JobDoor;
use crate::http::Metrics;
use crate::http::PublicBase;
use crate::http::Relay;
use crate::http::SessionDoor;
use crate::http::Shelf;
use crate::http::Tokens;
use crate::http::TrustedProxies;
use crate::http::compress::Compress;
use crate::http::errands::Errands;
use crate::http::request_id::RequestIds;
use crate::http::route::Router;
use crate::http::route::Side;
use crate::published::Published;
use crate::snap::Instant;
use crate::upstream::Store;
use hyper::header::HeaderValue;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::sync::watch;

/// How the public door behaves.
#[derive(Debug, Clone)]
pub struct Options {
    /// A path that may stand before every route, such as `/store`; empty for none.
    pub path_prefix: String,
    /// Where URLs in answers lead; without it, to where each request says that it was sent.
    pub public_url: Option<PublicBase>,
    /// The proxies that are believed when they say where a request was sent.
    pub trusted_proxies: TrustedProxies,
    /// The least body in bytes that is worth compressing; `None` switches compression off.
    pub compress_from_bytes: Option<usize>,
    /// The most requests answered at once; more are told to come back.
    pub max_in_flight: usize,
    /// The most files that are sent at once; more are told to come back.
    pub max_downloads: usize,
    /// The largest request body in bytes.
    pub max_body_bytes: usize,
    /// How long a body may take to arrive.
    pub body_timeout: Duration,
    /// How long a connection may stay idle: without a request, or without taking any of an answer.
    pub idle_timeout: Duration,
    /// How many seconds callers may keep a page before they ask again.
    pub page_max_age_s: u64,
    /// Who is let into which store.
    pub admission: Admission,
}

/// What the routes need that change something or wait for something: editors' and jobs'.
#[derive(Debug, Clone)]
pub struct Backroom {
    /// Where changes are made and jobs are queued.
    pub database: Database,
    /// Who may change something.
    pub tokens: Tokens,
    /// The store whose featured list admins choose.
    pub store: Store,
    /// Where the files are that we give out.
    pub blobs: Blobs,
    /// What is shown of that store.
    pub relay: Arc<Relay>,
    /// The store behind us, which what we do not serve ourselves is asked of.
    pub forwards: Forwards,
    /// What more the routes of jobs need.
    pub jobs: JobDoor,
    /// What the routes of sessions need.
    pub sessions: Arc<SessionDoor>,
}

/// Everything a request needs: shared by all connections of a process.
pub struct Site {
    pub(super) shelf: Arc<Published<Shelf>>,
    pub(super) cohorts: CohortSecrets,
    pub(super) clock: fn() -> Instant,
    pub(super) metrics: Arc<Metrics>,
    pub(super) ids: RequestIds,
    pub(super) options: Options,
    pub(super) compress: Compress,
    /// The `Cache-Control` of pages.
    pub(super) keep: HeaderValue,
    pub(super) public: Router,
    pub(super) internal: Router,
    pub(super) backroom: Backroom,
    /// Room for those who are sent a file.
    pub(super) downloads: Arc<Semaphore>,
    /// What must be brought to its end before the process goes.
    pub(super) errands: Errands,
    draining: watch::Sender<bool>,
}

impl Site {
    /// A site that serves what is published on `shelf`. `process` is a random number that tells the request ids of
    /// this process from others.
    pub fn new(
        shelf: Arc<Published<Shelf>>,
        cohorts: CohortSecrets,
        metrics: Arc<Metrics>,
        options: Options,
        backroom: Backroom,
        clock: fn() -> Instant,
        process: u64,
    ) -> Self {
        Self {
            shelf,
            cohorts,
            clock,
            metrics,
            ids: RequestIds::new(process),
            compress: options.compress_from_bytes.map_or(Compress::Off, Compress::From),
            keep: HeaderValue::try_from(format!("public, max-age={}", options.page_max_age_s))
                .expect("words and digits are no control signs"),
            public: Router::new(Side::Public, &options.path_prefix),
            internal: Router::new(Side::Internal, ""),
            downloads: Arc::new(Semaphore::new(options.max_downloads)),
            options,
            backroom,
            errands: Errands::default(),
            draining: watch::Sender::new(false),
        }
    }

    /// From now on the process says that it is not ready: it finishes what it has and goes.
    pub(super) fn drain(&self) {
        self.draining.send_replace(true);
    }

    /// Whether the process is about to go.
    pub(super) fn is_draining(&self) -> bool {
        *self.draining.borrow()
    }

    /// Tells when the process is about to go.
    pub(super) fn draining(&self) -> watch::Receiver<bool> {
        self.draining.subscribe()
    }

    /// Ends when the process is about to go.
    pub(super) async fn drained(&self) {
        let told = self.draining.subscribe().wait_for(|draining| *draining).await.map(|_| ());
        told.expect("the sender is here");
    }
}

impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Site").field("options", &self.options).finish_non_exhaustive()
    }
}
