//! How well a snap is described.

use crate::snap::Instant;

/// What the filter looks at of a listed snap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Described {
    /// Whether there is an icon among the media.
    pub has_icon: bool,
    /// How many media there are.
    pub n_media: usize,
    /// How many ways to reach the publisher: links to issues and contacts.
    pub n_contacts: usize,
    /// Characters of the description; 0 when there is none.
    pub n_description: usize,
    /// When the snap was last updated.
    pub updated_at: Instant,
}
