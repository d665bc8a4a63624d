//! The rules of contract/rankings 4.5 once more: simple, slow, and as the contract tells them.
#![allow(clippy::cast_precision_loss, reason = "the numbers of a test are small")]
#![allow(clippy::float_cmp, reason = "the contract says: the same")]
#![allow(
    clippy::manual_midpoint,
    clippy::many_single_char_names,
    reason = "as the contract writes it"
)]

use snapwise::ranking::Candidate;
use snapwise::ranking::Category;
use std::collections::BTreeMap;

/// The scores of a candidate by category.
pub(crate) fn scores(population: &[Candidate], one: &Candidate) -> BTreeMap<Category, f64> {
    let devices = |candidate: &Candidate| (candidate.n_devices as f64 + 1.0).ln();
    let time = |candidate: &Candidate| candidate.updated_at.microseconds() as f64 / 1e6;
    let a = if one.n_devices == 0 { 0.0 } else { min_max(population, one, devices) };
    let u = min_max(population, one, time);
    let media = (one.n_media as f64 / 10.0).min(1.0);
    let license = if one.has_license { 1.0 } else { 0.0 };
    let m = (media + (one.n_links.min(5) as f64 + license) / 6.0) / 2.0;
    let v = if one.is_vouched_for { 1.0 } else { 0.0 };
    let r = one.rating.unwrap_or(0.0);
    BTreeMap::from([
        (Category::Popular, 0.7 * a + 0.1 * m + 0.2 * v),
        (Category::Recent, 0.5 * u + 0.3 * m + 0.2 * v),
        (Category::Trending, 0.25 * u + 0.25 * a + 0.3 * m + 0.2 * v),
        (Category::TopRated, 0.8 * r + 0.1 * m + 0.1 * v),
    ])
}

fn min_max(population: &[Candidate], one: &Candidate, value: impl Fn(&Candidate) -> f64) -> f64 {
    let least = population.iter().map(&value).fold(f64::INFINITY, f64::min);
    let greatest = population.iter().map(&value).fold(f64::NEG_INFINITY, f64::max);
    if greatest == least { 1.0 } else { (value(one) - least) / (greatest - least) }
}

/// Where each candidate is shown, word by word: sort ascending by the best score that is still to be had, take the last,
/// and sort what is left anew whenever a category becomes full.
pub(crate) fn assignment(
    scores: &[BTreeMap<Category, f64>],
    population: &[Candidate],
) -> Vec<Category> {
    let capacity = population.len().div_ceil(4);
    let mut shown: BTreeMap<usize, Category> = BTreeMap::new();
    let is_open = |shown: &BTreeMap<usize, Category>, category| {
        shown.values().filter(|taken| **taken == category).count() < capacity
    };
    let best = |shown: &BTreeMap<usize, Category>, one: usize| {
        let mut best: Option<Category> = None;
        for category in Category::ALL.into_iter().filter(|category| is_open(shown, *category)) {
            if best.is_none_or(|best| scores[one][&category] > scores[one][&best]) {
                best = Some(category);
            }
        }
        best.unwrap()
    };
    // Of equals the last goes first: the one with the most devices, then the least snap-id.
    let mut left: Vec<usize> = (0..population.len()).collect();
    left.sort_by_key(|one| (population[*one].n_devices, std::cmp::Reverse(population[*one].snap)));
    let sort = |left: &mut Vec<usize>, shown: &BTreeMap<usize, Category>| {
        left.sort_by(|one, other| {
            let (one, other) =
                (&scores[*one][&best(shown, *one)], &scores[*other][&best(shown, *other)]);
            one.partial_cmp(other).unwrap()
        });
    };
    sort(&mut left, &shown);
    while let Some(last) = left.pop() {
        let category = best(&shown, last);
        shown.insert(last, category);
        if !is_open(&shown, category) && !left.is_empty() {
            sort(&mut left, &shown);
        }
    }
    shown.into_values().collect()
}
