//! What the simulated services were asked, for tests that count.

use crate::simulator::faults::Kind;
use serde_json::Value;
use serde_json::json;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

/// Requests by kind, and how many there were at once.
#[derive(Debug, Default)]
pub(super) struct Counts {
    requests: [AtomicU64; Kind::N],
    not_modified: AtomicU64,
    measured: AtomicU64,
    rated: AtomicU64,
    at_once: AtomicU64,
    most_at_once: AtomicU64,
}

/// A request that is under way.
pub(super) struct UnderWay<'c>(&'c Counts);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.at_once.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Counts {
    /// Counts a request, and that it is under way until what is returned is dropped.
    pub(super) fn begin(&self, kind: Kind) -> UnderWay<'_> {
        self.requests[kind as usize].fetch_add(1, Ordering::Relaxed);
        let at_once = self.at_once.fetch_add(1, Ordering::Relaxed) + 1;
        self.most_at_once.fetch_max(at_once, Ordering::Relaxed);
        UnderWay(self)
    }

    pub(super) fn not_modified(&self) {
        self.not_modified.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn measured(&self, n: usize) {
        self.measured.fetch_add(n as u64, Ordering::Relaxed);
    }

    pub(super) fn rated(&self, n: usize) {
        self.rated.fetch_add(n as u64, Ordering::Relaxed);
    }

    /// Begins to count anew.
    pub(super) fn clear(&self) {
        let others = [&self.not_modified, &self.measured, &self.rated, &self.most_at_once];
        for count in self.requests.iter().chain(others) {
            count.store(0, Ordering::Relaxed);
        }
    }

    pub(super) fn json(&self) -> Value {
        let n = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let of = |kind: Kind| n(&self.requests[kind as usize]);
        json!({
            "search": of(Kind::Search),
            "featured": of(Kind::Featured),
            "info": of(Kind::Info),
            "not-modified": n(&self.not_modified),
            "find": of(Kind::Find),
            "metrics": of(Kind::Metrics),
            "metrics-snaps": n(&self.measured),
            "login": of(Kind::Login),
            "ratings": of(Kind::Ratings),
            "ratings-snaps": n(&self.rated),
            "publish": of(Kind::Publish),
            "download": of(Kind::Download),
            "assertion": of(Kind::Assertion),
            "device": of(Kind::Device),
            "most-at-once": n(&self.most_at_once),
        })
    }
}
