//! How much each merit counts in a category.

use crate::ranking::Category;
use crate::ranking::Merits;
use crate::snap::Invalid;

/// The weights of one category.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Formula(Merits);

impl Formula {
    /// The formula with these weights.
    ///
    /// # Errors
    /// When a weight is negative or no number, or they do not sum to 1: a score is from 0 to 1.
    pub fn new(weights: Merits) -> Result<Self, Invalid> {
        let Merits { devices, update, metadata, developer, rating } = weights;
        let all = [devices, update, metadata, developer, rating];
        let is_whole = (all.iter().sum::<f64>() - 1.0).abs() < 1e-9;
        if is_whole && all.iter().all(|weight| *weight >= 0.0) {
            Ok(Self(weights))
        } else {
            Err(Invalid::new("formula", "weights from 0 on that sum to 1"))
        }
    }

    /// The score of a snap, from 0 to 1.
    pub fn score(&self, merits: &Merits) -> f64 {
        let weights = &self.0;
        weights.devices * merits.devices
            + weights.update * merits.update
            + weights.metadata * merits.metadata
            + weights.developer * merits.developer
            + weights.rating * merits.rating
    }
}

/// A formula for each category.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Formulas([Formula; Category::ALL.len()]);

impl Formulas {
    /// These formulas, in the order of the categories.
    pub const fn new(formulas: [Formula; Category::ALL.len()]) -> Self {
        Self(formulas)
    }

    /// The formula of a category.
    pub fn of(&self, category: Category) -> &Formula {
        &self.0[category as usize]
    }
}

/// The weights of contract/rankings 4.5.
impl Default for Formulas {
    fn default() -> Self {
        let none = Merits::default();
        Self([
            Formula(Merits { devices: 0.7, metadata: 0.1, developer: 0.2, ..none }),
            Formula(Merits { update: 0.5, metadata: 0.3, developer: 0.2, ..none }),
            Formula(Merits { update: 0.25, devices: 0.25, metadata: 0.3, developer: 0.2, ..none }),
            Formula(Merits { rating: 0.8, metadata: 0.1, developer: 0.1, ..none }),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_is_a_weighted_mean() {
        let half = |weights: Merits| Formula::new(weights);
        let merits = Merits { devices: 0.5, rating: 0.5, ..Merits::default() };
        assert!(half(merits).is_ok_and(|formula| (formula.score(&merits) - 0.5).abs() < 1e-12));
        for bad in [
            Merits::default(),
            Merits { devices: 1.5, update: -0.5, ..Merits::default() },
            Merits { devices: f64::NAN, ..Merits::default() },
            Merits { devices: 0.7, update: 0.7, ..Merits::default() },
        ] {
            assert!(half(bad).is_err(), "{bad:?}");
        }
        for category in Category::ALL {
            assert_eq!(Formula::new(Formulas::default().of(category).0).err(), None, "{category}");
            assert_eq!(category.as_str().parse(), Ok(category));
        }
    }
}
