//! Why a decision did not come to pass.

use crate::db::DbError;
use std::fmt;

/// What speaks against a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// There is no slice of that id.
    SliceNotFound,
    /// There is no snap of that name, or it is not in the slice.
    SnapNotFound,
    /// The slice would have the id of another.
    SliceTaken,
    /// There are as many slices as there may be.
    TooManySlices,
    /// The slice holds as many snaps as one may.
    SliceFull,
    /// The new order does not name exactly the snaps of the slice.
    OrderDiffers,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SliceNotFound => "there is no such slice",
            Self::SnapNotFound => "there is no such snap",
            Self::SliceTaken => "another slice has that id",
            Self::TooManySlices => "there are too many slices",
            Self::SliceFull => "the slice is full",
            Self::OrderDiffers => "the order names other snaps than the slice holds",
        })
    }
}

/// Why a decision did not come to pass.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// It may not.
    #[error("{0}")]
    Refused(Refusal),
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<Refusal> for EditError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}
