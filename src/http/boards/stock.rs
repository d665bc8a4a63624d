//! Every snap that the upstream store listed, in the orders that pages need.

use crate::http::boards::object::Object;
use crate::ranking::Listed;
use crate::snap::Instant;
use crate::snap::SnapId;
use crate::snap::SnapName;
use foldhash::fast::RandomState;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::collections::HashMap;
use std::sync::Arc;

/// What is kept of a snap. Those that vanished count, and are not shown.
#[derive(Debug, Clone)]
struct Entry {
    last_updated: Instant,
    date_published: Option<Instant>,
    /// None when it has vanished.
    object: Option<Arc<Object>>,
}

/// The listed snaps of a generation.
#[derive(Debug, Default)]
pub(super) struct Stock {
    /// By snap-id.
    entries: Box<[(SnapId, Entry)]>,
    by_name: HashMap<SnapName, u32, RandomState>,
    /// Those that are shown, the last updated first, then by snap-id.
    by_update: Box<[u32]>,
    /// When snaps were published; when those were updated; the earlier of the two. Each in order, so that the snaps
    /// of a day are counted without looking at them.
    published: Box<[Instant]>,
    updated: Box<[Instant]>,
    both: Box<[Instant]>,
}

/// The counters of `/api/stats` (contract/rankings 2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Counts {
    /// How many there ever were.
    pub(super) tracked: usize,
    /// How many of them are new.
    pub(super) new: usize,
    /// How many others were updated.
    pub(super) updated: usize,
}

impl Stock {
    /// The object of a snap, if it is shown.
    pub(super) fn find(&self, id: SnapId) -> Option<&Object> {
        let place = self.entries.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        self.entries[place].1.object.as_deref()
    }

    /// The id of the snap of that name, if it is shown.
    pub(super) fn find_named(&self, name: &SnapName) -> Option<SnapId> {
        self.by_name.get(name).map(|place| self.entries[*place as usize].0)
    }

    /// So many objects, the last updated first, after so many others.
    pub(super) fn recent(&self, skip: usize, n: usize) -> impl Iterator<Item = &Object> {
        let places = self.by_update.iter().skip(skip).take(n);
        places.filter_map(|place| self.entries[*place as usize].1.object.as_deref())
    }

    /// How many snaps there ever were, and how many of them are new or were updated since.
    pub(super) fn count_since(&self, since: Instant) -> Counts {
        let from = |times: &[Instant]| times.len() - times.partition_point(|time| *time < since);
        let new = from(&self.published);
        // Updated since and published before: not those where both were since.
        let updated = from(&self.updated) - from(&self.both);
        Counts { tracked: self.entries.len(), new, updated }
    }

    /// Bytes of text held.
    pub(super) fn size_bytes(&self) -> usize {
        let objects = self.entries.iter().filter_map(|(_, entry)| entry.object.as_ref());
        objects.map(|object| object.size_bytes()).sum()
    }
}

/// What changes in a stock.
#[derive(Debug, Default)]
pub(super) struct Changes(BTreeMap<SnapId, Entry>);

impl Changes {
    /// Whether this snap is one of those that change.
    pub(super) fn touch(&self, snap: SnapId) -> bool {
        self.0.contains_key(&snap)
    }

    /// A snap is listed, as this says.
    pub(super) fn put(&mut self, listed: &Listed) {
        self.insert(listed, Some(Arc::new(Object::of(listed))));
    }

    /// A snap is listed no more.
    pub(super) fn vanish(&mut self, listed: &Listed) {
        self.insert(listed, None);
    }

    fn insert(&mut self, listed: &Listed, object: Option<Arc<Object>>) {
        let Listed { last_updated, date_published, .. } = *listed;
        self.0.insert(listed.id, Entry { last_updated, date_published, object });
    }

    /// The stock with the changes, and whether other snaps are shown than before. A stock without changes is the
    /// same one.
    pub(super) fn apply(&self, earlier: &Arc<Stock>) -> (Arc<Stock>, bool) {
        if self.0.is_empty() {
            return (Arc::clone(earlier), false);
        }
        let mut shows_others = false;
        let mut entries = Vec::with_capacity(earlier.entries.len() + self.0.len());
        let mut kept = earlier.entries.iter().peekable();
        for (id, entry) in &self.0 {
            while let Some((id, entry)) = kept.next_if(|(earlier, _)| earlier < id) {
                entries.push((*id, entry.clone()));
            }
            let before = kept.next_if(|(earlier, _)| earlier == id);
            let was_shown = before.is_some_and(|(_, before)| before.object.is_some());
            shows_others |= was_shown != entry.object.is_some();
            entries.push((*id, entry.clone()));
        }
        entries.extend(kept.cloned());
        (Arc::new(in_order(entries)), shows_others)
    }
}

fn in_order(entries: Vec<(SnapId, Entry)>) -> Stock {
    let shown = |place: &u32| entries[*place as usize].1.object.is_some();
    let n = u32::try_from(entries.len()).expect("fewer than four billion snaps");
    let mut by_update: Vec<u32> = (0..n).filter(shown).collect();
    by_update.sort_by_key(|place| Reverse(entries[*place as usize].1.last_updated));
    let mut by_name = HashMap::with_capacity_and_hasher(by_update.len(), RandomState::default());
    // Names are not unique upstream: the least snap-id has it, whatever came first.
    for place in (0..n).rev() {
        if let Some(object) = &entries[place as usize].1.object {
            by_name.insert(object.name, place);
        }
    }
    let times = |of: fn(Instant, Instant) -> Instant| {
        let both = entries.iter().filter_map(|(_, entry)| {
            entry.date_published.map(|published| of(published, entry.last_updated))
        });
        let mut times: Box<[Instant]> = both.collect();
        times.sort_unstable();
        times
    };
    let published = times(|published, _| published);
    let updated = times(|_, updated| updated);
    let both = times(Instant::min);
    Stock {
        by_name,
        by_update: by_update.into(),
        published,
        updated,
        both,
        entries: entries.into(),
    }
}
