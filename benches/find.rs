//! What a search costs in a catalogue of 8,000 snaps, from query to bytes, with the fields snapd asks for: common words,
//! single letters, which nearly every snap has, as many of them as are looked at, and searches that look at everything
//! and show next to nothing. Budget: 2 ms each on one core of a quiet machine. And what the index takes: time to make it,
//! time for one changed text, and in the name of the first its size.
#![allow(clippy::unwrap_used, reason = "a bench may fail")]
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
