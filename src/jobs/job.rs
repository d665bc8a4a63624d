//! What a kind of job is.

use crate::db::jobs::JobId;
use crate::db::jobs::NewJob;
use crate::db::jobs::Outcome;
use crate::jobs::Run;
use serde::Deserialize;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::Digest;
use sha2::Sha256;
use std::fmt::Write;
use std::future::Future;

/// A kind of job. The value holds what the work needs; what is asked for comes as arguments.
pub trait Job: Send + Sync + 'static {
    /// Its name, in kebab-case.
    const KIND: &'static str;
    /// What it goes through, in order; [`Run::stage`] names them.
    const STAGES: &'static [&'static str];
    /// How often it is begun before it counts as failed.
    const MAX_ATTEMPTS: i32 = 5;

    /// What is asked for. It is a struct, which JSON writes as an object, and it refuses members it does not know. It
    /// holds no credential: whoever sees the job sees its arguments.
    type Args: Serialize + DeserializeOwned + Send + Sync;

    /// What makes two jobs the same work, so that they are one as long as it is queued or running. Equal arguments do,
    /// unless the kind says otherwise; `None` for work that is never the same.
    fn key(args: &Self::Args) -> Option<String> {
        Some(format!("{}:{}", Self::KIND, digest(args)))
    }

    /// Does the work. It may be dropped wherever it waits, and be done again by another worker. It computes for long
    /// only on threads of its own.
    fn run(
        &self,
        args: Self::Args,
        run: &Run,
    ) -> impl Future<Output = anyhow::Result<Report>> + Send;
}

/// The arguments of work that follows from what there is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoArgs {}

/// A job of that kind, to be queued.
pub fn new_job<J: Job>(args: &J::Args, id: JobId) -> NewJob {
    NewJob {
        id,
        kind: J::KIND.to_owned(),
        args: json(args),
        key: J::key(args),
        stages: J::STAGES.iter().map(|stage| (*stage).to_owned()).collect(),
        max_attempts: J::MAX_ATTEMPTS,
    }
}

fn json(args: &impl Serialize) -> Value {
    serde_json::to_value(args).expect("arguments are plain values under names")
}

/// The SHA-256 of arguments, in hexadecimal; members are in order, so equal arguments have equal ones.
fn digest(args: &impl Serialize) -> String {
    Sha256::digest(json(args).to_string()).iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a text takes every text");
        text
    })
}

/// What came of a job.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    pub(super) outcome: Outcome,
    /// Whether the database has it already, with the effects.
    pub(super) is_committed: bool,
}

impl Report {
    /// All was done.
    pub fn succeeded(result: Value) -> Self {
        Self { outcome: Outcome::Succeeded(result), is_committed: false }
    }

    /// Some was done; the result says what was not.
    pub fn partial(result: Value) -> Self {
        Self { outcome: Outcome::Partial(result), is_committed: false }
    }
}
