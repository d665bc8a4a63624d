//! What an import did, and how far it is.

use crate::exchange::statement::Rejection;

/// How many rejections a report tells in full: those of several real stores. The rest is counted: a file of nothing but
/// rubbish must not fill the memory.
const MAX_TOLD: usize = 50_000;

/// How far an import or a load is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// How many documents were dealt with.
    pub n_read: u64,
    /// How many of them were rejected.
    pub n_rejected: u64,
}

/// A document that was not taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// The line it begins in, from 1.
    pub line: u64,
    /// The snap, if that much is known, and the reason.
    pub rejection: Rejection,
}

/// What an import did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// How many documents were read: the four below together.
    pub n_read: u64,
    /// How many snaps are new.
    pub n_added: u64,
    /// How many snaps changed.
    pub n_changed: u64,
    /// How many documents said nothing new.
    pub n_unchanged: u64,
    /// How many documents were not taken in.
    pub n_rejected: u64,
    /// The first fifty thousand of them at most, in the order of their lines.
    pub rejected: Vec<Rejected>,
    /// The generation that was published, if anything changed.
    pub generation: Option<i64>,
}

impl ImportReport {
    pub(super) fn reject(&mut self, line: u64, rejection: Rejection) {
        self.n_rejected += 1;
        if self.rejected.len() < MAX_TOLD {
            self.rejected.push(Rejected { line, rejection });
        }
    }

    pub(super) fn progress(&self) -> Progress {
        Progress { n_read: self.n_read, n_rejected: self.n_rejected }
    }
}
