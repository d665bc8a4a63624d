//! Databases for tests, on one private PostgreSQL that lives as long as the test run.
//!
//! `TEST_DATABASE_URL` may name another server, on which the user may create databases.

use crate::support::private::options;
use snapwise::postgres::Private;
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;
use tokio::sync::Mutex;
use tokio_postgres::Client;
use tokio_postgres::NoTls;

/// What it means when the folder of the server is in use.
const ALONE: &str = "no other test run uses the folder: all tests share one process, or TEST_DATABASE_URL names a server";

/// A database of one test's own; it goes with the next test run's start.
pub(crate) struct TestDatabase {
    /// Its connection string.
    pub(crate) url: String,
}

/// A fresh, empty database without tables.
pub(crate) async fn database() -> TestDatabase {
    create("template0").await
}

/// A fresh database with the tables of this version, and nothing in them.
pub(crate) async fn migrated() -> TestDatabase {
    static TEMPLATE: Mutex<Option<String>> = Mutex::const_new(None);
    let mut template = TEMPLATE.lock().await;
    if template.is_none() {
        let made = create("template0").await;
        let database = snapwise::db::Database::new(&made.url, 1).unwrap();
        snapwise::db::migrate(&database).await.unwrap();
        *template = Some(made.url.rsplit('/').next().unwrap().to_owned());
    }
    // One at a time: PostgreSQL copies a template only while nobody else does.
    create(template.as_ref().unwrap()).await
}

async fn create(template: &str) -> TestDatabase {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = format!("it_{}_{count}", std::process::id());
    let client = connect(server()).await;
    let made = client.batch_execute(&format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
    made.unwrap();
    let (base, _) = server().rsplit_once('/').unwrap();
    TestDatabase { url: format!("{base}/{name}") }
}

/// A plain connection.
pub(crate) async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(async move {
        // A test that kills its server sees the connection fail in what it asks, not here.
        drop(connection.await);
    });
    client
}

/// The server all tests share; it ends with this process.
#[allow(clippy::disallowed_methods, reason = "a test stands where `app` stands")]
fn server() -> &'static str {
    static SERVER: OnceLock<(String, Option<Private>)> = OnceLock::new();
    let (url, _) = SERVER.get_or_init(|| {
        if let Ok(url) = std::env::var("TEST_DATABASE_URL") {
            return (url, None);
        }
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("postgres");
        // Databases of earlier runs go with their folder; making it anew takes a second.
        if Private::url_of(&dir).is_some() {
            drop(Private::start(&dir, &options()).expect(ALONE));
            std::fs::remove_dir_all(&dir).unwrap();
        }
        let private = Private::start(&dir, &options()).expect("PostgreSQL is installed");
        (private.url().to_owned(), Some(private))
    });
    url
}
