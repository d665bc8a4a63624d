//! `make bench`: snapwise against a bare hyper server, in one run and on the same cores.
//!
//! Both get the same requests from the same load generator. The bare server reads the body and returns a constant
//! answer of the length that snapwise answers with: what HTTP alone costs. Budgets, on a quiet machine of 2 cores:
//! at least 0.75 of the bare server's requests per second for 4 installed snaps and 4 refreshes; at most 6 µs of
//! processor time an action beyond it for 100; p99 at most 3 times p50; loading all of 8,000 snaps anew within 1.5 s
//! with no answer slower than 50 ms; at most 200 MiB resident; ready within 3 s of a start; a refusal at most as dear as
//! an answer; for an assertion at least 0.60 of the bare server's requests per second; for `GET /api/category/popular` at least 0.70 of the bare server's requests per second, and while new
//! rankings are published 100 times in a row no answer that fails, is empty, or takes more than 50 ms; a whole pipeline
//! over 8,000 snaps of a simulated upstream within 20 s and 200 MiB. Figures are
//! medians over rounds that take turns; only ratios mean something on another machine.
#![allow(clippy::unwrap_used, clippy::string_slice, reason = "a bench may fail")]
#![allow(clippy::print_stdout, reason = "a bench prints its figures")]
#![allow(clippy::cast_precision_loss, reason = "figures are rounded when they are printed")]
#![allow(missing_docs, reason = "a bench has no readers of its documentation")]

mod bare;
mod bodies;
mod client;
mod downloads;
mod pipeline;
#[path = "../../tests/it/support/private.rs"]
mod private;
mod process;
mod publication;
#[path = "../support/mod.rs"]
#[allow(dead_code, reason = "the other benches need more of it")]
mod support;

use crate::client::Load;
use crate::client::Measured;
use crate::process::Server;
use std::path::Path;
use std::time::Duration;

/// Rounds for each server; they take turns, so that a busy spell hits both.
const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(3);
const CONNECTIONS: usize = 32;
const SNAPS: u64 = 8_000;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(place) = arguments.iter().position(|argument| argument == "--bare") {
        return bare::serve(arguments[place + 1].parse().unwrap());
    }
    if let Some(place) = arguments.iter().position(|argument| argument == "--bare-file") {
        return bare::serve_file(Path::new(&arguments[place + 1]));
    }
    if arguments.iter().any(|argument| argument == "--list") {
        return;
    }
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench-postgres");
    let database = process::Database::with_catalogue(&dir, SNAPS);
    println!(
        "{SNAPS} snaps; {CONNECTIONS} connections; {ROUNDS} rounds of {ROUND:?} each, taking turns\n"
    );
    let (server, started) = Server::snapwise(&database.url, &[("RUST_LOG", "warn")]);
    println!("from start to ready on an existing database   {:>8.2} s", started.as_secs_f64());
    println!("resident when ready                           {:>8.0} MiB\n", server.resident_mib());

    let four = bodies::refresh(&database.snaps, 4);
    compare(&server, &four, "4 installed, 4 refreshes, 27 fields", 4);
    let hundred = bodies::refresh(&database.snaps, 100);
    compare(&server, &hundred, "100 installed, 100 refreshes, 27 fields", 100);
    println!();
    logs(&database.url, &four);
    println!();
    refusals(&server, &four);
    println!();
    publication::under_load(&server, &database, &four);
    drop(server);
    println!();
    assertion(&database);
    println!();
    downloads::compare(&database.url);
    println!();
    pages(&database);
    println!();
    pipeline::whole(&dir, SNAPS);
}

/// One assertion among those of all snaps.
fn assertion(database: &process::Database) {
    database.declare();
    let (server, started) = Server::snapwise(&database.url, &[("RUST_LOG", "warn")]);
    println!("with a declaration of every snap:");
    println!("from start to ready                           {:>8.2} s", started.as_secs_f64());
    println!("resident when ready                           {:>8.0} MiB\n", server.resident_mib());
    let path = "/v2/assertions/snap-declaration/16/bench?max-format=7";
    compare(&server, &bodies::Request::get(path, false), "GET an assertion", 1);
}

