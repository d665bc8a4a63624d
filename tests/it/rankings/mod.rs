//! The rankings: the vectors of contract/rankings 14, and every population against a second, slower implementation.

pub(crate) mod oracle;
mod properties;
mod vectors;

use snapwise::ranking::Candidate;
use snapwise::ranking::Category;

/// A candidate with nothing that speaks for it; the letter makes its snap-id.
fn candidate(letter: char) -> Candidate {
    Candidate {
        snap: letter.to_string().repeat(32).parse().unwrap(),
        n_devices: 0,
        updated_at: "2026-01-01T00:00:00Z".parse().unwrap(),
        n_media: 0,
        n_links: 0,
        has_license: false,
        is_vouched_for: false,
        rating: None,
    }
}

/// Both ways of showing each category, as the letters of the snap-ids.
fn letters(population: &[Candidate], places: &[snapwise::collector::Place]) -> String {
    places
        .iter()
        .map(|place| population[place.candidate].snap.as_str().chars().next().unwrap())
        .collect()
}

const ALL: [Category; 4] = Category::ALL;
