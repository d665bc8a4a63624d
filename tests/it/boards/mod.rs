//! Pages of people: rankings, slices, counts, as a server process serves them from its memory.

mod caching;
mod changes;
mod house;
mod plain;
mod refresh;
mod refusals;

use crate::support::app::TestApp;
use crate::support::app::get;
use crate::support::fixture::Change;
use crate::support::fixture::Place;
use crate::support::fixture::id;
use crate::support::fixture::listed;
use serde_json::Value;

/// The four rankings.
const CATEGORIES: [&str; 4] = ["popular", "recent", "trending", "top_rated"];

/// The body of an answer that must be good.
async fn body(app: &TestApp, path: &str) -> Value {
    let received = get(app, path).await;
    assert_eq!(received.status, 200, "{path}: {}", String::from_utf8_lossy(&received.body));
    received.json()
}

/// The member of each item of a list, as text.
fn texts(list: &Value, pointer: &str) -> Vec<String> {
    let text = |item: &Value| item.pointer(pointer).unwrap().as_str().unwrap().to_owned();
    list.as_array().unwrap().iter().map(text).collect()
}

/// A server without any snap.
async fn empty() -> TestApp {
    TestApp::with(None, &[]).await
}

/// So many snaps, all shown in `popular` in the order of their numbers, and ranked the other way round in `recent`.
async fn with_popular(n: usize) -> TestApp {
    let app = empty().await;
    popular(n).publish(&app).await;
    app
}

fn popular(n: usize) -> Change {
    let falling = |number: usize| 1.0 - f64::from(u16::try_from(number).unwrap()) / 1_024.0;
    let mut places: Vec<Place<'_>> = Vec::new();
    for number in 0..n {
        let rank = number + 1;
        places.push(("popular", id(number), rank, falling(number), Some(rank)));
        places.push(("recent", id(number), n - number, falling(n - number), None));
    }
    Change::default().listed((0..n).map(listed)).places(&places)
}
