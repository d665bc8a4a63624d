//! Contract/rankings 14.

use crate::rankings::ALL;
use crate::rankings::candidate;
use crate::rankings::letters;
use snapwise::collector::score;
use snapwise::ranking::Candidate;
use snapwise::ranking::Category;
use snapwise::ranking::Formulas;
use snapwise::snap::Instant;

/// Letter, devices, days before 2026-07-01, counted media, link kinds, licence, vouched for, rating.
type Row = (char, u64, i64, usize, usize, bool, bool, Option<f64>);

const ROWS: [Row; 7] = [
    ('a', 100_000, 2, 5, 4, true, true, Some(0.92)),
    ('b', 50_000, 30, 3, 2, false, true, Some(0.80)),
    ('c', 900, 0, 1, 1, true, false, None),
    ('d', 15, 120, 2, 3, true, false, Some(0.55)),
    ('e', 0, 179, 1, 1, false, false, None),
    ('f', 7_000, 10, 10, 4, true, true, Some(0.10)),
    ('g', 300, 60, 3, 2, true, true, Some(0.0)),
];

fn population() -> Vec<Candidate> {
    let end: Instant = "2026-07-01T00:00:00Z".parse().unwrap();
    let before = |days| Instant::from_microseconds(end.microseconds() - days * 86_400_000_000);
    let row = |(letter, n_devices, days, n_media, n_links, has_license, vouched, rating): Row| {
        let updated_at = before(days).unwrap();
        let some = candidate(letter);
        let is_vouched_for = vouched;
        Candidate {
            n_devices,
            updated_at,
            n_media,
            n_links,
            has_license,
            is_vouched_for,
            rating,
            ..some
        }
    };
    ROWS.into_iter().map(row).collect()
}

#[test]
fn the_scores_are_those_of_the_contract() {
    let scores = score(&population(), &Formulas::default());
    let expected = [
        [0.966_667, 0.894_413, 0.897_207, 0.902_667],
        [0.889_523, 0.711_201, 0.738_049, 0.771_667],
        [0.435_328, 0.565_000, 0.462_736, 0.021_667],
        [0.211_910, 0.294_804, 0.272_608, 0.483_333],
        [0.013_333, 0.040_000, 0.040_000, 0.013_333],
        [0.829_989, 0.947_067, 0.903_291, 0.271_667],
        [0.586_999, 0.652_402, 0.610_129, 0.140_000],
    ];
    for (snap, expected) in expected.into_iter().enumerate() {
        for (category, expected) in ALL.into_iter().zip(expected) {
            let found = scores.of(snap, category);
            assert!((found - expected).abs() < 5e-7, "{} {category}: {found}", ROWS[snap].0);
        }
    }
}

#[test]
fn the_assignment_is_that_of_the_contract() {
    let population = population();
    let scores = score(&population, &Formulas::default());
    let shown = ALL.map(|category| letters(&population, &scores.exclusive(category)));
    assert_eq!(shown, ["ab", "fg", "ce", "d"]);
    let by_score = letters(&population, &scores.independent(Category::TopRated));
    assert_eq!(by_score, "abdfgce");
}

#[test]
fn those_who_are_alone_or_alike_have_everything_there_is_to_have() {
    let formulas = Formulas::default();
    assert!(score(&[], &formulas).exclusive(Category::Popular).is_empty());
    // One snap is the oldest and the latest, and has the most devices.
    let one = [Candidate { n_devices: 1, ..candidate('a') }];
    assert!((score(&one, &formulas).of(0, Category::Trending) - 0.5).abs() < 1e-12);
    // Equals: the snap-id decides, in whatever order they come.
    for letters_of in ["abcde", "edcba", "cdaeb"] {
        let equals: Vec<_> = letters_of.chars().map(candidate).collect();
        let scores = score(&equals, &formulas);
        let shown = ALL.map(|category| letters(&equals, &scores.exclusive(category)));
        assert_eq!(shown, ["e", "ab", "cd", ""]);
    }
}
