//! The device that asks.

use crate::device::Viewer;
use crate::snap::Architecture;

/// The device a request speaks for, from its headers (contract section 1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device<'h> {
    /// What it runs; never `all`.
    pub architecture: Architecture,
    /// The store it belongs to, and what it may be shown there.
    pub viewer: Viewer,
    /// What it is known by, when its session says so: progressive releases tell devices apart by it.
    pub key: Option<String>,
    /// Whether it follows a redirection to a snap's default track (contract 5.4).
    pub default_tracks: bool,
    /// The delta formats it can apply, in its order of preference, separated by commas (contract section 7).
    pub delta_formats: &'h str,
}

impl<'h> Device<'h> {
    /// The delta formats it can apply, in its order of preference.
    pub fn delta_formats(&self) -> impl Iterator<Item = &'h str> {
        self.delta_formats.split(',').map(str::trim).filter(|format| !format.is_empty())
    }
}
