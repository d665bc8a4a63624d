//! What can go wrong between us and the place where files are.

use std::error::Error;

/// What we were doing when the place of the files failed. It holds no credential.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// The place, or the way to it, failed.
    #[error("cannot {doing}")]
    Failed {
        /// What we were doing, in words: `read a file`.
        doing: &'static str,
        /// What was said.
        source: Box<dyn Error + Send + Sync>,
    },
    /// What was put is not the file that it was put as. Nothing of it is left.
    #[error("the content is not the file it should be: {0}")]
    AnotherFile(&'static str),
    /// There is no file of that digest.
    #[error("the file is not there")]
    Missing,
}

impl BlobError {
    /// For `map_err`: what failed was to do this.
    pub(super) fn of<E>(doing: &'static str) -> impl FnOnce(E) -> Self
    where
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        move |source| Self::Failed { doing, source: source.into() }
    }

    /// The same for the object store, whose word for what is not there has one of its own here.
    pub(super) fn of_store(doing: &'static str) -> impl FnOnce(object_store::Error) -> Self {
        move |error| match error {
            object_store::Error::NotFound { .. } => Self::Missing,
            error => Self::of(doing)(error),
        }
    }
}
