//! The steps of the pipeline.

use crate::snap::Instant;
use crate::snap::Invalid;
use serde::Deserialize;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// A step of the pipeline (contract/rankings 4), in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Step {
    /// What the store lists, and its channels.
    Collect,
    /// Which snaps are fit to be shown.
    Filter,
    /// Devices and votes.
    ExtraFields,
    /// Scores, places, and their publication.
    Score,
}

impl Step {
    /// Every step, in order.
    pub const ALL: [Self; 4] = [Self::Collect, Self::Filter, Self::ExtraFields, Self::Score];

    /// The word for it in tables and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Collect => "collect",
            Self::Filter => "filter",
            Self::ExtraFields => "extra_fields",
            Self::Score => "score",
        }
    }

    /// The name shown to people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Collect => "Collect",
            Self::Filter => "Filter",
            Self::ExtraFields => "Extra fields",
            Self::Score => "Score",
        }
    }
}

impl FromStr for Step {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let known = Self::ALL.into_iter().find(|step| step.as_str() == text);
        known.ok_or(Invalid::new("step", "one of collect, filter, extra_fields, score"))
    }
}

impl TryFrom<String> for Step {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        text.parse()
    }
}

impl From<Step> for String {
    fn from(step: Step) -> Self {
        step.as_str().to_owned()
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How a step ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepRun {
    /// Which step.
    pub step: Step,
    /// The job it was part of.
    pub job_id: Option<String>,
    /// What went wrong; empty when nothing did.
    pub failure: Option<String>,
    /// When it began.
    pub started_at: Instant,
    /// When it ended.
    pub ended_at: Instant,
    /// What went in and came out.
    pub tally: Tally,
}

/// What went into a step and came out of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    /// How many went in.
    pub n_in: u64,
    /// How many came out.
    pub n_out: u64,
    /// How many were left out, by reason.
    pub rejected: BTreeMap<String, u64>,
}

impl Tally {
    /// One was left out.
    pub fn reject(&mut self, reason: &str) {
        *self.rejected.entry(reason.to_owned()).or_default() += 1;
    }
}
