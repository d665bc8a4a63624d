//! The connections to the database.

use crate::db::DbError;
use crate::db::Listener;
use deadpool_postgres::Manager;
use deadpool_postgres::ManagerConfig;
use deadpool_postgres::Object;
use deadpool_postgres::Pool;
use deadpool_postgres::RecyclingMethod;
use deadpool_postgres::Runtime;
use std::borrow::Cow;
use std::fmt;
use std::time::Duration;
use tokio_postgres::Client;
use tokio_postgres::Config;
use tokio_postgres::Connection;
use tokio_postgres::NoTls;
use tokio_postgres::Socket;
use tokio_postgres::tls::NoTlsStream;

/// How long we wait for a connection, be it a new one or one that others hold. A server that takes longer is away
/// for our purposes: whoever asks serves what they have, or says so.
const TIMEOUT: Duration = Duration::from_secs(5);

/// How long a silent connection stays unprobed, and how long between probes: with three probes, a server that
/// vanished without a word is noticed within a minute.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(30);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(10);
const KEEPALIVE_PROBES: u32 = 3;

/// A connection of its own, outside the pool, and what moves its bytes.
pub(super) type OwnConnection = (Client, Connection<Socket, NoTlsStream>);

/// A database: how to reach it, and a pool of connections to it.
#[derive(Clone)]
pub struct Database {
    config: Config,
    pool: Pool,
}

impl Database {
    /// The database that a connection string names, with at most that many pooled connections. Understood are
    /// `postgresql://user:password@host:port/name` (a Unix socket's folder as `%2Frun%2Fpostgresql` or
    /// `?host=/run/postgresql`) and `host=… user=…`; a scheme may name a driver of Python's, as in
    /// `postgresql+psycopg2://`. Nothing is connected yet.
    ///
    /// # Errors
    /// When the text is no connection string. What is wrong with it is not said: it may hold a password.
    pub fn new(url: &str, connections: usize) -> Result<Self, DbError> {
        let doing = DbError::of("read the database's connection string");
        let Ok(mut config) = without_driver(url).parse::<Config>() else {
            return Err(doing("expected postgresql://user:password@host:port/name"));
        };
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(doing("it names no host"));
        }
        if config.get_application_name().is_none() {
            config.application_name("snapwise");
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(TIMEOUT);
        }
        config.keepalives_idle(KEEPALIVE_IDLE);
        config.keepalives_interval(KEEPALIVE_INTERVAL);
        config.keepalives_retries(KEEPALIVE_PROBES);
        let pool = pool(&config, connections);
        Ok(Self { config, pool })
    }

    /// The same database with a pool of its own, so that nobody else's slow statements are in the way.
    #[must_use]
    pub fn apart(&self, connections: usize) -> Self {
        Self { config: self.config.clone(), pool: pool(&self.config, connections) }
    }

    /// A connection from the pool.
    ///
    /// # Errors
    /// When the server cannot be reached, or no connection comes free, within 5 seconds.
    pub async fn client(&self) -> Result<Object, DbError> {
        self.pool.get().await.map_err(DbError::of("get a connection to the database"))
    }

    /// Listens to the notices of a channel, on a connection of its own.
    ///
    /// # Errors
    /// When the server cannot be reached within 5 seconds or does not let us listen.
    pub async fn listen(&self, channel: &str) -> Result<Listener, DbError> {
        let (client, connection) = self.connect().await?;
        let listening = tokio::time::timeout(TIMEOUT, Listener::start(client, connection, channel));
        listening.await.map_err(DbError::of("listen to the database"))?
    }

    /// A connection outside the pool: what belongs to its session ends with it.
    pub(super) async fn connect(&self) -> Result<OwnConnection, DbError> {
        let connecting = tokio::time::timeout(TIMEOUT, self.config.connect(NoTls));
        connecting
            .await
            .map_err(DbError::of("connect to the database"))?
            .map_err(DbError::of("connect to the database"))
    }
}

/// A connection string without the driver that those of Python have in their scheme.
fn without_driver(url: &str) -> Cow<'_, str> {
    let shorter = url.split_once("://").and_then(|(scheme, rest)| {
        let (scheme, _) = scheme.split_once('+')?;
        matches!(scheme, "postgresql" | "postgres").then(|| format!("{scheme}://{rest}"))
    });
    shorter.map_or(Cow::Borrowed(url), Cow::Owned)
}

/// At most that many connections, none of them made yet.
fn pool(config: &Config, connections: usize) -> Pool {
    let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let pool = Pool::builder(Manager::from_config(config.clone(), NoTls, recycling))
        .max_size(connections.max(1))
        .runtime(Runtime::Tokio1)
        .create_timeout(Some(TIMEOUT))
        .wait_timeout(Some(TIMEOUT))
        .recycle_timeout(Some(TIMEOUT))
        .build();
    pool.expect("all that can lack is a runtime for the time-outs")
}

/// Says nothing of where it leads.
impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::error::Error;

    #[test]
    fn a_refused_connection_string_is_not_repeated() {
        for bad in [
            "",
            "secret",
            "postgres://u:p@h/db?secret=1",
            "postgres://u:p@x?secret@h/db",
            "host=h secret=s",
            "postgres://u:secret@h:port/db",
            "postgresql+psycopg2://u:secret@h:port/db",
            "mysql+postgresql://u:secret@h/db",
            "user=secret",
        ] {
            let error = Database::new(bad, 1).expect_err(bad);
            let source = error.source().map(ToString::to_string);
            let said = format!("{error} {error:?} {source:?}");
            assert!(!said.contains("secret"), "{said}");
        }
    }

    #[test]
    fn what_is_printed_says_nothing_of_the_password() {
        let database = Database::new("postgres://u:secret@h/db", 1).expect("a database");
        assert!(!format!("{database:?}").contains("secret"));
    }

    #[test]
    fn a_socket_is_a_host() {
        for good in [
            "postgresql://postgres@%2Ftmp%2Fsocket/name",
            "postgresql:///name?host=/tmp/socket&user=postgres",
            "host=/tmp/socket user=postgres dbname=name",
            "postgresql+psycopg2://postgres@%2Ftmp%2Fsocket/name",
            "postgresql+psycopg://u:p+q@h:5432/name",
        ] {
            assert!(Database::new(good, 0).is_ok(), "{good}");
        }
    }
}
