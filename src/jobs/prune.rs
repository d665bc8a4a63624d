//! The job `prune`: forgets jobs and results that are kept no longer.

use crate::db::Database;
use crate::db::jobs;
use crate::jobs::Job;
use crate::jobs::NoArgs;
use crate::jobs::Report;
use crate::jobs::Run;
use anyhow::Context;
use serde_json::json;

/// Forgets jobs that ended more than 30 days ago and results of more than a day ago.
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
        let report = Report::succeeded(json!({
            "jobs": pruned.jobs,
            "results": pruned.results,
            "requests": pruned.requests,
        }));
        run.commit(transaction, report).await
    }
}
