//! `snapwise upstream-sim`: a simulated upstream, until it is told to go.

use crate::app::serve;
use crate::simulator;
use crate::simulator::Catalogue;
use crate::simulator::Faults;
use anyhow::Context;
use clap::Args;
use std::fs::File;
use std::io::BufReader;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Settings of a simulated upstream.
#[derive(Debug, Clone, Args)]
pub(super) struct Simulating {
    /// Where it answers: a loopback address
    #[arg(
        long,
        env = "SNAPWISE_SIM_LISTEN",
        default_value = "127.0.0.1:8090",
        value_name = "ADDRESS"
    )]
    listen: SocketAddr,

    /// How many snaps to generate; about one in a hundred of them is private
    #[arg(long, env = "SNAPWISE_SIM_SNAPS", default_value_t = 8_000, value_name = "N")]
    snaps: u64,

    /// Which catalogue, and which numbers of devices and ratings: the same seed gives the same
    #[arg(long, env = "SNAPWISE_SIM_SEED", default_value_t = 1, value_name = "S")]
    seed: u64,

    /// Give the generated snaps files that can be downloaded, and assertions about them
    #[arg(long, env = "SNAPWISE_SIM_FILES")]
    files: bool,

    /// A file of catalogue documents to show instead of generated snaps
    #[arg(long, env = "SNAPWISE_SIM_FILE", value_name = "PATH")]
    file: Option<PathBuf>,

    /// Milliseconds for which each answer is held back
    #[arg(long, env = "SNAPWISE_SIM_LATENCY_MS", value_name = "MS")]
    latency_ms: Option<u64>,

    /// Which part of the answers is a status 500, from 0 to 1
    #[arg(long, env = "SNAPWISE_SIM_ERROR_RATE", value_name = "PART", value_parser = part)]
    error_rate: Option<f64>,

    /// All faults, as JSON: what `PUT /_sim/faults` takes while it runs
    #[arg(long, env = "SNAPWISE_SIM_FAULTS", value_name = "JSON", value_parser = faults)]
    faults: Option<Faults>,
}

fn part(text: &str) -> Result<f64, String> {
    let part = text.parse().ok().filter(|part| (0.0..=1.0).contains(part));
    part.ok_or_else(|| "a number from 0 to 1".to_owned())
}

fn faults(text: &str) -> Result<Faults, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

/// Simulates an upstream until a signal says to stop.
pub(super) fn run(simulating: &Simulating) -> anyhow::Result<()> {
    let now = serve::now();
    let catalogue = match &simulating.file {
        Some(path) => {
            let file = File::open(path).with_context(|| format!("open {}", path.display()))?;
            let read = Catalogue::read(BufReader::new(file), simulating.seed, now);
            read.with_context(|| format!("read {}", path.display()))?
        }
        None if simulating.files => {
            Catalogue::generate_with_files(simulating.snaps, simulating.seed, now)
        }
        None => Catalogue::generate(simulating.snaps, simulating.seed, now),
    };
    let mut faults = simulating.faults.clone().unwrap_or_default();
    faults.latency_ms = simulating.latency_ms.unwrap_or(faults.latency_ms);
    faults.error_rate = simulating.error_rate.unwrap_or(faults.error_rate);
    serve::runtime()?.block_on(async {
        let told_to_go = serve::told_to_go()?;
        let n_snaps = catalogue.snaps().count();
        let listen = simulating.listen;
        let started = simulator::start(listen, catalogue, faults, now).await;
        let simulator = started.with_context(|| format!("listen on {listen}"))?;
        tracing::info!(listen = %simulator.address(), n_snaps, "ready");
        told_to_go.await;
        tracing::info!("stopped");
        Ok(())
    })
}
