//! Searches of the store: each asked once, kept for a while, and not too many at a time.

use crate::http::relay::package::package;
use crate::upstream::Store;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::Semaphore;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio::time::timeout;

/// How long a search may take in all: who types does not wait longer.
const PATIENCE: Duration = Duration::from_secs(5);
/// The most searches under way at once; who types finds another word sooner than a store finds room for more.
const MAX_UNDER_WAY: usize = 16;
/// The most requests that wait for them. They hold their connections, so there is a bound.
const MAX_WAITING: usize = 64;
/// How long what was found is as good as new.
const FRESH: Duration = Duration::from_mins(1);
/// How long it is better than nothing, when the store cannot be asked.
const BETTER_THAN_NOTHING: Duration = Duration::from_hours(1);
/// The most searches that are kept, and their bytes: about as much as the rankings take.
const MAX_KEPT: usize = 256;
const MAX_KEPT_BYTES: usize = 16 * 1_024 * 1_024;

/// What the store found, as it is sent, best first.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) packages: Vec<Box<[u8]>>,
    /// When it was found.
    pub(super) at: Instant,
}

impl Found {
    pub(super) fn new(packages: Vec<Box<[u8]>>) -> Self {
        Self { packages, at: Instant::now() }
    }

    fn size_bytes(&self) -> usize {
        self.packages.iter().map(|package| package.len() + size_of::<Box<[u8]>>()).sum()
    }

    fn is_younger_than(&self, age: Duration) -> bool {
        self.at.elapsed() < age
    }
}

/// Why nothing can be said of what the store finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotFound {
    /// As many ask as may.
    Busy,
    /// The store does not answer, or not in time. Why is in the log.
    Failed,
}

/// What became of a search; nothing as long as it is under way.
type Outcome = Option<Result<Arc<Found>, NotFound>>;

/// The searches of one store.
#[derive(Debug)]
pub(super) struct Searches {
    store: Store,
    runtime: Handle,
    waiting: Semaphore,
    under_way: Arc<Semaphore>,
    known: Arc<Mutex<Known>>,
    fresh: Duration,
    better_than_nothing: Duration,
}

#[derive(Debug, Default)]
struct Known {
    found: BTreeMap<Box<str>, Arc<Found>>,
    size_bytes: usize,
    under_way: BTreeMap<Box<str>, watch::Receiver<Outcome>>,
}

impl Searches {
    /// Asks the store from that runtime.
    pub(super) fn new(store: Store, runtime: Handle) -> Self {
        Self {
            store,
            runtime,
            waiting: Semaphore::new(MAX_WAITING),
            under_way: Arc::new(Semaphore::new(MAX_UNDER_WAY)),
            known: Arc::default(),
            fresh: FRESH,
            better_than_nothing: BETTER_THAN_NOTHING,
        }
    }

    /// What the store finds for these words. When it cannot be asked, what it found the last time.
    pub(super) async fn find(&self, words: &str) -> Result<Arc<Found>, NotFound> {
        let kept = self.known.lock().expect("nobody panics with it").found.get(words).cloned();
        if let Some(found) = kept.as_ref().filter(|found| found.is_younger_than(self.fresh)) {
            return Ok(Arc::clone(found));
        }
        let asked = self.ask(words).await;
        let old = kept.filter(|found| found.is_younger_than(self.better_than_nothing));
        asked.or_else(|not_found| old.ok_or(not_found))
    }

    async fn ask(&self, words: &str) -> Result<Arc<Found>, NotFound> {
        let _waiting = self.waiting.try_acquire().map_err(|_| NotFound::Busy)?;
        let mut outcome = self.begin_or_join(words)?;
        let told = outcome.wait_for(Option::is_some).await;
        // Nobody tells any more when the process goes.
        told.ok().and_then(|outcome| outcome.clone()).unwrap_or(Err(NotFound::Failed))
    }

    /// The search for these words that is under way, or a new one. It is brought to its end whoever still waits: the
    /// next one who asks has it ready.
    fn begin_or_join(&self, words: &str) -> Result<watch::Receiver<Outcome>, NotFound> {
        let mut known = self.known.lock().expect("nobody panics with it");
        // One that ended without a word hit a defect.
        let others = known.under_way.get(words).filter(|outcome| outcome.has_changed().is_ok());
        if let Some(outcome) = others {
            return Ok(outcome.clone());
        }
        let room = Arc::clone(&self.under_way).try_acquire_owned().map_err(|_| NotFound::Busy)?;
        let (tell, outcome) = watch::channel(None);
        known.under_way.insert(words.into(), outcome.clone());
        drop(known);
        let search = Search { words: words.into(), known: Arc::clone(&self.known), tell, room };
        self.runtime.spawn(search.run(self.store.clone()));
        Ok(outcome)
    }
}

