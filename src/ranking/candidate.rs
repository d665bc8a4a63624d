//! A snap that may be ranked.

use crate::snap::Instant;
use crate::snap::SnapId;

/// What scoring looks at of an eligible snap.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    /// Which snap.
    pub snap: SnapId,
    /// On how many devices it is.
    pub n_devices: u64,
    /// When it was last updated.
    pub updated_at: Instant,
    /// How many icons, screenshots, videos, banners and logos it has.
    pub n_media: usize,
    /// How many kinds of links it has.
    pub n_links: usize,
    /// Whether it says under which licence it is.
    pub has_license: bool,
    /// Whether its publisher is verified or starred.
    pub is_vouched_for: bool,
    /// How people vote, from 0 to 1; nothing without votes.
    pub rating: Option<f64>,
}
