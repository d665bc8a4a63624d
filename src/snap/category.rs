//! The shelf a snap stands on in a shop window.

use crate::snap::Label;

/// A category a snap is listed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Category {
    /// The category's name, such as `productivity`.
    pub name: Label,
    /// Whether the snap is featured in it.
    pub featured: bool,
}
