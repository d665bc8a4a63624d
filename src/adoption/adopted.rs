//! What came of an adoption.

use crate::adoption::State;
use std::collections::BTreeMap;
use std::fmt;

/// So many rejected rows of a kind are named; of the others there is a count. More than anybody reads.
const MAX_NAMED: usize = 100;

/// So many characters of a key are shown: ids that are none may be long.
const MAX_KEY: usize = 80;

/// What is adopted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// What the store listed, with devices, votes and the filter's verdict.
    Snaps,
    /// Which snaps were kept out of rankings.
    Exclusions,
    /// The rankings in force.
    Scores,
    /// What the rankings were.
    History,
    /// Sets of snaps picked by hand.
    Slices,
    /// Snaps in them.
    SliceSnaps,
    /// What was featured when.
    Featured,
    /// What the pipeline remembers.
    Settings,
}

impl Kind {
    /// Every kind, in the order in which they are adopted.
    pub const ALL: [Self; 8] = [
        Self::Snaps,
        Self::Exclusions,
        Self::Scores,
        Self::History,
        Self::Slices,
        Self::SliceSnaps,
        Self::Featured,
        Self::Settings,
    ];
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Snaps => "snaps",
            Self::Exclusions => "exclusions",
            Self::Scores => "scores",
            Self::History => "score history",
            Self::Slices => "slices",
            Self::SliceSnaps => "snaps in slices",
            Self::Featured => "featured history",
            Self::Settings => "settings",
        })
    }
}

/// What became of the rows of a kind: each was added, was known, or was rejected.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Count {
    /// How many the other database has.
    pub n_read: u64,
    /// How many are here now that were not.
    pub n_added: u64,
    /// How many were here already, or were adopted before and removed here since.
    pub n_known: u64,
    /// How many are not taken over, by reason.
    pub rejected: BTreeMap<&'static str, u64>,
    /// How many of those are named.
    n_named: usize,
}

/// A row that was not taken over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// What it should have been.
    pub kind: Kind,
    /// Which row.
    pub key: String,
    /// Why, in a word.
    pub reason: &'static str,
}

/// What came of an adoption.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adopted {
    /// In which state the other database is.
    pub state: State,
    /// What became of the rows, by kind.
    pub counts: BTreeMap<Kind, Count>,
    /// The first rows of each kind that were rejected for what they say.
    pub rejected: Vec<Rejected>,
    /// The generation that has what was added; nothing when nothing was.
    pub generation: Option<i64>,
}

impl Adopted {
    pub(super) fn new(state: State) -> Self {
        let counts = Kind::ALL.map(|kind| (kind, Count::default())).into();
        Self { state, counts, rejected: Vec::new(), generation: None }
    }

    pub(super) fn count(&mut self, kind: Kind) -> &mut Count {
        self.counts.entry(kind).or_default()
    }

    /// So many rows were read, and so many of them added; the others were known.
    pub(super) fn add(&mut self, kind: Kind, n_read: usize, n_added: usize) {
        let count = self.count(kind);
        count.n_read += n_read as u64;
        count.n_added += n_added as u64;
        count.n_known += n_read.saturating_sub(n_added) as u64;
    }

    /// A row was read and is not taken over.
    pub(super) fn reject(&mut self, kind: Kind, key: &str, reason: &'static str) {
        self.leave_out(kind, 1, reason);
        let count = self.count(kind);
        if count.n_named < MAX_NAMED {
            count.n_named += 1;
            // The id of a row that is not valid may hold anything.
            let key: String = key.chars().take(MAX_KEY).flat_map(char::escape_debug).collect();
            tracing::warn!(%kind, key, reason, "a row is not adopted");
            self.rejected.push(Rejected { kind, key, reason });
        }
    }

    /// So many rows were read and are rightly not taken over, whatever they say.
    pub(super) fn leave_out(&mut self, kind: Kind, n: u64, reason: &'static str) {
        let count = self.count(kind);
        count.n_read += n;
        if n > 0 {
            *count.rejected.entry(reason).or_default() += n;
        }
    }

    /// How many of a kind were added.
    pub fn n_added(&self, kind: Kind) -> u64 {
        self.counts.get(&kind).map_or(0, |count| count.n_added)
    }
}
