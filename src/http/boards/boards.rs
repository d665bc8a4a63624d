//! What the server keeps for pages, and how it is made from what came before.

use crate::http::boards::history::History;
use crate::http::boards::object::Selection;
use crate::http::boards::object::Spelling;
use crate::http::boards::plain;
use crate::http::boards::standings::Assignment;
use crate::http::boards::standings::Shown;
use crate::http::boards::standings::Standings;
use crate::http::boards::stock::Changes;
use crate::http::boards::stock::Stock;
use crate::http::page::Page;
use crate::ranking::Category;
use crate::ranking::Listed;
use crate::ranking::Placed;
use crate::ranking::Slice;
use crate::ranking::SliceId;
use crate::snap::SnapId;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

/// One generation of what pages show: immutable, and sharing with the one before it whatever did not change.
#[derive(Debug, Clone)]
pub struct Boards {
    pub(super) stock: Arc<Stock>,
    pub(super) standings: Arc<Standings>,
    pub(super) slices: Arc<[Slice]>,
    pub(super) history: History,
    pub(super) pages: Arc<Pages>,
    places: Arc<[Placed]>,
    excluded: Arc<BTreeSet<SnapId>>,
}

/// The answers that are rendered when they are published.
#[derive(Debug)]
pub(super) struct Pages {
    pub(super) categories: Page,
    /// In the order of the categories.
    pub(super) rankings: [Page; Category::ALL.len()],
    pub(super) slices: Page,
    pub(super) slice: BTreeMap<SliceId, Page>,
}

impl Default for Boards {
    fn default() -> Self {
        BoardsBuilder::from(None).finish()
    }
}

impl Boards {
    /// Where a snap is shown.
    pub(in crate::http) fn shown(&self, snap: SnapId) -> &[Shown] {
        self.standings.shown(snap)
    }

    /// How popular snaps are, of all that may be seen: their scores in the ranking `popular`, from 0 to 1.
    pub(in crate::http) fn popularity(&self) -> impl Iterator<Item = (SnapId, f64)> {
        let ranking = self.standings.ranking(Category::Popular, Assignment::Independent);
        ranking.iter().map(|standing| (standing.snap, standing.score))
    }

    /// The days of which the rankings are known (since 1970-01-01), in order.
    pub fn days(&self) -> impl DoubleEndedIterator<Item = i32> {
        self.history.days()
    }

    /// Whether there are days whose rankings are still to be put in.
    pub fn lacks_days(&self) -> bool {
        self.history.lacks_days()
    }

    /// Bytes of text held, for the log.
    pub fn size_bytes(&self) -> usize {
        self.stock.size_bytes()
    }
}

/// Boards in the making. Nothing sees them until they are finished.
#[derive(Debug)]
pub struct BoardsBuilder {
    earlier: Option<Boards>,
    changes: Changes,
    places: Option<Vec<Placed>>,
    slices: Option<Vec<Slice>>,
    excluded: Option<BTreeSet<SnapId>>,
    history: History,
}

impl BoardsBuilder {
    /// Begins with what earlier boards show, or with nothing.
    pub fn from(earlier: Option<&Boards>) -> Self {
        Self {
            earlier: earlier.cloned(),
            changes: Changes::default(),
            places: None,
            slices: None,
            excluded: None,
            history: earlier.map(|earlier| earlier.history.clone()).unwrap_or_default(),
        }
    }

    /// A snap is listed, as this says.
    pub fn put(&mut self, listed: &Listed) {
        self.changes.put(listed);
    }

    /// A snap is listed no more; it still counts as one that was.
    pub fn vanish(&mut self, listed: &Listed) {
        self.changes.vanish(listed);
    }

    /// The rankings in force from now on.
    pub fn places(&mut self, places: Vec<Placed>) {
        self.places = Some(places);
    }

    /// The slices there are from now on, in the order they are listed in.
    pub fn slices(&mut self, slices: Vec<Slice>) {
        self.slices = Some(slices);
    }

    /// The snaps that are kept out of rankings from now on.
    pub fn excluded(&mut self, excluded: BTreeSet<SnapId>) {
        self.excluded = Some(excluded);
    }

    /// Says which days of history there are: others are forgotten, and those not put in are still to come.
    pub fn keep_days(&mut self, days: &[i32]) {
        self.history.retain(days);
    }

    /// What the rankings were on a day (since 1970-01-01): rank and score of each snap in each category.
    pub fn day(&mut self, day: i32, places: &[(Category, SnapId, u32, f32)]) {
        self.history.put(day, places);
    }

    /// The finished boards. What is compressed is compressed here.
    pub fn finish(self) -> Boards {
        let Self { earlier, changes, places, slices, excluded, history } = self;
        let (earlier, nothing) = (earlier.as_ref(), Arc::default());
        let (stock, shows_others) =
            changes.apply(earlier.map_or(&nothing, |earlier| &earlier.stock));
        let stands_anew = shows_others || places.is_some() || excluded.is_some();
        let places = match places {
            Some(places) => places.into(),
            None => earlier.map(|earlier| Arc::clone(&earlier.places)).unwrap_or_default(),
        };
        let excluded = match excluded {
            Some(excluded) => Arc::new(excluded),
            None => earlier.map(|earlier| Arc::clone(&earlier.excluded)).unwrap_or_default(),
        };
        let slices = match slices {
            Some(slices) => slices.into(),
            None => earlier.map(|earlier| Arc::clone(&earlier.slices)).unwrap_or_default(),
        };
        let standings = match earlier {
            Some(earlier) if !stands_anew => Arc::clone(&earlier.standings),
            _ => {
                let may_be_seen = |id| !excluded.contains(&id) && stock.find(id).is_some();
                Arc::new(Standings::of(&places, may_be_seen))
            }
        };
        let pages = Pages::of(&stock, &standings, &slices, earlier.map(|earlier| &*earlier.pages));
        let pages = Arc::new(pages);
        Boards { stock, standings, slices, history, pages, places, excluded }
    }
}

impl Pages {
    fn of(stock: &Stock, standings: &Standings, slices: &[Slice], earlier: Option<&Self>) -> Self {
        let all = Selection::all(Spelling::Plain);
        let rankings = Category::ALL.map(|category| {
            let body = plain::ranking(stock, standings, category, all);
            Page::of(body, earlier.map(|earlier| &earlier.rankings[category as usize]))
        });
        let slice = slices.iter().map(|slice| {
            let known = earlier.and_then(|earlier| earlier.slice.get(&slice.id));
            (slice.id.clone(), Page::of(plain::slice(stock, slice, all), known))
        });
        Self {
            categories: Page::of(plain::categories(), earlier.map(|earlier| &earlier.categories)),
            rankings,
            slices: Page::of(plain::slices(slices), earlier.map(|earlier| &earlier.slices)),
            slice: slice.collect(),
        }
    }
}
