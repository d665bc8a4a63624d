//! The kinds of job there are.

use crate::db::jobs::JobId;
use crate::db::jobs::NewJob;
use crate::jobs::Hopeless;
use crate::jobs::Job;
use crate::jobs::Report;
use crate::jobs::Run;
use crate::jobs::new_job;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// An attempt under way.
pub(super) type Attempt = Pin<Box<dyn Future<Output = anyhow::Result<Report>> + Send>>;

type Prepare = fn(Value, JobId) -> Result<NewJob, Unfit>;
type Start = Box<dyn Fn(Value, Arc<Run>) -> Attempt + Send + Sync>;

/// Why work cannot be queued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unfit {
    /// There is no such kind; these there are.
    UnknownKind(Vec<&'static str>),
    /// The arguments are not those of the kind.
    BadArgs {
        /// The member that is wrong, as a path such as `steps[0].name`; `.` for the whole.
        path: String,
    },
}

/// A kind, by its name.
struct Kind {
    stages: &'static [&'static str],
    prepare: Prepare,
    start: Start,
}

/// The kinds of job that a process knows.
#[derive(Default)]
pub struct Registry(BTreeMap<&'static str, Kind>);

impl Registry {
    /// One more kind.
    ///
    /// # Panics
    /// When there is one of that name.
    #[must_use]
    pub fn with<J: Job>(mut self, job: J) -> Self {
        let job = Arc::new(job);
        let start: Start = Box::new(move |args, run| {
            let job = Arc::clone(&job);
            Box::pin(async move {
                let args = parse::<J>(args).map_err(|unfit| Hopeless(unfit.to_string()))?;
                job.run(args, &run).await
            })
        });
        let prepare = |args, id| Ok(new_job::<J>(&parse::<J>(args)?, id));
        let earlier = self.0.insert(J::KIND, Kind { stages: J::STAGES, prepare, start });
        assert!(earlier.is_none(), "a kind of job is registered once");
        self
    }

    /// Their names.
    pub fn kinds(&self) -> Vec<&'static str> {
        self.0.keys().copied().collect()
    }

    /// A job of that kind, to be queued. The arguments are read and written anew by the kind: nothing it does not know
    /// reaches the queue.
    ///
    /// # Errors
    /// When there is no such kind, or it does not take these arguments.
    pub fn new_job(&self, kind: &str, args: Value, id: JobId) -> Result<NewJob, Unfit> {
        let known = self.0.get(kind).ok_or_else(|| Unfit::UnknownKind(self.kinds()))?;
        (known.prepare)(args, id)
    }

    /// The stages of a kind.
    pub(super) fn stages(&self, kind: &str) -> &'static [&'static str] {
        self.0.get(kind).map_or(&[], |kind| kind.stages)
    }

    /// Begins an attempt.
    pub(super) fn start(&self, kind: &str, args: Value, run: Arc<Run>) -> Attempt {
        match self.0.get(kind) {
            Some(known) => (known.start)(args, run),
            None => Box::pin(async { Err(Hopeless("its kind is not known".to_owned()).into()) }),
        }
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Registry").field(&self.kinds()).finish()
    }
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownKind(known) => write!(f, "the kind must be one of {}", known.join(", ")),
            Self::BadArgs { path } if path == "." => {
                f.write_str("its kind does not take these arguments")
            }
            Self::BadArgs { path } => write!(f, "its kind does not take the argument {path}"),
        }
    }
}

/// The arguments of a kind. What is wrong with them is said by its place and not by the parser's words, which may repeat
/// a secret.
fn parse<J: Job>(args: Value) -> Result<J::Args, Unfit> {
    serde_path_to_error::deserialize(args)
        .map_err(|error| Unfit::BadArgs { path: error.path().to_string() })
}
