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
        let of_slices = slices
            .iter()
            .map(|slice| (slice.id.clone(), slice_page(&stock, slice, &changes, earlier)));
        let pages = Arc::new(Pages {
            categories: Page::of(
                plain::categories(),
                earlier.map(|earlier| &earlier.pages.categories),
            ),
            rankings: Category::ALL
                .map(|category| ranking_page(&stock, &standings, category, earlier)),
            slices: Page::of(plain::slices(&slices), earlier.map(|earlier| &earlier.pages.slices)),
            slice: of_slices.collect(),
        });
        Boards { stock, standings, slices, history, pages, places, excluded }
    }
}

/// A ranking's page. It shows so few snaps that it is written each time.
fn ranking_page(
    stock: &Stock,
    standings: &Standings,
    category: Category,
    earlier: Option<&Boards>,
) -> Page {
    let body = plain::ranking(stock, standings, category, Selection::all(Spelling::Plain));
    Page::of(body, earlier.map(|earlier| &earlier.pages.rankings[category as usize]))
}

/// A slice's page. There may be many, of many snaps each: one that nothing of changed is not even written.
fn slice_page(stock: &Stock, slice: &Slice, changes: &Changes, earlier: Option<&Boards>) -> Page {
    let known = earlier.and_then(|earlier| earlier.pages.slice.get(&slice.id));
    let is_same = |earlier: &Boards| {
        earlier.slices.contains(slice) && !slice.snaps.iter().any(|snap| changes.touch(*snap))
    };
    match known {
        Some(page) if earlier.is_some_and(is_same) => page.clone(),
        _ => Page::of(plain::slice(stock, slice, Selection::all(Spelling::Plain)), known),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ranking::Counts;
    use crate::snap::Instant;

    fn id(number: usize) -> SnapId {
        format!("{number:032}").parse().unwrap()
    }

    fn listed(number: usize, title: &str) -> Listed {
        Listed {
            id: id(number),
            name: format!("snap-{number}").parse().unwrap(),
            title: title.to_owned(),
            version: "1".to_owned(),
            summary: String::new(),
            description: String::new(),
            icon: None,
            website: None,
            contact: None,
            publisher: String::new(),
            revision: 1,
            links: "{}".parse().unwrap(),
            media: "[]".parse().unwrap(),
            categories: None,
            developer_validation: "unproven".to_owned(),
            license: "unset".to_owned(),
            last_updated: Instant::EPOCH,
            date_published: None,
            counts: Counts::default(),
        }
    }

    fn slice(name: &str, description: &str, snaps: &[usize]) -> Slice {
        Slice {
            id: SliceId::of_name(name).unwrap(),
            name: name.to_owned(),
            description: description.to_owned(),
            snaps: snaps.iter().map(|number| id(*number)).collect(),
        }
    }

    fn text(boards: &Boards, slice: &Slice) -> String {
        let page = &boards.pages.slice[&slice.id];
        String::from_utf8(page.body().to_vec()).unwrap()
    }

    /// Snaps that are listed from now on, snaps that are no more, and other slices.
    type Step<'s> = (&'s [(usize, &'s str)], &'s [usize], Option<Vec<Slice>>);

    /// Whatever changes, each slice shows what it would if everything were written anew.
    #[test]
    fn a_slice_that_is_not_written_again_is_one_that_would_say_the_same() {
        let (ours, theirs) = (slice("ours", "", &[2, 0, 9]), slice("theirs", "", &[1]));
        let slices = vec![ours.clone(), theirs.clone()];
        let mut all: BTreeMap<usize, Listed> =
            (0..4).map(|number| (number, listed(number, "as it was"))).collect();
        let mut boards = Boards::default();
        let steps: [Step<'_>; 9] = [
            (&[(0, "a"), (1, "b"), (2, "c"), (3, "d")], &[], Some(slices.clone())),
            (&[], &[], None),
            (&[(3, "in no slice")], &[], None),
            (&[(0, "in ours")], &[], None),
            (&[], &[2, 1], None),
            (&[(2, "again"), (9, "new")], &[], None),
            (&[], &[], Some(vec![slice("ours", "", &[0, 2, 9]), theirs.clone()])),
            (&[], &[], Some(vec![slice("ours", "told", &[0, 2, 9]), theirs.clone()])),
            (&[(1, "back")], &[], Some(vec![theirs.clone()])),
        ];
        let mut now = slices;
        for (step, (put, gone, others)) in steps.into_iter().enumerate() {
            let mut next = BoardsBuilder::from(Some(&boards));
            for (number, title) in put {
                all.insert(*number, listed(*number, title));
                next.put(&all[number]);
            }
            for number in gone {
                next.vanish(&all.remove(number).unwrap());
            }
            if let Some(others) = others {
                now.clone_from(&others);
                next.slices(others);
            }
            boards = next.finish();
            let mut anew = BoardsBuilder::from(None);
            for listed in all.values() {
                anew.put(listed);
            }
            anew.slices(now.clone());
            let anew = anew.finish();
            assert_eq!(boards.pages.slice.len(), now.len(), "{step}");
            for slice in &now {
                assert_eq!(text(&boards, slice), text(&anew, slice), "{step}");
            }
        }
    }
}
