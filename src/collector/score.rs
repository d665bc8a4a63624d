//! What each snap is worth in each ranking, and in which of them it is shown (contract/rankings 4.5).

use crate::ranking::Candidate;
use crate::ranking::Category;
use crate::ranking::Formulas;
use crate::ranking::Merits;
use crate::snap::Instant;
use std::cmp::Ordering;

const N: usize = Category::ALL.len();

/// So many media, and so many kinds of links, are as good as more.
const ENOUGH_MEDIA: usize = 10;
const ENOUGH_LINKS: usize = 5;

/// A snap's place in the making: which candidate, and its score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// The candidate's place in the population.
    pub candidate: usize,
    /// Its score in the category.
    pub score: f64,
}

/// The scores of a population.
#[derive(Debug, Clone, PartialEq)]
pub struct Scores {
    /// Each candidate's score in each category.
    all: Vec<[f64; N]>,
    /// Every candidate, the one that is ahead among equals first.
    order: Vec<usize>,
    /// Where each candidate is shown.
    assigned: Vec<Category>,
}

impl Scores {
    /// A candidate's score in a category.
    pub fn of(&self, candidate: usize, category: Category) -> f64 {
        self.all[candidate][category as usize]
    }

    /// The category in which a candidate is shown.
    pub fn assigned(&self, candidate: usize) -> Category {
        self.assigned[candidate]
    }

    /// The snaps shown in a category, best first: each snap is shown in one category only.
    pub fn exclusive(&self, category: Category) -> Vec<Place> {
        self.ranked(category, |candidate| self.assigned[candidate] == category)
    }

    /// Every snap by its score in a category, best first.
    pub fn independent(&self, category: Category) -> Vec<Place> {
        self.ranked(category, |_| true)
    }

    fn ranked(&self, category: Category, is_in: impl Fn(usize) -> bool) -> Vec<Place> {
        let place = |candidate: &usize| {
            let candidate = *candidate;
            is_in(candidate).then(|| Place { candidate, score: self.of(candidate, category) })
        };
        let mut places: Vec<_> = self.order.iter().filter_map(place).collect();
        // Stable: equals stay in the order they came in.
        places.sort_by(|one, other| other.score.total_cmp(&one.score));
        places
    }
}

/// Scores a population and shares it out among the categories. Equal scores are ordered by devices, most first, then
/// by snap-id: the same population gives the same places, in whatever order it comes.
pub fn score(population: &[Candidate], formulas: &Formulas) -> Scores {
    let merits = merits(population);
    let of_merits = |merits| Category::ALL.map(|category| formulas.of(category).score(merits));
    let all: Vec<_> = merits.iter().map(of_merits).collect();
    let mut order: Vec<_> = (0..population.len()).collect();
    order.sort_unstable_by(|one, other| ahead(&population[*one], &population[*other]));
    let assigned = share_out(&all, &order);
    Scores { all, order, assigned }
}

fn ahead(one: &Candidate, other: &Candidate) -> Ordering {
    other.n_devices.cmp(&one.n_devices).then_with(|| one.snap.cmp(&other.snap))
}

/// What speaks for each candidate, within the population.
fn merits(population: &[Candidate]) -> Vec<Merits> {
    let devices = Span::of(population.iter().map(|candidate| logarithm(candidate.n_devices)));
    let update = Span::of(population.iter().map(|candidate| seconds(candidate.updated_at)));
    let merits = |candidate: &Candidate| Merits {
        devices: match candidate.n_devices {
            0 => 0.0,
            n => devices.share(logarithm(n)),
        },
        update: update.share(seconds(candidate.updated_at)),
        metadata: metadata(candidate),
        developer: f64::from(u8::from(candidate.is_vouched_for)),
        rating: candidate.rating.unwrap_or(0.0),
    };
    population.iter().map(merits).collect()
}

#[allow(clippy::cast_precision_loss, reason = "devices are counted far below 2^53")]
fn logarithm(n_devices: u64) -> f64 {
    (n_devices as f64).ln_1p()
}

#[allow(clippy::cast_precision_loss, reason = "microseconds since 1970 stay below 2^53 until 2255")]
fn seconds(instant: Instant) -> f64 {
    instant.microseconds() as f64 / 1e6
}

fn metadata(candidate: &Candidate) -> f64 {
    let count = |n: usize, enough: usize| u8::try_from(n.min(enough)).map_or(0.0, f64::from);
    let media = count(candidate.n_media, ENOUGH_MEDIA) / 10.0;
    let license = f64::from(u8::from(candidate.has_license));
    let links = (count(candidate.n_links, ENOUGH_LINKS) + license) / 6.0;
    media.midpoint(links)
}

/// The least and the greatest of some values.
struct Span {
    least: f64,
    greatest: f64,
}

impl Span {
    fn of(values: impl Iterator<Item = f64>) -> Self {
        let none = Self { least: f64::INFINITY, greatest: f64::NEG_INFINITY };
        values.fold(none, |span, value| Self {
            least: span.least.min(value),
            greatest: span.greatest.max(value),
        })
    }

    /// How far up a value is; all the way when there is only one.
    fn share(&self, value: f64) -> f64 {
        if self.greatest > self.least {
            (value - self.least) / (self.greatest - self.least)
        } else {
            1.0
        }
    }
}

/// Gives each candidate the best category that still has room, whoever has the best score choosing first. The
/// categories have equal room. Who must choose anew stays in the order of the score that was lost, among equals.
fn share_out(all: &[[f64; N]], order: &[usize]) -> Vec<Category> {
    let room = all.len().div_ceil(N);
    let mut assigned = vec![Category::Popular; all.len()];
    let mut left: Vec<usize> = order.to_vec();
    let mut open: Vec<(Category, usize)> =
        Category::ALL.into_iter().map(|category| (category, room)).collect();
    while !left.is_empty() {
        let best = |candidate: usize| best_of(&all[candidate], &open);
        let mut choices: Vec<_> =
            left.iter().map(|candidate| (*candidate, best(*candidate))).collect();
        // Stable: of equals the one that is ahead chooses first.
        choices.sort_by(|(_, one), (_, other)| other.score.total_cmp(&one.score));
        let mut n_served = 0;
        // Until a category is full: then who wanted it chooses anew.
        for (candidate, choice) in &choices {
            assigned[*candidate] = choice.category;
            n_served += 1;
            let place = open.iter_mut().find(|(category, _)| *category == choice.category);
            let (_, room) = place.expect("a choice is among the open ones");
            *room -= 1;
            if *room == 0 {
                break;
            }
        }
        open.retain(|(_, room)| *room > 0);
        left = choices.into_iter().skip(n_served).map(|(candidate, _)| candidate).collect();
    }
    assigned
}

#[derive(Clone, Copy)]
struct Choice {
    category: Category,
    score: f64,
}

/// The best of the open categories; of equals the first.
fn best_of(scores: &[f64; N], open: &[(Category, usize)]) -> Choice {
    let choices = open
        .iter()
        .map(|(category, _)| Choice { category: *category, score: scores[*category as usize] });
    let better = |best: Choice, next: Choice| if next.score > best.score { next } else { best };
    choices.reduce(better).expect("as long as candidates are left, there is room for them")
}
