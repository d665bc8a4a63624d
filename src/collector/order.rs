//! What a run is asked to do.

use crate::db::jobs::JobId;
use crate::db::jobs::NewJob;
use crate::ranking::Step;
use serde::Deserialize;
use serde::Serialize;
use serde_json::json;

/// A run of the pipeline as somebody orders it: by the clock, from the command line or over HTTP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Order {
    /// The steps, in their order.
    pub steps: Vec<Step>,
    /// Whether it is done however young the last whole run is.
    pub force: bool,
}

impl Order {
    /// The kind of job that runs the pipeline.
    pub const KIND: &'static str = "pipeline";
    /// The names of its stages: the steps.
    pub const STAGES: [&'static str; 4] = ["collect", "filter", "extra_fields", "score"];
    /// Whoever orders it, there is one run at a time.
    pub const KEY: &'static str = "pipeline";
    /// A run whose worker is gone is begun again by another; one that failed by itself is not.
    pub const MAX_ATTEMPTS: i32 = 3;

    /// Every step; unless forced, only if the last whole run is old enough.
    pub fn whole(force: bool) -> Self {
        Self { steps: Step::ALL.to_vec(), force }
    }

    /// One step, now.
    pub fn step(step: Step) -> Self {
        Self { steps: vec![step], force: true }
    }

    /// Whether it is every step.
    pub fn is_whole(&self) -> bool {
        self.steps == Step::ALL
    }

    /// The job that does it, to be queued.
    pub fn new_job(&self, id: JobId) -> NewJob {
        NewJob {
            id,
            kind: Self::KIND.to_owned(),
            args: json!({ "force": self.force, "steps": self.steps }),
            key: Some(Self::KEY.to_owned()),
            stages: Self::STAGES.iter().map(|stage| (*stage).to_owned()).collect(),
            max_attempts: Self::MAX_ATTEMPTS,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_read_as_it_was_written() {
        for order in [Order::whole(false), Order::whole(true), Order::step(Step::ExtraFields)] {
            let job = order.new_job(JobId::from_random(1));
            assert_eq!(serde_json::from_value::<Order>(job.args).unwrap(), order);
        }
        assert_eq!(Order::STAGES, Step::ALL.map(Step::as_str));
        assert!(serde_json::from_str::<Order>(r#"{"steps": ["dance"], "force": true}"#).is_err());
        assert!(serde_json::from_str::<Order>(r#"{"steps": [], "force": true, "x": 1}"#).is_err());
    }
}
