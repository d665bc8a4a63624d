//! What a channel held, and when.

use crate::snap::Architecture;
use crate::snap::Channel;
use crate::snap::Instant;
use crate::snap::Revision;

/// A revision was given out in a channel, to one architecture or to all, over a span of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// The channel.
    pub channel: Channel,
    /// Whom for. A revision built for `all` is released for `all` (contract 5.8).
    pub architecture: Architecture,
    /// What.
    pub revision: Revision,
    /// Since when.
    pub released_at: Instant,
    /// Until when: a later release took its place, or the channel was closed. `None` while it is given out.
    pub closed_at: Option<Instant>,
}

impl Release {
    /// Whether it is still given out.
    pub fn is_open(&self) -> bool {
        self.closed_at.is_none()
    }

    /// Whether both are releases to the same architecture in the same channel.
    pub fn shares_lane(&self, other: &Self) -> bool {
        self.architecture == other.architecture && self.channel == other.channel
    }
}
