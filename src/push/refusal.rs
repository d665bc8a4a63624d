//! Why a file is not taken in.

use crate::assertion::Identity;
use crate::exchange::ChangeRefusal;
use crate::snap::Label;
use crate::snap::Revision;
use crate::snap::SnapName;
use std::fmt;

/// Why a file is not taken in, in words for whoever pushed it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PushRefusal {
    /// It is no file system that we can read.
    #[error("not a snap: {0}")]
    NotASnap(&'static str),
    /// It is packed in a way that only another program can unpack.
    #[error("it is packed with {0}, for which the program unsquashfs is needed: {1}")]
    Packing(&'static str, &'static str),
    /// Its description says something that is not valid.
    #[error("meta/snap.yaml: {0}")]
    Description(String),
    /// What the assertions say of the file is not so.
    #[error("the assertions are of another file: {0}")]
    Contradiction(String),
    /// What an assertion says is not valid.
    #[error("the assertions say what is not valid: {0}")]
    Claim(String),
    /// There is an assertion of the same revision, and it says something else.
    #[error("there is another text of the assertion {0}; what changes needs a higher revision")]
    AnotherText(Identity),
    /// The revision is there, and is another file.
    #[error("revision {1} of {0} is another file")]
    AnotherFile(SnapName, Revision),
    /// There are no numbers left.
    #[error("{0} has no revision left")]
    NoRevisionLeft(SnapName),
    /// Somebody else publishes the snap.
    #[error("{0} is published by {1}")]
    AnotherPublisher(SnapName, Label),
    /// It cannot be released as asked.
    #[error(transparent)]
    Release(#[from] ChangeRefusal),
    /// The database does not take it.
    #[error("the database refuses it: {0}")]
    Refused(String),
}

impl PushRefusal {
    /// A value of the description that is not valid, by its key.
    pub(super) fn of_key(key: &str, why: impl fmt::Display) -> Self {
        Self::Description(format!("{key}: {why}"))
    }
}