/// The page that most ask for, as it is and compressed, and while it changes.
fn pages(database: &process::Database) {
    database.rank();
    let (server, started) = Server::snapwise(&database.url, &[("RUST_LOG", "warn")]);
    let server = &server;
    println!("with all of it listed and ranked, and 90 days of that:");
    println!("from start to ready                           {:>8.2} s", started.as_secs_f64());
    std::thread::sleep(Duration::from_secs(15));
    println!("resident with all of the history              {:>8.0} MiB\n", server.resident_mib());
    let popular = "/api/category/popular";
    let plain = bodies::Request::get(popular, false);
    compare(server, &plain, "GET /api/category/popular", 1);
    let packed = bodies::Request::get(popular, true);
    compare(server, &packed, "GET /api/category/popular, compressed", 1);
    publication::of_rankings_under_load(server, database, &packed);
    println!("resident afterwards                           {:>8.0} MiB", server.resident_mib());
    println!("the most that was ever resident               {:>8.0} MiB", server.peak_mib());
}

/// snapwise and the bare server with the same request.
fn compare(server: &Server, request: &bodies::Request, what: &str, n_actions: usize) {
    let answer = client::ask(server.address(), request);
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    let bare = Server::bare(answer.body.len());
    let mut rounds = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        rounds.0.push(round(server, request));
        rounds.1.push(round(&bare, request));
    }
    let (own, bare) = (Measured::median(&rounds.0), Measured::median(&rounds.1));
    println!("{what}: {} bytes in, {} bytes out", request.body.len(), answer.body.len());
    println!("                       {:>12} {:>12} {:>8}", "snapwise", "bare hyper", "ratio");
    let row = |name: &str, own: f64, bare: f64, ratio: bool| {
        let ratio = if ratio { format!("{:.2}", own / bare) } else { String::new() };
        println!("  {name:<20} {own:>12.1} {bare:>12.1} {ratio:>8}");
    };
    row("requests/s", own.per_second, bare.per_second, true);
    row("server CPU us/request", own.cpu_us, bare.cpu_us, true);
    row("p50 us", own.p50_us, bare.p50_us, false);
    row("p99 us", own.p99_us, bare.p99_us, false);
    println!(
        "  p99 / p50            {:>12.1} {:>12.1}",
        own.p99_us / own.p50_us,
        bare.p99_us / bare.p50_us
    );
    let beyond = (own.cpu_us - bare.cpu_us) / n_actions as f64;
    println!("  CPU us/action beyond bare {beyond:>7.2}\n");
}

/// What the log line of each request costs, and compression.
fn logs(database_url: &str, request: &bodies::Request) {
    let plain = Server::snapwise(database_url, &[("RUST_LOG", "warn")]).0;
    let logging =
        Server::snapwise(database_url, &[("RUST_LOG", "info"), ("SNAPWISE_LOG_FORMAT", "json")]).0;
    let packed = bodies::Request { accepts_gzip: true, ..request.clone() };
    let rows = [
        ("no line a request", &plain, request),
        ("a JSON line a request", &logging, request),
        ("gzip", &plain, &packed),
    ];
    let mut rounds = [Vec::new(), Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        for (place, (_, server, request)) in rows.iter().enumerate() {
            rounds[place].push(round(server, request));
        }
    }
    let measured = rounds.map(|rounds| Measured::median(&rounds));
    println!("what else a request of 4 can cost    CPU us   of the first");
    for (place, (name, ..)) in rows.iter().enumerate() {
        let (own, first) = (measured[place].cpu_us, measured[0].cpu_us);
        println!("  {name:<30} {own:>10.1} {:>10.2}", own / first);
    }
}

/// What it costs to refuse, of what it costs to answer.
fn refusals(server: &Server, good: &bodies::Request) {
    let cases = bodies::bad(good);
    let mut answers = Vec::new();
    let mut refused: Vec<Vec<Measured>> = cases.iter().map(|_| Vec::new()).collect();
    for _ in 0..ROUNDS {
        answers.push(round(server, good));
        for (place, (_, request)) in cases.iter().enumerate() {
            refused[place].push(round(server, request));
        }
    }
    let answered = Measured::median(&answers).cpu_us;
    println!("what a refusal costs                 CPU us   of an answer to 4");
    for ((name, _), rounds) in cases.iter().zip(refused) {
        let cost = Measured::median(&rounds).cpu_us;
        println!("  {name:<30} {cost:>10.1} {:>10.2}", cost / answered);
    }
}

fn round(server: &Server, request: &bodies::Request) -> Measured {
    let cpu = server.cpu();
    let load = Load::run(server.address(), request, CONNECTIONS, ROUND);
    Measured::new(&load, server.cpu().saturating_sub(cpu), ROUND)
}
