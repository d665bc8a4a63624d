//! The private PostgreSQL as its owner sees it, and the thread that keeps it running.

use std::error::Error;
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;
use std::sync::mpsc;
use std::sync::mpsc::Receiver;
use std::sync::mpsc::RecvTimeoutError;
use std::sync::mpsc::Sender;
use std::thread;
use std::thread::JoinHandle;
use std::time::Duration;
use std::time::Instant;

use crate::postgres::cluster::Cluster;
use crate::postgres::cluster::remove_folder;
use crate::postgres::error::PrivateError;
use crate::postgres::server::Server;

/// The file that tells other processes the URL.
const URL_FILE: &str = "url";

/// How often we look whether the server still runs.
const LOOK: Duration = Duration::from_millis(50);

/// The pause before a restart; doubled each time, up to the last.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LAST_PAUSE: Duration = Duration::from_secs(10);

/// A server that ran this long was well: the next pause is the first again.
const WELL: Duration = Duration::from_mins(1);

/// How to run a private PostgreSQL; the default suits a machine with PostgreSQL where its package
/// puts it.
#[derive(Debug, Clone)]
pub struct Options {
    /// The folder that holds `postgres` and `initdb`; none: look for one.
    pub bin_dir: Option<PathBuf>,
    /// The value of `PATH`, where to look first.
    pub path: Option<OsString>,
    /// The value of `XDG_RUNTIME_DIR`, for the socket of a folder whose path is too long for one.
    pub runtime_dir: Option<PathBuf>,
    /// The folder for temporary files, for the same when there is no runtime folder.
    pub temp_dir: PathBuf,
    /// What must survive a crash of the machine.
    pub durability: Durability,
}

/// What survives when the machine, and not only the server, crashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// Every commit that was confirmed.
    #[default]
    Safe,
    /// Possibly nothing; a crash of the server alone still loses no commit. For tests, which are
    /// in a hurry.
    Relaxed,
}

/// A PostgreSQL of our own that runs until this value is stopped or dropped, or its owner dies.
#[derive(Debug)]
pub struct Private {
    url: String,
    pid: Arc<AtomicU32>,
    keeper: Option<Keeper>,
}

#[derive(Debug)]
struct Keeper {
    /// Never written to: the thread ends when this end is gone.
    hold: Sender<()>,
    thread: JoinHandle<Result<(), PrivateError>>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            bin_dir: None,
            path: None,
            runtime_dir: None,
            temp_dir: PathBuf::from("/tmp"),
            durability: Durability::Safe,
        }
    }
}

impl Private {
    /// Starts a server on `dir`, which is made and filled the first time, and returns when it
    /// accepts connections. Blocks, for a second the first time and for a blink later on.
    pub fn start(dir: &Path, options: &Options) -> Result<Private, PrivateError> {
        let cluster = Cluster::open(dir, options)?;
        let url = cluster.url();
        let mut server = Server::start(&cluster)?;
        tracing::info!(pid = server.pid(), dir = %dir.display(), "started a private PostgreSQL");
        let told = dir.join(URL_FILE);
        fs::write(&told, &url).map_err(PrivateError::io("write", &told))?;
        let pid = Arc::new(AtomicU32::new(server.pid()));
        let (hold, owner) = mpsc::channel();
        let shown = Arc::clone(&pid);
        let thread = thread::Builder::new()
            .name("postgres".to_owned())
            .spawn(move || keep(&cluster, server, &owner, &shown))
            .map_err(PrivateError::io("start a thread for", dir))?;
        Ok(Private { url, pid, keeper: Some(Keeper { hold, thread }) })
    }

    /// The URL of the server that another process runs on `dir`, or ran last; [`PrivateError::InUse`] says that there is
    /// one. None when there never was one.
    pub fn url_of(dir: &Path) -> Option<String> {
        fs::read_to_string(dir.join(URL_FILE)).ok()
    }

    /// The URL of its database `snapwise`; stays the same over restarts.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The process of the server; another one after a restart.
    pub fn pid(&self) -> u32 {
        self.pid.load(Ordering::Acquire)
    }

    /// Stops the server; open connections are closed. Blocks until it is gone.
    pub fn stop(mut self) -> Result<(), PrivateError> {
        self.keeper.take().map_or(Ok(()), Keeper::end)
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        if let Some(Err(error)) = self.keeper.take().map(Keeper::end) {
            tracing::warn!(%error, "cannot stop the private PostgreSQL");
        }
    }
}

impl Keeper {
    fn end(self) -> Result<(), PrivateError> {
        drop(self.hold);
        self.thread.join().expect("the keeper of PostgreSQL does not panic")
    }
}

/// Keeps the server running until the owner lets go: a server that ends by itself is replaced.
fn keep(
    cluster: &Cluster,
    mut server: Server,
    owner: &Receiver<()>,
    pid: &AtomicU32,
) -> Result<(), PrivateError> {
    let mut pause = FIRST_PAUSE;
    let mut since = Instant::now();
    while is_held(owner, LOOK) {
        let status = match server.exit_status() {
            Ok(None) => continue,
            Ok(Some(status)) => status.to_string(),
            Err(error) => error.to_string(),
        };
        if since.elapsed() > WELL {
            pause = FIRST_PAUSE;
        }
        let pause_ms = pause.as_millis();
        tracing::warn!(%status, pause_ms, "the private PostgreSQL ended by itself, restarting it");
        drop(server);
        let Some(next) = replace(cluster, owner, &mut pause) else { return Ok(()) };
        server = next;
        since = Instant::now();
        pid.store(server.pid(), Ordering::Release);
    }
    server.stop(cluster)?;
    remove_folder(&cluster.run)
}

/// Starts a server after a pause, and again until it works; none when the owner let go first.
fn replace(cluster: &Cluster, owner: &Receiver<()>, pause: &mut Duration) -> Option<Server> {
    while is_held(owner, *pause) {
        *pause = LAST_PAUSE.min(*pause * 2);
        match Server::start(cluster) {
            Ok(server) => return Some(server),
            Err(error) => {
                let error: &dyn Error = &error;
                tracing::warn!(error, "cannot restart the private PostgreSQL");
            }
        }
    }
    None
}

/// Waits a while, but not longer than the owner holds on; says whether it does.
fn is_held(owner: &Receiver<()>, wait: Duration) -> bool {
    matches!(owner.recv_timeout(wait), Err(RecvTimeoutError::Timeout))
}
