//! In which order what was found is shown.

use crate::find::Index;
use crate::find::Popularity;
use crate::find::popularity::blend;

/// How many of the best are put in order at first: some times what is shown, few of all there are.
const FIRST: usize = 512;

/// A snap that may be shown, as what it is ordered by: whether its name is what was asked for, points and popularity,
/// popularity alone, and the place in the catalogue, which is the order of snap-ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Candidate(u128);

impl Candidate {
    pub(super) fn new(place: usize, points: u16, popularity: &Popularity, is_named: bool) -> Self {
        let place = u32::try_from(place).expect("fewer than four billion snaps");
        let popularity = popularity.at(place as usize);
        // Points of 16 bits times 18 bits of popularity: 34 bits, so that nothing meets.
        let worth = u128::from(blend(points, popularity));
        let order = u128::from(is_named) << 112 | worth << 48 | u128::from(popularity) << 32;
        Self(order | u128::from(!place))
    }

    /// The place in the catalogue.
    pub(super) fn place(self) -> usize {
        let [a, b, c, d, ..] = self.0.to_le_bytes();
        !u32::from_le_bytes([a, b, c, d]) as usize
    }
}

/// The points of every snap that has all the words, in the order of the catalogue; 0 for one that lacks any.
pub(super) fn points(index: &Index, words: &[String]) -> Vec<u16> {
    let mut sums: Vec<u16> = Vec::new();
    for word in words {
        let points = index.points(word);
        if sums.is_empty() {
            sums = points.into_iter().map(u16::from).collect();
            continue;
        }
        for (sum, points) in sums.iter_mut().zip(points) {
            *sum = if *sum > 0 && points > 0 { *sum + u16::from(points) } else { 0 };
        }
    }
    sums
}

/// The candidates, the best first. All but the first are put in order only when somebody gets there.
pub(super) fn best_first(mut candidates: Vec<Candidate>) -> impl Iterator<Item = Candidate> {
    let mut rest = Vec::new();
    if candidates.len() > FIRST {
        candidates.select_nth_unstable_by(FIRST, |one, other| other.cmp(one));
        rest = candidates.split_off(FIRST);
    }
    candidates.sort_unstable_by(|one, other| other.cmp(one));
    let rest = std::iter::once(rest).flat_map(|mut rest| {
        rest.sort_unstable_by(|one, other| other.cmp(one));
        rest
    });
    candidates.into_iter().chain(rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_best_come_first_however_many_there_are(numbers in prop::collection::vec(any::<u128>(), 0..1_500)) {
            let candidates: Vec<_> = numbers.iter().copied().map(Candidate).collect();
            let mut expected = candidates.clone();
            expected.sort_unstable_by(|one, other| other.cmp(one));
            prop_assert_eq!(best_first(candidates).collect::<Vec<_>>(), expected);
        }
    }
}
