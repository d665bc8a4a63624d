//! What the rankings were, day by day.
//!
//! A day is kept as a table with a place for each snap that was ever ranked, so that a place takes eight bytes and a
//! generation shares with the one before it every day but the last: 8,000 snaps in 4 rankings on 90 days are 23 MB.

use crate::ranking::Category;
use crate::snap::SnapId;
use foldhash::fast::RandomState;
use std::collections::BTreeMap;
use std::collections::HashMap;
use std::sync::Arc;

/// A snap's place on a day; rank 0 is none. Scores are kept to seven digits.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Place {
    rank: u32,
    score: f32,
}

/// The places of one day, in each category by the number of the snap; snaps beyond the end had none.
#[derive(Debug, Default)]
struct Day([Box<[Place]>; Category::ALL.len()]);

/// A snap's place on one day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct PastPlace {
    /// Days since 1970-01-01.
    pub(super) day: i32,
    pub(super) rank: u32,
    pub(super) score: f32,
}

/// The rankings of some days.
#[derive(Debug, Clone, Default)]
pub(super) struct History {
    numbers: Arc<HashMap<SnapId, u32, RandomState>>,
    /// By days since 1970-01-01.
    days: BTreeMap<i32, Arc<Day>>,
    /// How many days there are, put in or still to come.
    n_days: usize,
}

impl History {
    /// The days there are, in order.
    pub(super) fn days(&self) -> impl DoubleEndedIterator<Item = i32> {
        self.days.keys().copied()
    }

    /// Whether there are days that were not put in yet.
    pub(super) fn lacks_days(&self) -> bool {
        self.days.len() < self.n_days
    }

    /// Says which days there are, and forgets all others.
    pub(super) fn retain(&mut self, days: &[i32]) {
        self.n_days = days.len();
        self.days.retain(|day, _| days.contains(day));
    }

    /// Puts in a day, in the place of what was there of it.
    pub(super) fn put(&mut self, day: i32, places: &[(Category, SnapId, u32, f32)]) {
        let mut table: [Vec<Place>; Category::ALL.len()] = Default::default();
        for (category, snap, rank, score) in places {
            let number = self.number(*snap) as usize;
            let column = &mut table[*category as usize];
            if column.len() <= number {
                column.resize(number + 1, Place::default());
            }
            column[number] = Place { rank: *rank, score: *score };
        }
        self.days.insert(day, Arc::new(Day(table.map(Vec::into_boxed_slice))));
    }

    fn number(&mut self, snap: SnapId) -> u32 {
        if let Some(number) = self.numbers.get(&snap) {
            return *number;
        }
        let number = u32::try_from(self.numbers.len()).expect("fewer than four billion snaps");
        // Copied once a generation at most: then nobody else holds it.
        Arc::make_mut(&mut self.numbers).insert(snap, number);
        number
    }

    /// The places of a snap in a category, the newest day first.
    pub(super) fn of(&self, category: Category, snap: SnapId) -> impl Iterator<Item = PastPlace> {
        let number = self.numbers.get(&snap).map(|number| *number as usize);
        self.days.iter().rev().filter_map(move |(day, table)| {
            let place = table.0[category as usize].get(number?)?;
            let Place { rank, score } = *place;
            (rank > 0).then_some(PastPlace { day: *day, rank, score })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_shared_replaced_and_forgotten() {
        let id = |letter: &str| letter.repeat(32).parse::<SnapId>().unwrap();
        let (a, b) = (id("a"), id("b"));
        let mut history = History::default();
        history.put(10, &[(Category::Popular, a, 1, 0.5), (Category::Recent, b, 7, 0.25)]);
        let mut later = history.clone();
        later.put(11, &[(Category::Popular, b, 1, 0.75)]);
        later.put(11, &[(Category::Popular, a, 2, 0.5), (Category::Popular, b, 1, 0.75)]);
        let of = |history: &History, category, snap| {
            let places = history.of(category, snap);
            places.map(|place| (place.day, place.rank)).collect::<Vec<_>>()
        };
        assert_eq!(of(&later, Category::Popular, a), [(11, 2), (10, 1)]);
        assert_eq!(of(&later, Category::Popular, b), [(11, 1)]);
        assert_eq!(of(&later, Category::Recent, b), [(10, 7)]);
        assert_eq!(of(&later, Category::Popular, id("c")), []);
        assert_eq!(of(&history, Category::Popular, a), [(10, 1)]);
        later.retain(&[9, 11]);
        assert!(later.lacks_days(), "the ninth");
        later.retain(&[11]);
        assert!(!later.lacks_days());
        assert_eq!(later.days().collect::<Vec<_>>(), [11]);
        assert_eq!(of(&later, Category::Recent, b), []);
    }
}
