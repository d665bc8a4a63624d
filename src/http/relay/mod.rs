//! What is shown of the store we collect from: what it features, and what it finds for words (contract/rankings 2.2).
//!
//! What is featured is a copy, refreshed beside all requests, so that nobody waits for the store. A search waits for
//! it, but not for long, and nobody else with it. The copy is kept for servers that may not ask: these show the last one
//! that was kept, and find what is in their own catalogue. No editor's address leaves.

mod copy;
mod package;
mod searches;

use crate::db::Database;
use crate::db::DbError;
use crate::db::featured;
use crate::db::featured_copy;
use crate::http::asked::Asked;
use crate::http::json;
use crate::http::page::composed;
use crate::http::relay::copy::Featured;
use crate::http::relay::package::package;
use crate::http::relay::searches::Found;
use crate::http::relay::searches::NotFound;
use crate::http::relay::searches::Searches;
use crate::http::reply::Reply;
use crate::http::site::Site;
use crate::http::store;
use crate::published::Published;
use crate::snap::Instant;
use crate::snap::SnapId;
use crate::upstream::Store;
use crate::upstream::UpstreamError;
use deadpool_postgres::Object;
use hyper::StatusCode;
use hyper::header::AGE;
use hyper::header::HeaderValue;
use serde_json::Map;
use serde_json::Value;
use std::num::IntErrorKind;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::time::timeout;

/// The most events that are told of a snap: one a week for four years.
const MAX_EVENTS: u32 = 200;
/// How long the store and the database may take for a copy together. The store's own time-outs are shorter; this ends
/// a wait for a database that says nothing.
const PATIENCE: Duration = Duration::from_secs(30);
/// The packages of a page (contract/rankings 2.2).
const PAGE: usize = 15;
/// The most bytes of a search; no title is longer.
const MAX_WORDS: usize = 256;

/// What is shown of a store.
#[derive(Debug)]
pub struct Relay {
    /// The store and what it finds; none, where nobody is asked.
    source: Option<Source>,
    database: Database,
    featured: Published<Featured>,
    /// Somebody changed the featured list.
    changed: Notify,
}

#[derive(Debug)]
struct Source {
    store: Store,
    searches: Searches,
}

/// What the store lists of a snap.
type Listed = Map<String, Value>;

