//! One attempt at a job, as the job sees it.

use crate::db::jobs;
use crate::db::jobs::Advance;
use crate::db::jobs::JobId;
use crate::db::jobs::Lease;
use crate::jobs::Report;
use crate::snap::Instant;
use anyhow::Context;
use deadpool_postgres::Transaction;
use tokio::sync::watch;

/// The job belongs to somebody else by now, or was ended: nothing more of this attempt may be committed.
#[derive(Debug, thiserror::Error)]
#[error("the lease of the job is lost")]
pub struct LeaseLost;

/// What an attempt may use: to say how far it is, to learn that it is not wanted any more, and to commit.
#[derive(Debug)]
pub struct Run {
    pub(super) lease: Lease,
    pub(super) attempt: i32,
    pub(super) stages: &'static [&'static str],
    pub(super) clock: fn() -> Instant,
    /// How far it is; the worker writes it down, at most four times a second.
    pub(super) advance: watch::Sender<Advance>,
    pub(super) cancelled: watch::Receiver<bool>,
}

impl Run {
    /// The job.
    pub fn id(&self) -> JobId {
        self.lease.job()
    }

    /// Which attempt it is, from 1.
    pub fn attempt(&self) -> i32 {
        self.attempt
    }

    /// The right to do the job, for those who commit a part of it themselves.
    pub fn lease(&self) -> &Lease {
        &self.lease
    }

    /// The instant it is.
    pub fn now(&self) -> Instant {
        (self.clock)()
    }

    /// A stage begins.
    ///
    /// # Panics
    /// When the kind has no such stage.
    pub fn stage(&self, name: &str) {
        let (place, name) = self.place(name).expect("a stage is one of its kind's");
        self.advance.send_modify(|advance| {
            let progress = advance.progress.max(share(self.stages, place, 0.0));
            *advance = Advance { stage: Some(name.to_owned()), done: 0, total: None, progress };
        });
    }

    /// So much of the stage is done, of so much. Cheap, and waits for nothing: call it as often as you like.
    pub fn progress(&self, done: u64, total: u64) {
        let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        #[allow(clippy::cast_precision_loss, reason = "a share of the work needs no 53 bits")]
        let part = if total == 0 { 0.0 } else { done.min(total) as f64 / total as f64 };
        self.advance.send_modify(|advance| {
            let place = advance.stage.as_deref().and_then(|stage| self.place(stage));
            let place = place.map_or(0, |(place, _)| place);
            advance.done = advance.done.max(count(done));
            advance.total = Some(count(total).max(advance.done));
            advance.progress = advance.progress.max(share(self.stages, place, part));
        });
    }

    /// Whether nobody wants the job any more.
    pub fn is_cancelled(&self) -> bool {
        *self.cancelled.borrow()
    }

    /// Ends when nobody wants the job any more. Soon after, the attempt is dropped wherever it waits; threads of its own
    /// must end by themselves.
    pub async fn cancelled(&self) {
        let told = self.cancelled.clone().wait_for(|is_cancelled| *is_cancelled).await.is_ok();
        if !told {
            // The worker is gone, and we with it.
            std::future::pending::<()>().await;
        }
    }

    /// Makes sure that the job is still ours until the transaction ends. The last statement before a stage commits
    /// something of its own.
    ///
    /// # Errors
    /// When the lease is lost, or the database fails.
    pub async fn guard(&self, transaction: &Transaction<'_>) -> anyhow::Result<()> {
        let is_held = jobs::guard(transaction, &self.lease, self.now()).await?;
        if is_held { Ok(()) } else { Err(LeaseLost.into()) }
    }

    /// Commits the effects of the job and how it ended, together or not at all.
    ///
    /// # Errors
    /// When the lease is lost, or the database fails; nothing is committed then.
    pub async fn commit(
        &self,
        transaction: Transaction<'_>,
        report: Report,
    ) -> anyhow::Result<Report> {
        let is_held = jobs::finish(&transaction, &self.lease, &report.outcome, self.now()).await?;
        if !is_held {
            return Err(LeaseLost.into());
        }
        transaction.commit().await.context("commit the job")?;
        Ok(Report { is_committed: true, ..report })
    }

    fn place(&self, name: &str) -> Option<(usize, &'static str)> {
        self.stages
            .iter()
            .enumerate()
            .find(|(_, stage)| **stage == name)
            .map(|(n, stage)| (n, *stage))
    }
}

/// How much of the whole is done when that part of the stage at that place is; stages count alike.
#[allow(clippy::cast_precision_loss, reason = "there are some stages")]
fn share(stages: &[&str], place: usize, part: f64) -> f64 {
    (place as f64 + part) / stages.len().max(1) as f64
}
