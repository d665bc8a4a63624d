//! What is shown of the store: a copy of what it features, and what it finds, asked of a simulated one.

mod featured;
mod offline;
mod search;

use crate::support::app::PATIENCE;
use crate::support::app::Received;
use crate::support::app::TestApp;
use crate::support::app::get;
use crate::support::database;
use crate::support::upstream::TOKEN;
use crate::support::upstream::Upstream;
use snapwise::editorial::Role;
use snapwise::http::Tokens;
use std::time::Duration;
use std::time::Instant;

const ADMIN: &str = "the-token-of-an-admin-for-tests-only";

/// A server on a database of its own, and the store it shows; the list is looked at once in an hour.
async fn with(upstream: Upstream, settings: &[(&str, &str)]) -> (Upstream, TestApp) {
    let database = database::migrated().await;
    let app = serve(&upstream, &database.url, settings);
    (upstream, app)
}

fn serve(upstream: &Upstream, database_url: &str, settings: &[(&str, &str)]) -> TestApp {
    let url = format!("http://{}", upstream.address);
    let tokens = Tokens::entry("bob", Role::Admin, ADMIN).unwrap();
    let mut all = vec![
        ("SNAPWISE_STORE_URL", url.as_str()),
        ("SNAPWISE_PUBLISHER_URL", &url),
        ("SNAPWISE_PUBLISHER_TOKEN", TOKEN),
        ("SNAPWISE_EDITOR_TOKENS", &tokens),
        ("SNAPWISE_FEATURED_REFRESH_S", "3600"),
    ];
    all.extend(settings);
    TestApp::serve(database_url, &all)
}

/// Asks until the answer is as it should be.
async fn eventually(app: &TestApp, path: &str, is_it: impl Fn(&Received) -> bool) -> Received {
    let since = Instant::now();
    loop {
        let received = get(app, path).await;
        if is_it(&received) {
            return received;
        }
        let body = String::from_utf8_lossy(&received.body);
        assert!(since.elapsed() < PATIENCE, "{path}: {} {body}", received.status);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

fn age_s(received: &Received) -> u64 {
    received.header("age").unwrap().parse().unwrap()
}