/// A search that is under way.
struct Search {
    words: Box<str>,
    known: Arc<Mutex<Known>>,
    tell: watch::Sender<Outcome>,
    room: OwnedSemaphorePermit,
}

impl Search {
    async fn run(self, store: Store) {
        let outcome = match timeout(PATIENCE, store.find(&self.words)).await {
            Ok(Ok(results)) => {
                Ok(Arc::new(Found::new(results.iter().filter_map(package).collect())))
            }
            Ok(Err(error)) => {
                tracing::warn!(%error, "a search of the store failed");
                Err(NotFound::Failed)
            }
            Err(_) => {
                tracing::warn!("a search of the store took too long");
                Err(NotFound::Failed)
            }
        };
        let mut known = self.known.lock().expect("nobody panics with it");
        known.under_way.remove(&self.words);
        if let Ok(found) = &outcome {
            known.keep(self.words, Arc::clone(found));
        }
        drop(known);
        drop(self.room);
        self.tell.send_replace(Some(outcome));
    }
}

impl Known {
    /// Keeps what was found, and lets the oldest go that there is no room for.
    fn keep(&mut self, words: Box<str>, found: Arc<Found>) {
        self.size_bytes += found.size_bytes();
        if let Some(earlier) = self.found.insert(words, found) {
            self.size_bytes -= earlier.size_bytes();
        }
        while self.found.len() > MAX_KEPT || self.size_bytes > MAX_KEPT_BYTES {
            let oldest = self.found.iter().min_by_key(|(_, found)| found.at);
            let Some(words) = oldest.map(|(words, _)| words.clone()) else { return };
            if let Some(gone) = self.found.remove(&words) {
                self.size_bytes -= gone.size_bytes();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::upstream;

    fn found(n_bytes: usize) -> Arc<Found> {
        Arc::new(Found::new(vec![vec![0; n_bytes].into()]))
    }

    /// Searches of a store that is not there, with something found before.
    fn without_store() -> Searches {
        let nowhere = upstream::Options {
            store_url: "http://127.0.0.1:1".to_owned(),
            attempts: 1,
            ..upstream::Options::default()
        };
        let store = Store::new(&upstream::Client::new(nowhere).unwrap());
        let searches = Searches::new(store, Handle::current());
        searches.known.lock().unwrap().keep("known".into(), found(10));
        searches
    }

    #[tokio::test]
    async fn what_is_fresh_is_not_asked_again_and_what_is_old_is_better_than_nothing() {
        let searches = without_store();
        assert!(searches.find("known").await.is_ok());
        assert_eq!(searches.find("other").await.err(), Some(NotFound::Failed));
        let stale = Searches { fresh: Duration::ZERO, ..without_store() };
        assert!(stale.find("known").await.is_ok());
        let all_used = Arc::clone(&stale.under_way).acquire_many_owned(16).await.unwrap();
        assert!(stale.find("known").await.is_ok());
        assert_eq!(stale.find("other").await.err(), Some(NotFound::Busy));
        drop(all_used);
        let too_old = Searches { better_than_nothing: Duration::ZERO, ..stale };
        assert_eq!(too_old.find("known").await.err(), Some(NotFound::Failed));
        assert!(too_old.known.lock().unwrap().under_way.is_empty());
    }

    #[test]
    fn no_more_is_kept_than_there_is_room_for() {
        let mut known = Known::default();
        for number in 0..MAX_KEPT + 5 {
            known.keep(format!("word {number}").into(), found(10));
        }
        assert_eq!(known.found.len(), MAX_KEPT);
        assert!(!known.found.contains_key("word 4") && known.found.contains_key("word 5"));
        known.keep("large".into(), found(MAX_KEPT_BYTES / 2));
        known.keep("larger".into(), found(MAX_KEPT_BYTES / 2));
        assert_eq!(known.found.keys().map(AsRef::as_ref).collect::<Vec<&str>>(), ["larger"]);
        known.keep("larger".into(), found(10));
        assert_eq!(known.size_bytes, known.found["larger"].size_bytes());
        known.keep("too large".into(), found(2 * MAX_KEPT_BYTES));
        assert_eq!((known.found.len(), known.size_bytes), (0, 0));
    }
}
