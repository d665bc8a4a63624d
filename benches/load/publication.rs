//! A new generation of everything, while requests go on.

use crate::bodies::Request;
use crate::client::Load;
use crate::process;
use crate::process::Database;
use crate::process::Processors;
use crate::process::Server;
use snapwise::db;
use std::time::Duration;

/// How long requests go on around a publication.
const AROUND: Duration = Duration::from_secs(8);
/// An answer slower than this counts as slow.
const SLOW: Duration = Duration::from_millis(50);
const TIMES: usize = 3;
/// How often in a row new rankings are published.
const PUBLICATIONS: usize = 100;

/// The connections of an everyday load, and the pause of each between an answer and the next question.
pub(crate) const EVERYDAY: (usize, Duration) = (8, Duration::from_millis(1));

/// How requests come in.
struct Pace {
    what: &'static str,
    /// The connections, and the pause of each between an answer and the next question.
    pace: (usize, Duration),
}

const PACES: [Pace; 2] = [
    Pace { what: "an everyday load", pace: EVERYDAY },
    // Few enough connections that a request does not wait long for the others.
    Pace { what: "as many as it can answer", pace: (4, Duration::ZERO) },
];

/// Changes something of every snap and publishes that, some times over, under load.
pub(crate) fn under_load(server: &Server, database: &Database, request: &Request) {
    println!(
        "every snap changed and published under  requests/s   loaded in   failed   over 50 ms    slowest   stolen"
    );
    for pace in PACES {
        for _ in 0..TIMES {
            once(server, database, request, &pace);
        }
    }
    println!("resident afterwards                           {:>8.0} MiB", server.resident_mib());
    println!("the most that was ever resident               {:>8.0} MiB\n", server.peak_mib());
}

fn once(server: &Server, database: &Database, request: &Request, pace: &Pace) {
    let url = database.url.clone();
    let (before, processors) = (server.reloads(), Processors::now());
    let publisher = std::thread::spawn(move || {
        std::thread::sleep(AROUND / 6);
        process::runtime().block_on(publish_everything(&url));
    });
    let load = Load::paced(server.address(), request, pace.pace, AROUND);
    publisher.join().unwrap();
    let stolen = processors.percent_stolen();
    let slow = load.took.iter().filter(|took| **took > SLOW).count();
    let slowest = load.took.iter().max().unwrap().as_secs_f64() * 1e3;
    let per_second = load.took.len() as f64 / AROUND.as_secs_f64();
    let loaded = server.reloads().saturating_sub(before).as_secs_f64();
    println!(
        "  {:<37} {per_second:>10.0} {loaded:>9.2} s {:>8} {slow:>12} {slowest:>7.1} ms {stolen:>6.1} %",
        pace.what, load.failed
    );
}

/// New rankings, a hundred times in a row, while the first of them is read.
pub(crate) fn of_rankings_under_load(server: &Server, database: &Database, request: &Request) {
    let url = database.url.clone();
    let publisher = std::thread::spawn(move || {
        let started = std::time::Instant::now();
        process::runtime().block_on(publish_rankings(&url));
        started.elapsed()
    });
    let mut whole = Load::default();
    while !publisher.is_finished() {
        let pace = (4, Duration::from_millis(1));
        let load = Load::paced(server.address(), request, pace, Duration::from_secs(1));
        whole.took.extend(load.took);
        whole.failed += load.failed;
        whole.short += load.short;
    }
    let took = publisher.join().unwrap();
    let slow = whole.took.iter().filter(|took| **took > SLOW).count();
    let slowest = whole.took.iter().max().unwrap().as_secs_f64() * 1e3;
    println!(
        "{PUBLICATIONS} publications of rankings in a row      {:>10.1} s",
        took.as_secs_f64()
    );
    println!("  answers meanwhile                       {:>10}", whole.took.len());
    println!(
        "  failed, empty, over 50 ms               {:>4} {:>4} {slow:>4}",
        whole.failed, whole.short
    );
    println!("  slowest                                 {slowest:>10.1} ms");
}

async fn publish_rankings(url: &str) {
    let database = db::Database::new(url, 1).unwrap();
    let mut client = database.client().await.unwrap();
    for turn in 0..PUBLICATIONS {
        let transaction = client.transaction().await.unwrap();
        let number = db::generations::begin(&transaction).await.unwrap();
        let mut places = db::placed::load(&transaction).await.unwrap();
        // The last of each ranking becomes the first: every page of them is another.
        for ranking in places.chunk_by_mut(|one, next| one.category == next.category) {
            let snaps: Vec<_> = ranking.iter().map(|place| place.snap).collect();
            let last = snaps.len() - 1;
            for (place, snap) in ranking.iter_mut().zip(snaps.iter().cycle().skip(last)) {
                place.snap = *snap;
            }
        }
        let now = "2026-11-01T00:00:00Z".parse().unwrap();
        db::placed::replace(&transaction, &places, now).await.unwrap();
        db::parts::changed(&transaction, db::parts::Part::Places, number).await.unwrap();
        let what = format!("bench {turn}");
        db::generations::publish(&transaction, number, now, &what).await.unwrap();
        transaction.commit().await.unwrap();
    }
}

async fn publish_everything(url: &str) {
    let database = db::Database::new(url, 1).unwrap();
    let mut client = database.client().await.unwrap();
    let transaction = client.transaction().await.unwrap();
    let number = db::generations::begin(&transaction).await.unwrap();
    let change =
        "UPDATE snap SET generation = $1, summary = left(summary, 100) || ' ' || $1::bigint::text";
    transaction.execute(change, &[&number]).await.unwrap();
    let now = "2026-11-01T00:00:00Z".parse().unwrap();
    db::generations::publish(&transaction, number, now, "bench").await.unwrap();
    transaction.commit().await.unwrap();
}
