//! What can go wrong while deltas are made.

use crate::blobs::BlobError;
use crate::db::DbError;
use crate::program::ProgramError;
use std::io;

/// Why deltas were not made.
#[derive(Debug, thiserror::Error)]
pub enum DeltaError {
    /// The program is not installed.
    #[error("the program xdelta3 is not installed; the Debian package of that name has it")]
    NoProgram,
    /// The program failed.
    #[error(transparent)]
    Program(#[from] ProgramError),
    /// What the program made does not lead to the file.
    #[error("xdelta3 made a delta that does not lead to the file")]
    Wrong,
    /// The workbench failed.
    #[error("cannot {doing}")]
    Workbench {
        /// What we were doing, in words.
        doing: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// The place of the files failed.
    #[error(transparent)]
    Blobs(#[from] BlobError),
    /// The catalogue could not be loaded or stored.
    #[error(transparent)]
    Database(#[from] DbError),
    /// The database failed at a border of a transaction.
    #[error("cannot {doing}")]
    Transaction {
        /// What we were doing, in words.
        doing: &'static str,
        /// What the database said.
        source: tokio_postgres::Error,
    },
    /// The job belongs to somebody else by now.
    #[error("the lease of the job is lost")]
    Superseded,
}

impl DeltaError {
    /// Whether it is about the two files, so that it says nothing of others.
    pub(super) fn is_of_these_files(&self) -> bool {
        match self {
            Self::Program(error) => !matches!(error, ProgramError::Unrun { .. }),
            Self::Wrong => true,
            _ => false,
        }
    }

    /// For `map_err`: what failed was to do this on the workbench.
    pub(super) fn at(doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Workbench { doing, source }
    }

    /// For `map_err`: what failed was to do this with the database.
    pub(super) fn of(doing: &'static str) -> impl FnOnce(tokio_postgres::Error) -> Self {
        move |source| Self::Transaction { doing, source }
    }
}
