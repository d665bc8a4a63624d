//! Why a snap could not be mirrored.

use crate::assertion::Key;
use crate::blobs::BlobError;
use crate::db::DbError;
use crate::exchange::ExchangeError;
use crate::upstream::UpstreamError;

/// Why a snap could not be mirrored. What was here of it before still is.
#[derive(Debug, thiserror::Error)]
pub enum MirrorError {
    /// The store does not say, or not what it should.
    #[error(transparent)]
    Upstream(#[from] UpstreamError),
    /// A file cannot be put in its place, or is not the one it should be.
    #[error("cannot fetch revision {revision}")]
    File {
        /// The revision.
        revision: String,
        /// What was wrong with it.
        source: BlobError,
    },
    /// The database fails.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The database fails, or what the store knows of the snap cannot be stored.
    #[error(transparent)]
    Exchange(#[from] ExchangeError),
    /// The store has no such snap.
    #[error("the store has no such snap")]
    NotFound,
    /// What the store knows of it cannot be taken in.
    #[error("what the store knows of it cannot be taken in: {0}")]
    Rejected(String),
    /// No channel that is wanted gives anything out.
    #[error("no channel that is wanted gives anything out")]
    NothingGivenOut,
    /// The store lacks an assertion, so devices could not trust a file.
    #[error("the store has no assertion {0}")]
    Lacks(Key),
}
