//! One row of the table `job`.

use crate::db::DbError;
use crate::snap::Instant;
use crate::snap::Invalid;
use serde_json::Value;
use std::fmt;
use std::str::FromStr;
use tokio_postgres::Row;
use tokio_postgres::types::FromSql;

/// Names a job: `j-` and sixteen hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId(u64);

impl JobId {
    /// The id that a random number makes.
    pub fn from_random(random: u64) -> Self {
        Self(random)
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "j-{:016x}", self.0)
    }
}

impl FromStr for JobId {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let invalid = || Invalid::new("job id", "j- and sixteen hexadecimal digits");
        let digits = text.strip_prefix("j-").ok_or_else(invalid)?;
        let is_plain = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if digits.len() != 16 || !digits.bytes().all(is_plain) {
            return Err(invalid());
        }
        u64::from_str_radix(digits, 16).map(Self).map_err(|_| invalid())
    }
}

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobState {
    /// It waits for a worker.
    Queued,
    /// A worker has it.
    Running,
    /// It is done.
    Succeeded,
    /// It is done as far as it could be.
    Partial,
    /// It ended without effect, and the reason is kept.
    Failed,
    /// Somebody did not want it any more.
    Cancelled,
}

impl JobState {
    /// Every state.
    pub const ALL: [Self; 6] = [
        Self::Queued,
        Self::Running,
        Self::Succeeded,
        Self::Partial,
        Self::Failed,
        Self::Cancelled,
    ];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Partial => "partial",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether nothing comes after it.
    pub fn is_terminal(self) -> bool {
        !matches!(self, Self::Queued | Self::Running)
    }
}

impl fmt::Display for JobState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for JobState {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let rule = "queued, running, succeeded, partial, failed or cancelled";
        let known = Self::ALL.into_iter().find(|state| state.as_str() == text);
        known.ok_or_else(|| Invalid::new("state", rule))
    }
}

/// A job as the database has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Its name.
    pub id: JobId,
    /// What sort of work it is.
    pub kind: String,
    /// Where it stands.
    pub state: JobState,
    /// What it was asked to do, in the words of its kind.
    pub args: Value,
    /// The stages it goes through, in their order.
    pub stages: Vec<String>,
    /// The one it is in, or was in when it ended.
    pub stage: Option<String>,
    /// How much of the stage is done.
    pub done: i64,
    /// How much there is to do in the stage, once that is known.
    pub total: Option<i64>,
    /// How much of the whole is done, from 0 to 1; it never decreases.
    pub progress: f64,
    /// How often it was begun.
    pub attempt: i32,
    /// How often it may be begun.
    pub max_attempts: i32,
    /// When it was queued.
    pub created_at: Instant,
    /// Not before then will it be begun.
    pub run_after: Instant,
    /// When it was begun for the first time.
    pub started_at: Option<Instant>,
    /// When it came to its end.
    pub ended_at: Option<Instant>,
    /// The name of the worker that has it, or had it last.
    pub locked_by: Option<String>,
    /// When that worker was last heard of.
    pub heartbeat_at: Option<Instant>,
    /// Whether somebody does not want it any more.
    pub cancel_requested: bool,
    /// What came of it.
    pub result: Option<Value>,
    /// Whether something came of it that is not kept any more.
    pub result_expired: bool,
    /// Why it failed, or why its last attempt did.
    pub error: Option<String>,
}

/// The columns of [`read`], in their order.
pub(super) const COLUMNS: &str = "job.job_id, job.kind, job.state, job.args::text, job.stages, job.stage, job.done,
    job.total, job.progress, job.attempt, job.max_attempts, job.created_at, job.run_after, job.started_at,
    job.ended_at, job.locked_by, job.heartbeat_at, job.cancel_requested, job.result::text, job.result_expired,
    job.error";

/// The job of a row of [`COLUMNS`].
pub(super) fn read(row: &Row) -> Result<Job, DbError> {
    fn get<'r, T: FromSql<'r>>(row: &'r Row, position: usize) -> Result<T, DbError> {
        row.try_get(position).map_err(DbError::of("read a job"))
    }
    let json = |text: &str| serde_json::from_str::<Value>(text).map_err(DbError::of("read a job"));
    let result: Option<&str> = get(row, 18)?;
    Ok(Job {
        id: get::<&str>(row, 0)?.parse().map_err(DbError::of("read the id of a job"))?,
        kind: get(row, 1)?,
        state: get::<&str>(row, 2)?.parse().map_err(DbError::of("read the state of a job"))?,
        args: json(get(row, 3)?)?,
        stages: get(row, 4)?,
        stage: get(row, 5)?,
        done: get(row, 6)?,
        total: get(row, 7)?,
        progress: get(row, 8)?,
        attempt: get(row, 9)?,
        max_attempts: get(row, 10)?,
        created_at: get(row, 11)?,
        run_after: get(row, 12)?,
        started_at: get(row, 13)?,
        ended_at: get(row, 14)?,
        locked_by: get(row, 15)?,
        heartbeat_at: get(row, 16)?,
        cancel_requested: get(row, 17)?,
        result: result.map(json).transpose()?,
        result_expired: get(row, 19)?,
        error: get(row, 20)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_as_it_is_written() {
        for random in [0, 1, 0x0123_4567_89ab_cdef, u64::MAX] {
            let id = JobId::from_random(random);
            assert_eq!(id.to_string().parse(), Ok(id));
        }
        for bad in ["", "j-", "j-1", "0123456789abcdef", "j-0123456789ABCDEF", "j-+123456789abcde"]
        {
            assert!(bad.parse::<JobId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_state_is_read_as_it_is_written() {
        for state in JobState::ALL {
            assert_eq!(state.as_str().parse(), Ok(state));
        }
        assert!("done".parse::<JobState>().is_err());
    }
}
