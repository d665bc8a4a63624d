//! What the database tells of jobs, heard once for everybody in the process.

use crate::db::Database;
use crate::db::DbError;
use crate::db::jobs::JobId;
use crate::db::jobs::JobState;
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::sleep;

/// The channel on which changes of jobs are announced.
pub const CHANNEL: &str = "snapwise_job";

/// How many changes a listener may be behind before it is told only that something changed. A busy worker makes some
/// tens in a second.
const KEPT: usize = 1_024;
/// Pauses before the next try while the database is away; doubled each time.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LAST_PAUSE: Duration = Duration::from_secs(5);

/// What changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// A job, which is in that state now.
    Job {
        /// Which.
        id: JobId,
        /// Where it stands.
        state: JobState,
        /// Whether somebody does not want it any more.
        is_cancel_requested: bool,
    },
    /// Nobody knows what: notices were missed. Look for yourself.
    Anything,
}

impl Change {
    /// Whether it may be a change of that job.
    pub fn concerns(self, job: JobId) -> bool {
        match self {
            Self::Job { id, .. } => id == job,
            Self::Anything => true,
        }
    }

    /// What a notice says; one that cannot be read says that something changed.
    fn read(notice: &str) -> Self {
        let mut words = notice.split(' ');
        let id = words.next().and_then(|word| word.parse().ok());
        let state = words.next().and_then(|word| word.parse().ok());
        match (id, state) {
            (Some(id), Some(state)) => {
                Self::Job { id, state, is_cancel_requested: words.next() == Some("cancel") }
            }
            _ => Self::Anything,
        }
    }
}

/// Tells everybody in the process what changes, over a single connection to the database.
#[derive(Debug, Clone)]
pub struct JobNews(broadcast::Sender<Change>);

impl Default for JobNews {
    fn default() -> Self {
        Self(broadcast::Sender::new(KEPT))
    }
}

impl JobNews {
    /// Hears from now on. Look at the jobs after this, not before, and nothing is missed.
    pub fn hear(&self) -> News {
        News(self.0.subscribe())
    }

    /// Listens to the database for ever, also through its absences. One task of a process does this.
    pub async fn follow(self, database: Database) -> Infallible {
        let mut pause = FIRST_PAUSE;
        loop {
            let Err(error) = self.listen(&database, &mut pause).await;
            {
                let error: &dyn std::error::Error = &error;
                tracing::warn!(error, "the news of jobs cannot be heard");
            }
            sleep(pause).await;
            pause = LAST_PAUSE.min(pause * 2);
        }
    }

    async fn listen(
        &self,
        database: &Database,
        pause: &mut Duration,
    ) -> Result<Infallible, DbError> {
        let mut listener = database.listen(CHANNEL).await?;
        *pause = FIRST_PAUSE;
        self.tell(Change::Anything);
        loop {
            for notice in listener.notices().await? {
                self.tell(Change::read(&notice));
            }
        }
    }

    fn tell(&self, change: Change) {
        // That nobody listens is no error.
        drop(self.0.send(change));
    }
}

/// What one listener hears.
#[derive(Debug)]
pub struct News(broadcast::Receiver<Change>);

impl News {
    /// Waits for the next change. May be dropped and called again without losing any.
    pub async fn next(&mut self) -> Change {
        match self.0.recv().await {
            Ok(change) => change,
            Err(RecvError::Lagged(_)) => Change::Anything,
            // Nobody tells any more.
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_is_read() {
        let id = JobId::from_random(10);
        let state = JobState::Running;
        let job = |is_cancel_requested| Change::Job { id, state, is_cancel_requested };
        assert_eq!(Change::read("j-000000000000000a running"), job(false));
        assert_eq!(Change::read("j-000000000000000a running cancel"), job(true));
        for odd in ["", "j-000000000000000a", "j-000000000000000a lost", "x running"] {
            assert_eq!(Change::read(odd), Change::Anything, "{odd}");
        }
    }
}
