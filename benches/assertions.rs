//! What it costs to say which assertions a device lacks: 100 groups of 1 and of 10 assertions, half of which are newer
//! than what the device has, among 100,000 that are held. Budget: 2 ms for 100 groups, on one core of a quiet machine.
//! And what it costs to take the next generation over when 100 of them are new.
#![allow(clippy::unwrap_used, reason = "a bench may fail")]
#![allow(missing_docs, reason = "a bench has no readers of its documentation")]

mod support;

use criterion::BenchmarkId;
use criterion::Criterion;
use criterion::criterion_group;
use criterion::criterion_main;
use hyper::HeaderMap;
use serde_json::json;
use snapwise::assertion::Assertion;
use snapwise::backstore::BackstoreBuilder;
use snapwise::device::CohortSecrets;
use snapwise::http;
use snapwise::snap::Instant;
use std::hint::black_box;

const HELD: usize = 100_000;
const GROUPS: usize = 100;

fn put(builder: &mut BackstoreBuilder, number: usize, revision: u32) {
    let text = support::declaration(&format!("snap-{number}"), revision);
    let read: Assertion = text.parse().unwrap();
    builder.put(read.identity(), text.into());
}

/// A request for so many groups of so many declarations; of every second one the device has what is held.
fn body(per_group: usize) -> Vec<u8> {
    let wanted = |number: usize| {
        json!({"type": "snap-declaration", "primary-key": ["16", format!("snap-{number}")],
            "if-newer-than": 2 + number % 2})
    };
    let group = |group: usize| {
        let numbers = (0..per_group).map(|place| (group * per_group + place) * 97 % HELD);
        let assertions: Vec<_> = numbers.map(wanted).collect();
        json!({"action": "fetch-assertions", "key": format!("g{group}"), "assertions": assertions})
    };
    let actions: Vec<_> = (0..GROUPS).map(group).collect();
    let formats = json!({"account-key": 1, "snap-declaration": 7, "system-user": 2});
    let body = json!({"context": [], "actions": actions, "assertion-max-formats": formats});
    serde_json::to_vec(&body).unwrap()
}

fn benches(criterion: &mut Criterion) {
    let (mut shelf, _) = support::shelf(100);
    let mut builder = BackstoreBuilder::default();
    (0..HELD).for_each(|number| put(&mut builder, number, 3));
    shelf.backstore = builder.finish();
    let cohorts = CohortSecrets::new([&b"a secret for benches only"[..]]);
    let now: Instant = "2026-11-21T00:00:00Z".parse().unwrap();
    let mut headers = HeaderMap::new();
    headers.insert("snap-device-series", "16".parse().unwrap());
    headers.insert("snap-device-architecture", "amd64".parse().unwrap());
    let mut group = criterion.benchmark_group("assertions");
    for per_group in [1, 10] {
        let body = body(per_group);
        let answer = http::answer_refresh(&shelf, &cohorts, now, &headers, &body);
        let answer: serde_json::Value = serde_json::from_slice(&answer).unwrap();
        let results = answer["results"].as_array().unwrap();
        assert!(results.len() == GROUPS && results.iter().all(|one| one["error-list"].is_null()));
        group.bench_function(BenchmarkId::new("fetch 100 groups of", per_group), |bencher| {
            bencher.iter(|| {
                http::answer_refresh(&shelf, &cohorts, now, &headers, black_box(&body)).len()
            });
        });
    }
    group.bench_function("take 100 new ones over", |bencher| {
        bencher.iter(|| {
            let mut builder = BackstoreBuilder::from(&shelf.backstore);
            (0..100).for_each(|number| put(&mut builder, number * 97, 4));
            builder.finish()
        });
    });
    group.finish();
}

criterion_group!(assertion_benches, benches);
criterion_main!(assertion_benches);
