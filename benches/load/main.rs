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
//! medians over rounds that take turns, and ratios medians of the ratios of a turn; only these mean something on another
//! machine. Words on the command line are the parts to run; all of them without.
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
use crate::process::Processors;
use crate::process::Server;
use std::path::Path;
use std::time::Duration;

/// Rounds for each server; they take turns, so that a busy spell hits both.
const ROUNDS: usize = 9;
const ROUND: Duration = Duration::from_secs(2);
const CONNECTIONS: usize = 32;
const SNAPS: u64 = 8_000;
/// What may be asked for alone: `cargo bench --bench load -- refusals`.
const PARTS: [&str; 8] =
    ["refresh", "logs", "refusals", "publication", "assertion", "downloads", "pages", "pipeline"];

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
    let parts: Vec<&String> = arguments[1..].iter().filter(|word| !word.starts_with('-')).collect();
    if let Some(unknown) = parts.iter().find(|part| !PARTS.contains(&part.as_str())) {
        panic!("{unknown} is no part of this bench; there are {}", PARTS.join(", "));
    }
    let is_wanted = |part: &str| parts.is_empty() || parts.iter().any(|wanted| *wanted == part);
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench-postgres");
    let database = process::Database::with_catalogue(&dir, SNAPS);
    println!(
        "{SNAPS} snaps; {CONNECTIONS} connections; {ROUNDS} rounds of {ROUND:?} each, taking turns\n"
    );
    let four = bodies::refresh(&database.snaps, 4);
    let hundred = bodies::refresh(&database.snaps, 100);
    let server = ready(&database);
    if is_wanted("refresh") {
        compare(&server, &four, "4 installed, 4 refreshes, 27 fields", 4);
        compare(&server, &hundred, "100 installed, 100 refreshes, 27 fields", 100);
        quantiles(&server, &four);
    }
    if is_wanted("logs") {
        logs(&database.url, &four);
    }
    if is_wanted("refusals") {
        refusals(&server, &four);
    }
    if is_wanted("publication") {
        publication::under_load(&server, &database, &four);
    }
    drop(server);
    if is_wanted("assertion") {
        assertion(&database);
    }
    if is_wanted("downloads") {
        downloads::compare(&database.url);
    }
    if is_wanted("pages") {
        pages(&database);
    }
    if is_wanted("pipeline") {
        pipeline::whole(&dir, SNAPS);
    }
}

/// A server on the catalogue alone.
fn ready(database: &process::Database) -> Server {
    let (server, started) = Server::snapwise(&database.url, &[("RUST_LOG", "warn")]);
    println!("from start to ready on an existing database   {:>8.2} s", started.as_secs_f64());
    println!("resident when ready                           {:>8.0} MiB\n", server.resident_mib());
    server
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
    println!("the most that was ever resident               {:>8.0} MiB\n", server.peak_mib());
}

/// snapwise and the bare server with the same request.
fn compare(server: &Server, request: &bodies::Request, what: &str, n_actions: usize) {
    let answer = client::ask(server.address(), request);
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    let bare = Server::bare(answer.body.len());
    let mut rounds = (Vec::new(), Vec::new());
    let before = Processors::now();
    for _ in 0..ROUNDS {
        rounds.0.push(round(server, request));
        rounds.1.push(round(&bare, request));
    }
    let stolen = before.percent_stolen();
    let ratio = |of| Measured::ratio(&rounds.0, &rounds.1, of);
    let ratios = (ratio(|round| round.per_second), ratio(|round| round.cpu_us));
    let (own, bare) = (Measured::median(&rounds.0), Measured::median(&rounds.1));
    println!("{what}: {} bytes in, {} bytes out", request.body.len(), answer.body.len());
    println!("                       {:>12} {:>12} {:>8}", "snapwise", "bare hyper", "ratio");
    let row = |name: &str, own: f64, bare: f64, ratio: Option<f64>| {
        let ratio = ratio.map(|ratio| format!("{ratio:.2}")).unwrap_or_default();
        println!("  {name:<20} {own:>12.1} {bare:>12.1} {ratio:>8}");
    };
    row("requests/s", own.per_second, bare.per_second, Some(ratios.0));
    row("server CPU us/request", own.cpu_us, bare.cpu_us, Some(ratios.1));
    row("p50 us", own.p50_us, bare.p50_us, None);
    row("p99 us", own.p99_us, bare.p99_us, None);
    println!(
        "  p99 / p50            {:>12.1} {:>12.1}",
        own.p99_us / own.p50_us,
        bare.p99_us / bare.p50_us
    );
    let beyond = (own.cpu_us - bare.cpu_us) / n_actions as f64;
    println!("  CPU us/action beyond bare {beyond:>7.2}");
    tell(stolen);
}

