//! A new generation of everything, while requests go on.

use crate::bodies::Request;
use crate::client::Load;
use crate::process;
use crate::process::Database;
use crate::process::Server;
use snapwise::db;
use std::time::Duration;

/// How long requests go on around a publication.
const AROUND: Duration = Duration::from_secs(6);
/// An answer slower than this counts as slow.
const SLOW: Duration = Duration::from_millis(50);
/// Few enough connections that a request does not wait long for the others.
const CONNECTIONS: usize = 4;
const TIMES: usize = 3;

/// Marks every snap as changed and publishes that, some times over, under load.
pub(crate) fn under_load(server: &Server, database: &Database, request: &Request) {
    println!("every snap published anew under load    answers   failed   over 50 ms   slowest");
    for _ in 0..TIMES {
        let url = database.url.clone();
        let publisher = std::thread::spawn(move || {
            std::thread::sleep(AROUND / 6);
            process::runtime().block_on(publish_everything(&url));
        });
        let load = Load::run(server.address(), request, CONNECTIONS, AROUND);
        publisher.join().unwrap();
        let slow = load.took.iter().filter(|took| **took > SLOW).count();
        let slowest = load.took.iter().max().unwrap().as_secs_f64() * 1e3;
        let (answers, failed) = (load.took.len(), load.failed);
        println!("{answers:>47} {failed:>8} {slow:>12} {slowest:>6.1} ms");
    }
    println!("resident afterwards                           {:>8.0} MiB", server.resident_mib());
    println!("the most that was ever resident               {:>8.0} MiB", server.peak_mib());
}

async fn publish_everything(url: &str) {
    let database = db::Database::new(url, 1).unwrap();
    let mut client = database.client().await.unwrap();
    let transaction = client.transaction().await.unwrap();
    let number = db::generations::begin(&transaction).await.unwrap();
    transaction.execute("UPDATE snap SET generation = $1", &[&number]).await.unwrap();
    let now = "2026-11-01T00:00:00Z".parse().unwrap();
    db::generations::publish(&transaction, number, now, "bench").await.unwrap();
    transaction.commit().await.unwrap();
}
