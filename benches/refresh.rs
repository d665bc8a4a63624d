//! What the parts of a refresh answer cost: parse, resolve, render, and the whole, for 1, 20 and 100 installed snaps
//! with as many refreshes and snapd's 27 fields, on a catalogue of 8,000 snaps. Budget: 6 µs an action for the whole
//! of 100, on one core of a quiet machine.
#![allow(clippy::unwrap_used, clippy::string_slice, reason = "a bench may fail")]
#![allow(missing_docs, reason = "a bench has no readers of its documentation")]

#[path = "load/bodies.rs"]
#[allow(dead_code, reason = "shared with the load bench")]
mod bodies;
mod support;

use criterion::BenchmarkId;
use criterion::Criterion;
use criterion::Throughput;
use criterion::criterion_group;
use criterion::criterion_main;
use hyper::HeaderMap;
use snapwise::device::CohortSecrets;
use snapwise::device::Device;
use snapwise::device::Installed;
use snapwise::device::Validation;
use snapwise::device::Viewer;
use snapwise::http;
use snapwise::refresh;
use snapwise::refresh::Asked;
use snapwise::refresh::Policy;
use snapwise::refresh::SnapRef;
use snapwise::refresh::Verb;
use snapwise::snap::ChannelName;
use snapwise::snap::Field;
use snapwise::snap::Fields;
use snapwise::snap::Instant;
use snapwise::snap::Revision;
use std::hint::black_box;

fn headers() -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("snap-device-series", "16"),
        ("snap-device-architecture", "amd64"),
        ("snap-device-capabilities", "default-tracks"),
        ("snap-accept-delta-format", "xdelta3"),
    ] {
        headers.insert(name, value.parse().unwrap());
    }
    headers
}

fn installed(id: &str) -> Installed<'_> {
    Installed {
        key: id,
        snap_id: id,
        revision: Revision::new(1).unwrap(),
        tracking: ChannelName::parse("latest/stable"),
        epoch: None,
        cohort_key: None,
        validation: Validation::default(),
    }
}

fn asked(id: &str) -> Asked<'_> {
    Asked {
        key: id,
        verb: Verb::Refresh,
        snap: SnapRef { id: Some(id), name: None },
        channel: Some("latest/stable"),
        revision: None,
        epoch: None,
        cohort_key: None,
        validation: Validation::default(),
    }
}

fn benches(criterion: &mut Criterion) {
    let (shelf, snaps) = support::shelf(8_000);
    let cohorts = CohortSecrets::new([&b"a secret for benches only"[..]]);
    let now: Instant = "2026-11-21T00:00:00Z".parse().unwrap();
    let policy = Policy { cohorts: &cohorts, backstore: &shelf.backstore, now };
    let device = Device {
        architecture: "amd64".parse().unwrap(),
        viewer: Viewer::default(),
        key: None,
        default_tracks: true,
        delta_formats: "xdelta3",
    };
    let mut fields = Fields::NONE;
    for name in bodies::FIELDS {
        fields.insert(Field::of_name(name).unwrap());
    }
    let headers = headers();
    let mut group = criterion.benchmark_group("refresh");
    for n in [1, 4, 20, 100] {
        group.throughput(Throughput::Elements(n as u64));
        let body = bodies::refresh(&snaps, n).body;
        let chosen: Vec<_> = snaps.iter().step_by(snaps.len() / n).take(n).collect();
        let context: Vec<_> = chosen.iter().map(|id| Some(installed(id))).collect();
        let wanted: Vec<_> = chosen.iter().map(|id| Some(asked(id))).collect();
        let actions = refresh::parse(&shelf.catalogue, &device.viewer, &context, &wanted).unwrap();
        let resolve = |action| refresh::resolve(&shelf.catalogue, &device, &policy, action);
        let resolved: Vec<_> = actions.iter().map(|action| (action, resolve(action))).collect();
        assert!(resolved.iter().all(|(_, result)| result.is_ok()));
        group.bench_function(BenchmarkId::new("parse", n), |bencher| {
            bencher.iter(|| http::parse_refresh(black_box(&body)).unwrap());
        });
        group.bench_function(BenchmarkId::new("resolve", n), |bencher| {
            bencher.iter(|| {
                let wanted = black_box(&wanted);
                let actions =
                    refresh::parse(&shelf.catalogue, &device.viewer, &context, wanted).unwrap();
                let resolve = |action| refresh::resolve(&shelf.catalogue, &device, &policy, action);
                actions.iter().filter(|action| resolve(action).is_ok()).count()
            });
        });
        group.bench_function(BenchmarkId::new("render", n), |bencher| {
            bencher.iter(|| {
                let resolved = resolved.iter().map(|(action, result)| (*action, result.clone()));
                http::render_refresh(&shelf, &device, fields, now, black_box(resolved)).len()
            });
        });
        group.bench_function(BenchmarkId::new("whole", n), |bencher| {
            bencher.iter(|| {
                http::answer_refresh(&shelf, &cohorts, now, &headers, black_box(&body)).len()
            });
        });
    }
    group.finish();
}

criterion_group!(refresh_benches, benches);
criterion_main!(refresh_benches);
