//! Which database a command uses: the one it is told, or a private one.

use crate::app::config;
use crate::app::config::Common;
use crate::blobs::Blobs;
use crate::db::Database;
use crate::postgres;
use crate::postgres::Heir;
use crate::postgres::Private;
use crate::postgres::PrivateError;
use anyhow::Context;
use std::time::Duration;
use std::time::Instant;

/// A database to use, and the private server behind it if this process runs one.
#[derive(Debug)]
pub(super) struct Storage {
    /// Its connection string; it may hold a password.
    pub(super) url: String,
    /// Whether the database is the private one, of this process or of another in the same folder.
    pub(super) is_private: bool,
    /// The files beside it.
    pub(super) blobs: Blobs,
    server: Server,
}

/// The server behind a database.
#[derive(Debug)]
enum Server {
    /// It is none of our business.
    Theirs,
    /// A private one of this process.
    Own(Private),
    /// A private one of another process, to be ours when that one goes.
    Joined(Heir),
}

/// How long another process may take to set up the database that we join.
const SETTING_UP: Duration = Duration::from_secs(30);
/// Between looks whether it has.
const LOOK: Duration = Duration::from_millis(100);

impl Storage {
    /// Opens the database the settings name. A private server is started unless another snapwise runs it already.
    pub(super) fn open(common: &Common) -> anyhow::Result<Self> {
        let blobs = config::blobs(common)?;
        let alias = || config::alias_of("database_url").map(|(_, url)| url);
        if let Some(url) = &common.database_url.clone().or_else(alias) {
            return Ok(Self { url: url.clone(), is_private: false, blobs, server: Server::Theirs });
        }
        let options = postgres::Options {
            bin_dir: common.pg_bin_dir.clone(),
            path: config::variable("PATH"),
            runtime_dir: config::variable("XDG_RUNTIME_DIR").map(Into::into),
            temp_dir: config::temp_dir(),
            durability: postgres::Durability::Safe,
        };
        match Private::start(&common.state_dir, &options) {
            Ok(private) => {
                let url = private.url().to_owned();
                Ok(Self { url, is_private: true, blobs, server: Server::Own(private) })
            }
            Err(PrivateError::InUse { .. }) => {
                let heir = Heir::of(&common.state_dir, &options)?;
                let url = eventually(|| Private::url_of(&common.state_dir));
                let url = url.context("find the private PostgreSQL that another snapwise runs")?;
                Ok(Self { url, is_private: true, blobs, server: Server::Joined(heir) })
            }
            Err(error) => Err(error).context("start a private PostgreSQL"),
        }
    }

    /// The database, with a first connection made: who cannot be reached is named here.
    pub(super) async fn database(&self, connections: usize) -> anyhow::Result<Database> {
        let database = Database::new(&self.url, connections)?;
        let mut reached = database.client().await.map(drop);
        if let Server::Joined(_) = self.server {
            let since = Instant::now();
            while reached.is_err() && since.elapsed() < SETTING_UP {
                tokio::time::sleep(LOOK).await;
                reached = database.client().await.map(drop);
            }
        }
        reached.with_context(|| format!("reach {}", config::without_password(&self.url)))?;
        Ok(database)
    }

    /// Stops the private server, if this process runs one.
    pub(super) fn close(self) -> anyhow::Result<()> {
        let stopped = match self.server {
            Server::Theirs => Ok(()),
            Server::Own(private) => private.stop(),
            Server::Joined(heir) => heir.stop(),
        };
        stopped.context("stop the private PostgreSQL")
    }
}

/// What there is to find, as soon as it is there.
fn eventually<T>(mut find: impl FnMut() -> Option<T>) -> Option<T> {
    let since = Instant::now();
    loop {
        let found = find();
        if found.is_some() || since.elapsed() >= SETTING_UP {
            return found;
        }
        std::thread::sleep(LOOK);
    }
}