/// How long answers take while the processors have time to spare.
fn quantiles(server: &Server, request: &bodies::Request) {
    let answer = client::ask(server.address(), request);
    let bare = Server::bare(answer.body.len());
    let mut rounds = (Vec::new(), Vec::new());
    let before = Processors::now();
    for _ in 0..ROUNDS {
        for (rounds, server) in [(&mut rounds.0, server), (&mut rounds.1, &bare)] {
            rounds.push(paced(server, request, publication::EVERYDAY));
        }
    }
    let stolen = before.percent_stolen();
    let (own, bare) = (Measured::median(&rounds.0), Measured::median(&rounds.1));
    println!("the same at an everyday load     snapwise   bare hyper");
    println!("  requests/s           {:>12.1} {:>12.1}", own.per_second, bare.per_second);
    println!("  p50 us               {:>12.1} {:>12.1}", own.p50_us, bare.p50_us);
    println!("  p99 us               {:>12.1} {:>12.1}", own.p99_us, bare.p99_us);
    let spread = |of: &Measured| of.p99_us / of.p50_us;
    println!("  p99 / p50            {:>12.1} {:>12.1}", spread(&own), spread(&bare));
    tell(stolen);
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
    let before = Processors::now();
    for _ in 0..ROUNDS {
        for (place, (_, server, request)) in rows.iter().enumerate() {
            rounds[place].push(round(server, request));
        }
    }
    let stolen = before.percent_stolen();
    println!("what else a request of 4 can cost    CPU us   of the first");
    for (place, (name, ..)) in rows.iter().enumerate() {
        let ratio = Measured::ratio(&rounds[place], &rounds[0], |round| round.cpu_us);
        println!("  {name:<30} {:>10.1} {ratio:>10.2}", Measured::median(&rounds[place]).cpu_us);
    }
    tell(stolen);
}

/// What it costs to refuse, of what it costs to answer.
fn refusals(server: &Server, good: &bodies::Request) {
    let cases = bodies::bad(good);
    let mut answers = Vec::new();
    let before = Processors::now();
    let mut refused: Vec<Vec<Measured>> = cases.iter().map(|_| Vec::new()).collect();
    for _ in 0..ROUNDS {
        answers.push(round(server, good));
        for (place, (_, request)) in cases.iter().enumerate() {
            refused[place].push(round(server, request));
        }
    }
    let stolen = before.percent_stolen();
    println!("what a refusal costs                 CPU us   of an answer to 4");
    println!("  an answer to 4                 {:>10.1}", Measured::median(&answers).cpu_us);
    for ((name, _), rounds) in cases.iter().zip(refused) {
        let ratio = Measured::ratio(&rounds, &answers, |round| round.cpu_us);
        println!("  {name:<30} {:>10.1} {ratio:>10.2}", Measured::median(&rounds).cpu_us);
    }
    tell(stolen);
}

/// The last line of a part: how far its figures can be trusted.
fn tell(stolen: f64) {
    println!("  processor time taken by other machines {stolen:>5.1} %\n");
}

/// A round with as many requests as are answered.
fn round(server: &Server, request: &bodies::Request) -> Measured {
    paced(server, request, (CONNECTIONS, Duration::ZERO))
}

fn paced(server: &Server, request: &bodies::Request, pace: (usize, Duration)) -> Measured {
    let cpu = server.cpu();
    let load = Load::paced(server.address(), request, pace, ROUND);
    Measured::new(&load, server.cpu().saturating_sub(cpu), ROUND)
}
