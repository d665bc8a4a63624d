//! The ways in which the simulated services fail when they are told to.

use crate::snap::SnapName;
use serde::Deserialize;
use serde::Serialize;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

/// What is asked of the simulated services.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A page of all public snaps.
    Search,
    /// The featured list.
    Featured,
    /// What is known of one snap.
    Info,
    /// A search for words.
    Find,
    /// Numbers of devices.
    Metrics,
    /// Who one is, for the ratings. What befalls `ratings` befalls this too, unless it is spoken of.
    Login,
    /// Ratings.
    Ratings,
    /// A change of the featured list.
    Publish,
    /// A file.
    Download,
    /// An assertion.
    Assertion,
    /// A step of a device on its way to a serial or a session.
    Device,
}

impl Kind {
    /// How many kinds there are.
    pub(super) const N: usize = 11;

    /// Whether it is asked over gRPC.
    pub(super) fn is_grpc(self) -> bool {
        matches!(self, Self::Login | Self::Ratings)
    }
}

/// A way to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
pub enum Failure {
    /// It broke.
    #[serde(rename = "500")]
    Broken,
    /// We ask too much; `retry_after_s` says for how long.
    #[serde(rename = "429")]
    TooMany,
    /// The token is not good.
    #[serde(rename = "401")]
    Unauthorized,
    /// There is no such path, says a page for people.
    #[serde(rename = "404")]
    NoPath,
    /// A page for people with status 200.
    #[serde(rename = "html")]
    Html,
    /// Half of the answer, then the connection is lost.
    #[serde(rename = "truncated")]
    Truncated,
    /// Half of the answer as if it were all.
    #[serde(rename = "half")]
    Half,
    /// The answer with one bit of it changed.
    #[serde(rename = "corrupt")]
    Corrupt,
    /// No answer ever.
    #[serde(rename = "hang")]
    Hang,
    /// `null` where a value has to be: in one snap of each page or batch.
    #[serde(rename = "null-column")]
    NullColumn,
    /// The first page over and over, each with another to follow.
    #[serde(rename = "repeat-page")]
    RepeatPage,
}

/// How the simulated services fail for the time being.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    /// How long each answer is held back.
    pub latency_ms: u64,
    /// Which part of the answers is a status 500, from 0 to 1; the same ones each time.
    pub error_rate: f64,
    /// What fails, and how; `null` for not at all.
    pub fail: BTreeMap<Kind, Option<Failure>>,
    /// So many requests of each kind that fails do so, those after them succeed; without it all fail.
    pub fail_first: Option<u64>,
    /// What a 429 says of when to come again.
    pub retry_after_s: u64,
    /// Snaps that are gone.
    pub vanished: BTreeSet<SnapName>,
    /// Snaps that get a new revision at the moment this is set, for good.
    pub updated: BTreeSet<SnapName>,
}

impl Faults {
    /// How a request of that kind is to fail, if those of its kind are.
    pub(super) fn of(&self, kind: Kind) -> Option<Failure> {
        let stated = self.fail.get(&kind);
        let stated =
            stated.or_else(|| self.fail.get(&Kind::Ratings).filter(|_| kind == Kind::Login));
        stated.copied().flatten()
    }
}
