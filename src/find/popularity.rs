//! How popular the snaps of a catalogue are.

use crate::catalogue::Catalogue;
use crate::snap::SnapId;

/// What the popularity of a snap multiplies its points by, at most, less one.
const WEIGHT: u64 = 3;

/// For each snap of a catalogue its score in the ranking of popular snaps, in 65,535ths; 0 for who is not ranked.
#[derive(Debug)]
pub struct Popularity(Box<[u16]>);

impl Popularity {
    /// The popularity of these snaps by their scores, from 0 to 1; no other snap is popular.
    pub fn of(catalogue: &Catalogue, scores: impl IntoIterator<Item = (SnapId, f64)>) -> Self {
        let mut by_place = vec![0; catalogue.n_snaps()];
        for (id, score) in scores {
            if let Some(snap) = catalogue.find(&id) {
                by_place[snap.index()] = parts_of(score);
            }
        }
        Self(by_place.into())
    }

    /// The score of the snap at a place.
    pub(super) fn at(&self, place: usize) -> u16 {
        self.0[place]
    }
}

/// Points and popularity in one: the most popular snap's count fourfold.
pub(super) fn blend(points: u16, popularity: u16) -> u64 {
    u64::from(points) * (u64::from(u16::MAX) + WEIGHT * u64::from(popularity))
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "from 0 to 65,535 once it is clamped"
)]
fn parts_of(score: f64) -> u16 {
    (score.clamp(0.0, 1.0) * f64::from(u16::MAX)).round() as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn popularity_counts_up_to_fourfold() {
        assert_eq!(
            [-1.0, 0.0, 0.5, 1.0, 7.0, f64::NAN].map(parts_of),
            [0, 0, 32_768, 65_535, 65_535, 0]
        );
        assert_eq!(blend(10, u16::MAX), 4 * blend(10, 0));
        assert!(blend(24, 0) < blend(10, parts_of(0.5)));
    }
}
