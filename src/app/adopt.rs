//! `snapwise adopt`: takes over the database of the earlier recommendation service.

use crate::adoption;
use crate::adoption::Adopted;
use crate::app::config;
use crate::app::serve::now;
use crate::db::Database;
use anyhow::Context;
use clap::Args;
use std::io::Write;

/// What is adopted.
#[derive(Debug, Clone, Args)]
pub(super) struct Adopting {
    /// The database of the earlier service: it is only read
    #[arg(long, env = "SNAPWISE_ADOPT_FROM", hide_env_values = true, value_name = "URL")]
    from: String,
}

/// Does it, and tells what came of it.
pub(super) async fn run(into: &Database, adopting: &Adopting) -> anyhow::Result<()> {
    let from = Database::new(&adopting.from, 1).context("read what --from says")?;
    let reached = from.client().await.map(drop);
    reached.with_context(|| format!("reach {}", config::without_password(&adopting.from)))?;
    let adopted = adoption::adopt(&from, into, now()).await.context("nothing is adopted")?;
    told(&adopted)
}

fn told(adopted: &Adopted) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "the database is in the state after {}", adopted.state)?;
    for (kind, count) in &adopted.counts {
        let n_rejected: u64 = count.rejected.values().sum();
        write!(
            out,
            "{kind}: {} read, {} added, {} known, {n_rejected} rejected",
            count.n_read, count.n_added, count.n_known
        )?;
        let reasons: Vec<_> =
            count.rejected.iter().map(|(reason, n)| format!("{n} {reason}")).collect();
        let reasons =
            if reasons.is_empty() { String::new() } else { format!(": {}", reasons.join(", ")) };
        writeln!(out, "{reasons}")?;
    }
    for rejected in &adopted.rejected {
        writeln!(out, "    rejected of {}: {} ({})", rejected.kind, rejected.key, rejected.reason)?;
    }
    match adopted.generation {
        Some(generation) => writeln!(out, "published generation {generation}")?,
        None => writeln!(out, "nothing to publish")?,
    }
    Ok(())
}
