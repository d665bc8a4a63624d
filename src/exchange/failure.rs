//! What can go wrong between a stream of documents and the database.

use crate::db::DbError;
use std::io;

/// The world failed; what is wrong with a document is a rejection and no failure.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    /// The documents or assertions could not be read.
    #[error("cannot read what is to be imported")]
    Read(#[source] io::Error),
    /// The documents or assertions could not be written.
    #[error("cannot write what is exported")]
    Write(#[source] io::Error),
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

impl ExchangeError {
    /// For `map_err`: what failed was to do this.
    pub(super) fn of(doing: &'static str) -> impl FnOnce(tokio_postgres::Error) -> Self {
        move |source| Self::Transaction { doing, source }
    }
}