/// Why there is no new copy of the featured list. The last one goes on being shown.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// The store does not say what it features.
    #[error(transparent)]
    Store(#[from] UpstreamError),
    /// The database does not say what was featured when.
    #[error(transparent)]
    Db(#[from] DbError),
    /// What is kept cannot be read.
    #[error("cannot read the featured list that is kept")]
    Kept(#[from] serde_json::Error),
    /// One of them says nothing.
    #[error("cannot copy the featured list: no answer in time")]
    Slow,
}

impl Relay {
    /// Shows nothing yet. The store is asked from the given runtime, away from the threads that answer.
    pub fn new(store: Store, database: Database, runtime: Handle) -> Self {
        let source = Source { searches: Searches::new(store.clone(), runtime), store };
        Self { source: Some(source), ..Self::offline(database) }
    }

    /// Shows nothing yet, and never asks a store: only what a database keeps.
    pub fn offline(database: Database) -> Self {
        let (featured, changed) = (Published::empty(), Notify::new());
        Self { source: None, database, featured, changed }
    }

    /// Whether somebody may wait for a store here.
    pub(super) fn asks_a_store(&self) -> bool {
        self.source.is_some()
    }

    /// Makes a new copy of the featured list, as of `now`, shows it, and keeps it; offline, shows the one that is kept.
    /// Says when it was true.
    ///
    /// # Errors
    /// When the store or the database does not answer; what is shown stays as it is.
    pub async fn refresh_featured(&self, now: Instant) -> Result<Instant, RelayError> {
        let known = async {
            let (client, listed, as_of) = self.list(now).await?;
            let ids = listed.iter().filter_map(|snap| snap.get("snap_id").and_then(Value::as_str));
            let ids: Vec<SnapId> = ids.filter_map(|id| id.parse().ok()).collect();
            let events = featured::load_of(&client, &ids, MAX_EVENTS).await?;
            Ok::<_, RelayError>((listed, events, as_of))
        };
        let (listed, events, as_of) =
            timeout(PATIENCE, known).await.map_err(|_| RelayError::Slow)??;
        let earlier = self.featured.load();
        let next = Featured::of(&listed, &events, as_of, earlier.as_deref());
        drop(earlier);
        self.featured.publish(Arc::new(next));
        Ok(as_of)
    }

    /// The featured list and when it was true, with a connection to ask for more.
    async fn list(&self, now: Instant) -> Result<(Object, Vec<Listed>, Instant), RelayError> {
        let Some(source) = &self.source else {
            let client = self.database.client().await?;
            // Where none was ever kept, nothing is featured.
            let kept = featured_copy::load(&client).await?;
            let (text, as_of) = kept.unwrap_or_else(|| ("[]".to_owned(), now));
            return Ok((client, serde_json::from_str(&text)?, as_of));
        };
        let listed = source.store.featured().await?;
        let text = serde_json::to_string(&listed)?;
        let client = self.database.client().await?;
        featured_copy::keep(&client, &text, now).await?;
        Ok((client, listed, now))
    }

    /// Whether there is a copy of the featured list.
    pub fn has_featured(&self) -> bool {
        self.featured.load().is_some()
    }

    /// Says that the featured list was changed, so that a copy is made at once.
    pub fn featured_changed(&self) {
        self.changed.notify_one();
    }

    /// Ends when somebody said that the featured list was changed, be it before this was asked.
    pub async fn until_featured_changed(&self) {
        self.changed.notified().await;
    }
}

/// What the store features, to anybody.
pub(super) fn featured(site: &Site, asked: &Asked<'_>) -> Reply {
    let featured = site.backroom.relay.featured.load();
    let Some(featured) = featured.as_deref() else {
        return later("what is featured is not known yet");
    };
    let age = (site.clock)().since(featured.as_of);
    aged(featured.page.reply(site, asked), age)
}

/// What the store finds for the words of the query.
pub(super) async fn search(site: &Site, asked: &Asked<'_>) -> Reply {
    let words = asked.query_value("q").unwrap_or_default();
    if words.len() > MAX_WORDS {
        return Reply::refusal(StatusCode::BAD_REQUEST, "q has at most 256 bytes");
    }
    let page = asked.query_value("page");
    let Some(page) = page.map_or(Some(1), |page| number(&page)) else {
        return Reply::refusal(StatusCode::BAD_REQUEST, "page is a whole number");
    };
    let Some(Source { searches, .. }) = &site.backroom.relay.source else {
        return match held(site, &words) {
            Some(found) => aged(composed(site, asked, body(&found, page)), Duration::ZERO),
            None => later("no catalogue is loaded yet"),
        };
    };
    match searches.find(&words).await {
        Ok(found) => aged(composed(site, asked, body(&found, page)), found.at.elapsed()),
        Err(NotFound::Busy) => later("too many searches at once"),
        Err(NotFound::Failed) => {
            Reply::refusal(StatusCode::BAD_GATEWAY, "the store cannot be asked")
        }
    }
}

/// A refusal that passes.
fn later(text: &str) -> Reply {
    let reply = Reply::refusal(StatusCode::SERVICE_UNAVAILABLE, text);
    Reply { retry_after_s: Some("1"), ..reply }
}

/// What anybody finds in our own catalogue, if there is one; turned round as what the store finds.
fn held(site: &Site, words: &str) -> Option<Found> {
    let published = site.shelf.load();
    let answer = store::find_words(published.as_deref()?, (site.clock)(), words);
    let answer: Value = serde_json::from_slice(&answer).expect("it was just written");
    let results = answer["results"].as_array().into_iter().flatten().filter_map(Value::as_object);
    Some(Found::new(results.filter_map(package).collect()))
}

/// A whole number, however large.
fn number(text: &str) -> Option<i64> {
    text.trim().parse().map_or_else(
        |error: std::num::ParseIntError| match error.kind() {
            IntErrorKind::PosOverflow => Some(i64::MAX),
            IntErrorKind::NegOverflow => Some(i64::MIN),
            _ => None,
        },
        Some,
    )
}

/// A page of what was found; one that is not there is the nearest that is.
fn body(found: &Found, page: i64) -> Vec<u8> {
    let n_pages = found.packages.len().div_ceil(PAGE);
    let page = usize::try_from(page.max(1)).unwrap_or(usize::MAX).clamp(1, n_pages.max(1));
    let packages = found.packages.iter().skip((page - 1) * PAGE).take(PAGE);
    let mut out = b"{\"packages\":".to_vec();
    json::list(&mut out, packages, |out, package| out.extend_from_slice(package));
    out.extend_from_slice(b",\"total_items\":");
    json::number(&mut out, found.packages.len());
    out.extend_from_slice(b",\"total_pages\":");
    json::number(&mut out, n_pages);
    out.extend_from_slice(b"}\n");
    out
}

/// An answer that says how old it is (RFC 9111, 5.1): who keeps it does so for that much less.
fn aged(reply: Reply, age: Duration) -> Reply {
    reply.with(AGE, HeaderValue::from(age.as_secs()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found(n: usize) -> Found {
        Found::new((0..n).map(|number| number.to_string().into_bytes().into()).collect())
    }

    fn read(found: &Found, page: i64) -> (Vec<usize>, usize, usize) {
        let value: Value = serde_json::from_slice(&body(found, page)).unwrap();
        let packages = serde_json::from_value(value["packages"].clone()).unwrap();
        let count = |name: &str| serde_json::from_value(value[name].clone()).unwrap();
        (packages, count("total_items"), count("total_pages"))
    }

    #[test]
    fn a_page_that_is_not_there_is_the_nearest_that_is() {
        let last = (vec![30], 31, 3);
        for page in [3, 4, i64::MAX] {
            assert_eq!(read(&found(31), page), last);
        }
        for page in [i64::MIN, 0, 1] {
            assert_eq!(read(&found(31), page), ((0..15).collect(), 31, 3));
        }
        assert_eq!(read(&found(0), 7), (vec![], 0, 0));
    }

    #[test]
    fn a_number_may_be_too_large_but_is_one() {
        let many = "9".repeat(40);
        assert_eq!(number(&many), Some(i64::MAX));
        assert_eq!(number(&format!("-{many}")), Some(i64::MIN));
        for no in ["", "x", "1.5", "1e3", "-", "0x1", "١"] {
            assert_eq!(number(no), None, "{no}");
        }
    }

    proptest! {
        #[test]
        fn the_pages_together_are_all_that_was_found(n in 0_usize..100) {
            let found = found(n);
            let (_, _, n_pages) = read(&found, 1);
            let pages = 1..=i64::try_from(n_pages).unwrap();
            let all: Vec<_> = pages.flat_map(|page| read(&found, page).0).collect();
            prop_assert_eq!(all, (0..n).collect::<Vec<_>>());
        }
    }
}
