//! What can go wrong between a file and the store.

use crate::blobs::BlobError;
use crate::db::DbError;
use std::io;

/// The world failed; what is wrong with a file is a refusal and no failure.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    /// The file cannot be read.
    #[error("cannot read the file")]
    Read(#[from] io::Error),
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
}

impl PushError {
    /// For `map_err`: what failed was to do this.
    pub(super) fn of(doing: &'static str) -> impl FnOnce(tokio_postgres::Error) -> Self {
        move |source| Self::Transaction { doing, source }
    }
}
