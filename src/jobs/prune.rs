//! The job `prune`: forgets jobs, results and nonces that are kept no longer.

use crate::db::Database;
use crate::db::jobs;
use crate::db::nonces;
use crate::jobs::Job;
use crate::jobs::NoArgs;
use crate::jobs::Report;
use crate::jobs::Run;
use anyhow::Context;
use serde_json::json;

/// Forgets jobs that ended more than 30 days ago, results of more than a day ago, and used nonces that have expired.
#[derive(Debug)]
pub struct Prune {
    /// Where they are.
    pub database: Database,
}

impl Job for Prune {
    const KIND: &'static str = "prune";
    const STAGES: &'static [&'static str] = &["pruning"];
    type Args = NoArgs;

    async fn run(&self, _: NoArgs, run: &Run) -> anyhow::Result<Report> {
        run.stage("pruning");
        let mut client = self.database.client().await?;
        let transaction = client.transaction().await.context("begin to prune")?;
        let pruned = jobs::prune(&transaction, run.now()).await?;
        let nonces = nonces::prune(&transaction, run.now()).await?;
        let report = Report::succeeded(json!({
            "jobs": pruned.jobs,
            "results": pruned.results,
            "requests": pruned.requests,
            "nonces": nonces,
        }));
        run.commit(transaction, report).await
    }
}
