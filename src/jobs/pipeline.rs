//! The job `pipeline`: the steps from what a store lists to rankings, in their order.

use crate::collector;
use crate::collector::CollectorError;
use crate::collector::Order;
use crate::collector::Shift;
use crate::collector::Whole;
use crate::collector::Workshop;
use crate::db::settings;
use crate::db::steps;
use crate::jobs::Hopeless;
use crate::jobs::Job;
use crate::jobs::Report;
use crate::jobs::Run;
use crate::ranking::Step;
use crate::ranking::StepRun;
use crate::ranking::Tally;
use crate::snap::Instant;
use anyhow::Context;
use serde_json::Value;
use serde_json::json;
use std::time::Duration;
use tokio::time::sleep;

/// How often it is tried to record how a step ended, and the pause between: a database that restarts is soon back.
const TRIES_TO_RECORD: usize = 10;
const BETWEEN_TRIES: Duration = Duration::from_millis(500);

/// Runs the steps it is asked for and stops at the first that fails: the last rankings stay in service then, and the
/// run does not count as one.
#[derive(Debug)]
pub struct Pipeline {
    /// What the steps work with.
    pub workshop: Workshop,
    /// A whole run is not done again before this time, unless it is forced.
    pub interval: Duration,
}

impl Job for Pipeline {
    const KIND: &'static str = Order::KIND;
    const STAGES: &'static [&'static str] = &Order::STAGES;
    const MAX_ATTEMPTS: i32 = Order::MAX_ATTEMPTS;
    type Args = Order;

    fn key(_: &Order) -> Option<String> {
        Some(Order::KEY.to_owned())
    }

    async fn run(&self, order: Order, run: &Run) -> anyhow::Result<Report> {
        if let Some(last) = self.is_young(&order, run.now()).await? {
            return Ok(Report::succeeded(json!({ "skipped": true, "last-run": last })));
        }
        let whole = if order.is_whole() { Whole::Yes } else { Whole::No };
        let mut done = Vec::with_capacity(order.steps.len());
        for step in order.steps {
            done.push(told(step, &self.step(step, whole, run).await?));
        }
        Ok(Report::succeeded(json!({ "skipped": false, "steps": done })))
    }
}

impl Pipeline {
    /// When the last whole run ended, if this one is not to be done for it.
    async fn is_young(&self, order: &Order, now: Instant) -> anyhow::Result<Option<String>> {
        if order.force || !order.is_whole() {
            return Ok(None);
        }
        let client = self.workshop.database.client().await?;
        let last = settings::load(&client, settings::LAST_UPDATED).await?;
        let is_young = |last: &String| {
            last.parse::<Instant>().is_ok_and(|last| now.since(last) < self.interval)
        };
        Ok(last.filter(is_young))
    }

    /// One step, with a word on how it ended.
    async fn step(&self, step: Step, whole: Whole, run: &Run) -> anyhow::Result<Tally> {
        run.stage(step.as_str());
        let started_at = run.now();
        let progress = |done, total| run.progress(done, total);
        let shift = Shift { lease: run.lease(), progress: &progress };
        let ended = match step {
            Step::Collect => collector::collect(&self.workshop, &shift).await,
            Step::Filter => collector::sift(&self.workshop, &shift).await,
            Step::ExtraFields => collector::enrich(&self.workshop, &shift).await,
            Step::Score => collector::publish(&self.workshop, &shift, whole).await,
        };
        let (tally, failure) = match ended {
            Ok(tally) => (tally, None),
            Err(error) => (Tally::default(), Some(error)),
        };
        let step_run = StepRun {
            step,
            job_id: Some(run.id().to_string()),
            failure: failure.as_ref().map(chain),
            started_at,
            ended_at: run.now(),
            tally,
        };
        let duration_ms = step_run.ended_at.since(started_at).as_millis();
        let duration_ms = u64::try_from(duration_ms).unwrap_or(u64::MAX);
        let recorded = self.record(&step_run).await;
        match failure {
            None => {
                recorded?;
                let (n_in, n_out) = (step_run.tally.n_in, step_run.tally.n_out);
                tracing::info!(%step, n_in, n_out, duration_ms, "a step of the pipeline ended");
                Ok(step_run.tally)
            }
            Some(error) => {
                if let Err(error) = recorded {
                    let error: &dyn std::error::Error = &*error;
                    tracing::warn!(error, "how a step failed is not recorded");
                }
                Err(failed(step, error))
            }
        }
    }

    /// Tries for some time: what made the step fail may be the database, and it may be back soon.
    async fn record(&self, run: &StepRun) -> anyhow::Result<()> {
        let mut n_tries = 0;
        loop {
            let recorded = async {
                let client = self.workshop.database.client().await?;
                steps::record(&client, run).await
            };
            let recorded = recorded.await;
            n_tries += 1;
            if recorded.is_ok() || n_tries == TRIES_TO_RECORD {
                return recorded.context("record how a step ended");
            }
            sleep(BETWEEN_TRIES).await;
        }
    }
}

/// A failure and its causes, in one line.
fn chain(error: &CollectorError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

/// What the run ends with. A database that was away may be back for another attempt; a service was asked often enough
/// by then, and what is not to be believed will not be a minute later.
fn failed(step: Step, error: CollectorError) -> anyhow::Error {
    let doing = format!("the step {step} failed");
    match error {
        CollectorError::Database(_)
        | CollectorError::Exchange(_)
        | CollectorError::Transaction { .. }
        | CollectorError::Superseded => anyhow::Error::new(error).context(doing),
        error => anyhow::Error::new(Hopeless(chain(&error))).context(doing),
    }
}

fn told(step: Step, tally: &Tally) -> Value {
    json!({ "step": step.as_str(), "in": tally.n_in, "out": tally.n_out, "rejected": tally.rejected })
}
