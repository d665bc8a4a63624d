//! Random populations, and what always holds of them.

use crate::rankings::ALL;
use crate::rankings::candidate;
use crate::rankings::oracle;
use proptest::collection::vec;
use proptest::prelude::*;
use snapwise::collector::score;
use snapwise::ranking::Candidate;
use snapwise::ranking::Formulas;
use snapwise::snap::Instant;

/// Candidates with values from small sets, so that many are equal, among others from the whole range.
fn population() -> impl Strategy<Value = Vec<Candidate>> {
    let devices = prop_oneof![Just(0), 0..5_u64, 0..3_000_000_u64];
    let hours = prop_oneof![0..3_i64, 0..180 * 24_i64];
    let rating = proptest::option::of(prop_oneof![Just(0.0), Just(0.5), 0.0..1.0]);
    let facts = (devices, hours, 0..14_usize, 0..8_usize, any::<bool>(), any::<bool>(), rating);
    let one = facts.prop_map(|(n_devices, hours, n_media, n_links, licensed, vouched, rating)| {
        Candidate {
            n_devices,
            updated_at: Instant::from_microseconds(hours * 3_600_000_000).unwrap(),
            n_media,
            n_links,
            has_license: licensed,
            is_vouched_for: vouched,
            rating,
            ..candidate('a')
        }
    });
    vec(one, 0..40).prop_map(|mut population| {
        for (number, candidate) in population.iter_mut().enumerate() {
            candidate.snap = format!("{number:032}").parse().unwrap();
        }
        population
    })
}

proptest! {
    #[test]
    fn scores_and_places_are_those_of_the_slow_way(population in population()) {
        let found = score(&population, &Formulas::default());
        let expected: Vec<_> = population.iter().map(|one| oracle::scores(&population, one)).collect();
        for (place, expected) in expected.iter().enumerate() {
            for category in ALL {
                prop_assert!((found.of(place, category) - expected[&category]).abs() < 1e-12);
            }
        }
        // The places follow from the scores as they were found: sums in another order differ in the last digit.
        let scores: Vec<_> = (0..population.len())
            .map(|place| ALL.into_iter().map(|category| (category, found.of(place, category))).collect())
            .collect();
        let assigned: Vec<_> = (0..population.len()).map(|place| found.assigned(place)).collect();
        prop_assert_eq!(assigned, oracle::assignment(&scores, &population));
    }

    #[test]
    fn everybody_is_shown_once_and_the_best_come_first(population in population()) {
        let scores = score(&population, &Formulas::default());
        let capacity = population.len().div_ceil(4);
        let mut seen: Vec<usize> = Vec::new();
        for category in ALL {
            let places = scores.exclusive(category);
            prop_assert!(places.len() <= capacity);
            prop_assert!(places.is_sorted_by(|one, next| one.score >= next.score));
            prop_assert!(places.iter().all(|place| (0.0..=1.0 + 1e-12).contains(&place.score)));
            seen.extend(places.iter().map(|place| place.candidate));
            prop_assert_eq!(scores.independent(category).len(), population.len());
        }
        seen.sort_unstable();
        prop_assert_eq!(seen, (0..population.len()).collect::<Vec<_>>());
    }

    #[test]
    fn the_order_they_come_in_changes_nothing(
        (population, shuffled) in population().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
    ) {
        let shown = |population: &[Candidate]| {
            let scores = score(population, &Formulas::default());
            ALL.map(|category| {
                let places = scores.exclusive(category).into_iter();
                places.map(|place| population[place.candidate].snap).collect::<Vec<_>>()
            })
        };
        prop_assert_eq!(shown(&population), shown(&shuffled));
    }
}
