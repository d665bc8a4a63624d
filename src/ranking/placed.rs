//! A snap in a ranking.

use crate::ranking::Category;
use crate::snap::SnapId;

/// What a snap is worth in a category, and whether it is shown there: each snap is shown in one (contract/rankings
/// 4.5).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Placed {
    /// Which snap.
    pub snap: SnapId,
    /// In which category.
    pub category: Category,
    /// Its place among all the snaps of the category, from 1.
    pub rank: u32,
    /// Its score, from 0 to 1.
    pub score: f64,
    /// Its place among the snaps that are shown in this category and no other, from 1; nothing when it is shown in
    /// another.
    pub shown_rank: Option<u32>,
}
