//! What it costs to build a shelf, catalogue and pages, from listings that are loaded: all of 8,000 and of 50,000
//! snaps, and one changed snap among them. Budget: with loading, 1.5 s for all of 8,000.
#![allow(missing_docs, reason = "a bench has no readers of its documentation")]

mod support;

use criterion::BenchmarkId;
use criterion::Criterion;
use criterion::criterion_group;
use criterion::criterion_main;
use snapwise::exchange;
use snapwise::snap::Listing;
use std::hint::black_box;

fn benches(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("catalogue");
    group.sample_size(10);
    for n in [8_000, 50_000] {
        let listings: Vec<Listing> = exchange::generate(n, 1).collect();
        group.bench_function(BenchmarkId::new("build", n), |bencher| {
            bencher.iter_with_large_drop(|| support::build(black_box(&listings)));
        });
        let shelf = support::build(&listings);
        group.bench_function(BenchmarkId::new("one changed", n), |bencher| {
            bencher.iter_with_large_drop(|| support::rebuild(black_box(&shelf), &listings[..1]));
        });
    }
    group.finish();
}

criterion_group!(catalogue_benches, benches);
criterion_main!(catalogue_benches);
