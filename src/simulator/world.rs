//! The state of the simulated services.

use crate::simulator::catalogue::Catalogue;
use crate::simulator::chance::Chance;
use crate::simulator::counts::Counts;
use crate::simulator::faults::Failure;
use crate::simulator::faults::Faults;
use crate::simulator::faults::Kind;
use crate::simulator::snap::Snap;
use crate::snap::Instant;
use crate::snap::SnapId;
use crate::snap::SnapName;
use arc_swap::ArcSwap;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

/// All there is.
#[derive(Debug)]
pub(super) struct World {
    catalogue: Catalogue,
    /// The snaps that were updated since the beginning.
    updated: ArcSwap<HashMap<SnapId, Arc<Snap>>>,
    featured: Mutex<Vec<SnapId>>,
    faults: ArcSwap<InForce>,
    pub(super) counts: Counts,
    n_answered: AtomicU64,
    /// The instant it began, and when that was on the clock that only moves on.
    began: (Instant, tokio::time::Instant),
}

/// Faults, and how often each kind failed since they were set.
#[derive(Debug, Default)]
struct InForce {
    faults: Faults,
    failed: [AtomicU64; Kind::N],
}

impl World {
    pub(super) fn new(catalogue: Catalogue, faults: Faults, now: Instant) -> Self {
        let world = Self {
            featured: Mutex::new(catalogue.featured()),
            catalogue,
            updated: ArcSwap::default(),
            faults: ArcSwap::default(),
            counts: Counts::default(),
            n_answered: AtomicU64::new(0),
            began: (now, tokio::time::Instant::now()),
        };
        world.set(faults);
        world
    }

    /// The instant it is.
    fn now(&self) -> Instant {
        self.began.0.plus(self.began.1.elapsed())
    }

    /// Puts faults in force in place of the earlier ones.
    pub(super) fn set(&self, faults: Faults) {
        if !faults.updated.is_empty() {
            let now = self.now();
            let mut updated = HashMap::clone(&self.updated.load());
            for name in &faults.updated {
                let snap = self.catalogue.by_name(*name).map(|snap| latest(snap, &updated));
                if let Some(snap) = snap.and_then(|snap| snap.updated(now)) {
                    updated.insert(snap.id(), Arc::new(snap));
                }
            }
            self.updated.store(Arc::new(updated));
        }
        self.faults.store(Arc::new(InForce { faults, ..InForce::default() }));
    }

    pub(super) fn faults(&self) -> Faults {
        self.faults.load().faults.clone()
    }

    /// How this request is to fail, if it is.
    pub(super) fn failure(&self, kind: Kind) -> Option<Failure> {
        let number = self.n_answered.fetch_add(1, Ordering::Relaxed);
        let in_force = self.faults.load();
        let faults = &in_force.faults;
        if faults.error_rate > 0.0 && Chance::numbered(number).fraction() < faults.error_rate {
            return Some(Failure::Broken);
        }
        let failure = faults.of(kind)?;
        let n_failed = in_force.failed[kind as usize].fetch_add(1, Ordering::Relaxed);
        faults.fail_first.is_none_or(|first| n_failed < first).then_some(failure)
    }

    pub(super) fn latency_ms(&self) -> u64 {
        self.faults.load().faults.latency_ms
    }

    pub(super) fn retry_after_s(&self) -> u64 {
        self.faults.load().faults.retry_after_s
    }

    /// The snaps there are now, in order.
    pub(super) fn snaps(&self) -> Vec<Arc<Snap>> {
        let (updated, in_force) = (self.updated.load(), self.faults.load());
        let vanished = &in_force.faults.vanished;
        let here = self.catalogue.shared().iter();
        let here = here.filter(|snap| vanished.is_empty() || !vanished.contains(&snap.name()));
        here.map(|snap| Arc::clone(latest(snap, &updated))).collect()
    }

    fn here(&self, snap: &Arc<Snap>) -> Option<Arc<Snap>> {
        let updated = self.updated.load();
        let is_here = !self.faults.load().faults.vanished.contains(&snap.name());
        is_here.then(|| Arc::clone(latest(snap, &updated)))
    }

    pub(super) fn by_name(&self, name: SnapName) -> Option<Arc<Snap>> {
        self.here(self.catalogue.by_name(name)?)
    }

    pub(super) fn by_id(&self, id: SnapId) -> Option<Arc<Snap>> {
        self.here(self.catalogue.by_id(id)?)
    }

    /// The featured snaps, in order.
    pub(super) fn featured(&self) -> Vec<SnapId> {
        self.featured.lock().expect("nobody panics with it").clone()
    }

    /// Adds to the featured snaps those that are not among them.
    pub(super) fn feature(&self, ids: &[SnapId]) {
        let mut featured = self.featured.lock().expect("nobody panics with it");
        for id in ids {
            if !featured.contains(id) {
                featured.push(*id);
            }
        }
    }

    /// Takes snaps away from the featured ones.
    pub(super) fn unfeature(&self, ids: &[SnapId]) {
        self.featured.lock().expect("nobody panics with it").retain(|id| !ids.contains(id));
    }
}

fn latest<'s>(snap: &'s Arc<Snap>, updated: &'s HashMap<SnapId, Arc<Snap>>) -> &'s Arc<Snap> {
    updated.get(&snap.id()).unwrap_or(snap)
}
