//! The number of a publication.

use crate::snap::Instant;

/// A publication: every change of the catalogue has one, and they only grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Generation {
    /// Its number, 0 before the first publication.
    pub number: i64,
    /// When it was published.
    pub published_at: Instant,
}
