//! What a search costs in a catalogue of 8,000 snaps, from query to bytes, with the fields snapd asks for: common words,
//! single letters, which nearly every snap has, as many of them as are looked at, and searches that look at everything
//! and show next to nothing. Budget: p99 2 ms each on one core of a quiet machine. And what the index takes: time to make it,
//! time for one changed text, and in the name of the first its size.
#![allow(clippy::unwrap_used, reason = "a bench may fail")]
#![allow(clippy::print_stdout, reason = "a bench prints its figures")]
#![allow(missing_docs, reason = "a bench has no readers of its documentation")]

mod support;

use criterion::BenchmarkId;
use criterion::Criterion;
use criterion::criterion_group;
use criterion::criterion_main;
use hyper::HeaderMap;
use snapwise::exchange;
use snapwise::find;
use snapwise::http;
use snapwise::snap::Instant;
use snapwise::snap::Listing;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

const N: u64 = 8_000;

const FIELDS: &str = "base,confinement,links,contact,description,download,license,prices,private,publisher,revision,\
                      summary,title,type,version,website,store-url,media,common-ids,categories,channel";

/// A name for each search, and its query.
const SEARCHES: [(&str, &str); 9] = [
    ("a word", "q=editor&channel=stable"),
    ("a name", "q=hello-snapwise&channel=stable"),
    ("a letter", "q=a&channel=stable"),
    ("a letter, wide", "q=s"),
    ("sixteen letters", "q=a+b+c+d+e+f+g+h+i+k+l+m+o+p+r+s"),
    ("a letter, for nobody", "q=a&architecture=m68k"),
    ("a category", "category=games&channel=stable"),
    ("everything", "channel=stable"),
    ("a common id", "common-id=org.example.Nothing"),
];

/// How many answers the quantiles are of.
const ANSWERS: usize = 2_000;

fn benches(criterion: &mut Criterion) {
    let listings: Vec<Listing> = exchange::generate(N, 1).collect();
    let shelf = support::build(&listings);
    let now: Instant = "2026-11-21T00:00:00Z".parse().unwrap();
    let mut headers = HeaderMap::new();
    headers.insert("snap-device-series", "16".parse().unwrap());
    headers.insert("snap-device-architecture", "amd64".parse().unwrap());
    headers.insert("snap-device-capabilities", "default-tracks".parse().unwrap());
    let mut group = criterion.benchmark_group("find");
    for (name, query) in SEARCHES {
        let query = format!("{query}&fields={FIELDS}");
        assert!(http::answer_find(&shelf, now, &headers, &query).starts_with(b"{\"results\":["));
        group.bench_function(BenchmarkId::new("answer", name), |bencher| {
            bencher.iter(|| http::answer_find(&shelf, now, &headers, black_box(&query)).len());
        });
    }
    let queries = SEARCHES.map(|(name, query)| (name, format!("{query}&fields={FIELDS}")));
    println!("{ANSWERS} answers to each, one by one, in us:");
    println!("{:<24} {:>8} {:>8} {:>8}", "", "p50", "p99", "most");
    for (name, query) in &queries {
        let mut took: Vec<Duration> = (0..ANSWERS)
            .map(|_| {
                let since = std::time::Instant::now();
                black_box(http::answer_find(&shelf, now, &headers, black_box(query)).len());
                since.elapsed()
            })
            .collect();
        took.sort_unstable();
        let us = |place: usize| took[place].as_secs_f64() * 1e6;
        let (p50, p99, most) = (us(ANSWERS / 2), us(ANSWERS * 99 / 100), us(ANSWERS - 1));
        println!("{name:<24} {p50:>8.0} {p99:>8.0} {most:>8.0}");
    }
    group.sample_size(10);
    let index = |earlier: &Arc<find::Index>, listings: &[Listing]| {
        let mut builder = find::Builder::from(earlier);
        for listing in listings {
            builder.put(listing);
        }
        builder.finish(&shelf.catalogue)
    };
    let nothing = Arc::default();
    let mut first = listings[0].clone();
    first.title = "A title that nobody had before".parse().unwrap();
    let whole = index(&nothing, &listings);
    let size = format!("whole, {} KiB", whole.size_bytes() / 1_024);
    group.bench_function(BenchmarkId::new("index", size), |bencher| {
        bencher.iter_with_large_drop(|| index(&nothing, black_box(&listings)));
    });
    group.bench_function(BenchmarkId::new("index", "one text"), |bencher| {
        bencher.iter_with_large_drop(|| index(&whole, black_box(std::slice::from_ref(&first))));
    });
}

criterion_group!(find_benches, benches);
criterion_main!(find_benches);
