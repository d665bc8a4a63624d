//! Which database a command uses: the one it is told, or a private one.

use crate::app::config;
use crate::app::config::Common;
use crate::db::Database;
use crate::postgres;
use crate::postgres::Private;
use crate::postgres::PrivateError;
use anyhow::Context;

/// A database to use, and the private server behind it if this process runs one.
#[derive(Debug)]
pub(super) struct Storage {
    /// Its connection string; it may hold a password.
    pub(super) url: String,
    /// Whether the database is the private one, of this process or of another in the same folder.
    pub(super) is_private: bool,
    private: Option<Private>,
}

impl Storage {
    /// Opens the database the settings name. A private server is started unless another snapwise runs it already.
    pub(super) fn open(common: &Common) -> anyhow::Result<Self> {
        if let Some(url) = &common.database_url {
            return Ok(Self { url: url.clone(), is_private: false, private: None });
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
                Ok(Self { url, is_private: true, private: Some(private) })
            }
            Err(PrivateError::InUse { .. }) => {
                let url = Private::url_of(&common.state_dir);
                let url = url.context("find the private PostgreSQL that another snapwise runs")?;
                Ok(Self { url, is_private: true, private: None })
            }
            Err(error) => Err(error).context("start a private PostgreSQL"),
        }
    }

    /// The database, with a first connection made: who cannot be reached is named here.
    pub(super) async fn database(&self, connections: usize) -> anyhow::Result<Database> {
        let database = Database::new(&self.url, connections)?;
        let reached = database.client().await.map(drop);
        reached.with_context(|| format!("reach {}", config::without_password(&self.url)))?;
        Ok(database)
    }

    /// Stops the private server, if this process runs one.
    pub(super) fn close(self) -> anyhow::Result<()> {
        let stopped = self.private.map_or(Ok(()), Private::stop);
        stopped.context("stop the private PostgreSQL")
    }
}
