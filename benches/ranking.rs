//! What scoring a population costs. Budget: 50 ms for 8,000 snaps, 1 s for 100,000, on one core of a quiet machine.
#![allow(clippy::unwrap_used, reason = "a bench may fail")]
#![allow(missing_docs, reason = "a bench has no readers of its documentation")]

use criterion::BenchmarkId;
use criterion::Criterion;
use criterion::Throughput;
use criterion::criterion_group;
use criterion::criterion_main;
use snapwise::collector::score;
use snapwise::ranking::Candidate;
use snapwise::ranking::Formulas;
use snapwise::snap::Instant;
use std::hint::black_box;

/// A population whose numbers are spread by multiplying with large odd numbers.
fn population(n: u64) -> Vec<Candidate> {
    let spread =
        |number: u64, factor: u64, below: u64| number.wrapping_mul(factor) >> 16 & (below - 1);
    let candidate = |number: u64| Candidate {
        snap: format!("{number:032}").parse().unwrap(),
        n_devices: spread(number, 0x9E37_79B9_7F4A_7C15, 1 << 20),
        updated_at: Instant::from_microseconds(
            i64::try_from(spread(number, 0xC2B2_AE3D_27D4_EB4F, 1 << 24)).unwrap() * 1_000_000,
        )
        .unwrap(),
        n_media: usize::try_from(spread(number, 0x1656_67B1_9E37_79F9, 16)).unwrap(),
        n_links: usize::try_from(spread(number, 0x27D4_EB2F_1656_67C5, 8)).unwrap(),
        has_license: !number.is_multiple_of(3),
        is_vouched_for: number.is_multiple_of(5),
        rating: number
            .is_multiple_of(7)
            .then(|| f64::from(u32::try_from(number % 100).unwrap()) / 100.0),
    };
    (0..n).map(candidate).collect()
}

fn benches(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("ranking");
    group.sample_size(20);
    for n in [8_000, 100_000] {
        let population = population(n);
        group.throughput(Throughput::Elements(n));
        group.bench_function(BenchmarkId::new("score", n), |bencher| {
            bencher.iter(|| score(black_box(&population), &Formulas::default()));
        });
    }
}

criterion_group!(scoring, benches);
criterion_main!(scoring);
