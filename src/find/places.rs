//! Where in a snap's texts a word stands, and what it is worth there.

/// A set of places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Places(u8);

/// How many sets there are.
const N: usize = 1 << 5;

impl Places {
    pub(super) const NAME: Self = Self(1);
    pub(super) const TITLE: Self = Self(1 << 1);
    pub(super) const PUBLISHER: Self = Self(1 << 2);
    pub(super) const SUMMARY: Self = Self(1 << 3);
    pub(super) const DESCRIPTION: Self = Self(1 << 4);

    /// The points of the best of these places, for a whole word or for its beginning.
    pub(super) fn points(self, is_whole: bool) -> u8 {
        let points = if is_whole { &WHOLE } else { &BEGINNING };
        points[usize::from(self.0)]
    }
}

/// By place: from the name, which people know a snap by, to the description, which names whatever it can do.
const WHOLE: [u8; N] = best_of([24, 18, 14, 10, 4]);
/// The same for the beginning of a word.
const BEGINNING: [u8; N] = best_of([16, 12, 8, 6, 2]);

/// For each set the most points of a place in it.
const fn best_of(points: [u8; 5]) -> [u8; N] {
    let mut best = [0; N];
    let mut set = 0;
    while set < N {
        let mut place = 0;
        while place < points.len() {
            if set & 1 << place != 0 && points[place] > best[set] {
                best[set] = points[place];
            }
            place += 1;
        }
        set += 1;
    }
    best
}

/// A number and a set of places in four bytes: a word of a snap, or a snap of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Mark(u32);

impl Mark {
    /// The number must be below 16 million, more than there are snaps or words in any store.
    pub(super) fn new(number: u32, places: Places) -> Self {
        assert!(number < 1 << 24, "fewer than 16 million snaps and words");
        Self(number << 8 | u32::from(places.0))
    }

    /// The same number, in these places too.
    pub(super) fn and(self, places: Places) -> Self {
        Self(self.0 | u32::from(places.0))
    }

    /// The number.
    pub(super) fn number(self) -> usize {
        (self.0 >> 8) as usize
    }

    /// The places.
    pub(super) fn places(self) -> Places {
        let [places, ..] = self.0.to_le_bytes();
        Places(places)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_place_counts() {
        let mark = Mark::new(70_000, Places::SUMMARY).and(Places::TITLE);
        let both = mark.places();
        assert_eq!((both.points(true), both.points(false)), (18, 12));
        assert_eq!((Places::NAME.points(true), Places::DESCRIPTION.points(false)), (24, 2));
        assert_eq!(Places::default().points(true), 0);
        assert_eq!((mark, mark.number()), (Mark::new(70_000, both), 70_000));
    }
}
