//! Who stands where in which ranking.

use crate::ranking::Category;
use crate::ranking::Placed;
use crate::snap::SnapId;

/// A snap in a ranking; its rank is its place in the list.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Standing {
    pub(super) snap: SnapId,
    pub(super) score: f64,
}

/// Where a snap is shown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::http) struct Shown {
    snap: SnapId,
    /// In which ranking.
    pub(in crate::http) category: Category,
    /// At which place of those that are shown there, from 1.
    pub(in crate::http) rank: u32,
    /// With which score.
    pub(in crate::http) score: f64,
}

/// Which snaps a ranking lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Assignment {
    /// Each snap in one ranking (contract/rankings 4.5).
    Exclusive,
    /// Every eligible snap in every ranking.
    Independent,
}

/// The rankings without what is not to be seen.
#[derive(Debug, Default)]
pub(super) struct Standings {
    exclusive: [Box<[Standing]>; Category::ALL.len()],
    independent: [Box<[Standing]>; Category::ALL.len()],
    /// By snap-id, then by category.
    shown: Box<[Shown]>,
}

impl Standings {
    /// The rankings of these places, of the snaps that may be seen.
    pub(super) fn of(places: &[Placed], may_be_seen: impl Fn(SnapId) -> bool) -> Self {
        let mut by_category: [Vec<Placed>; Category::ALL.len()] = Default::default();
        for place in places.iter().filter(|place| may_be_seen(place.snap)) {
            by_category[place.category as usize].push(*place);
        }
        let standing = |place: &Placed| Standing { snap: place.snap, score: place.score };
        let mut standings = Self::default();
        let mut shown = Vec::new();
        for (category, mut places) in Category::ALL.into_iter().zip(by_category) {
            places.sort_by_key(|place| (place.rank, place.snap));
            standings.independent[category as usize] = places.iter().map(standing).collect();
            places.retain(|place| place.shown_rank.is_some());
            places.sort_by_key(|place| (place.shown_rank, place.snap));
            standings.exclusive[category as usize] = places.iter().map(standing).collect();
            shown.extend((1..).zip(&places).map(|(rank, place)| {
                let Placed { snap, category, score, .. } = *place;
                Shown { snap, category, rank, score }
            }));
        }
        shown.sort_by_key(|place| (place.snap, place.category));
        standings.shown = shown.into();
        standings
    }

    /// A ranking, best first.
    pub(super) fn ranking(&self, category: Category, assignment: Assignment) -> &[Standing] {
        match assignment {
            Assignment::Exclusive => &self.exclusive[category as usize],
            Assignment::Independent => &self.independent[category as usize],
        }
    }

    /// Where a snap is shown.
    pub(super) fn shown(&self, snap: SnapId) -> &[Shown] {
        let from = self.shown.partition_point(|place| place.snap < snap);
        let n = self.shown[from..].iter().take_while(|place| place.snap == snap).count();
        &self.shown[from..from + n]
    }
}
