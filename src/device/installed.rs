//! A snap a device has.

use crate::device::Validation;
use crate::snap::ChannelName;
use crate::snap::Epoch;
use crate::snap::Invalid;
use crate::snap::Revision;

/// One entry of the context: a snap the device has installed (contract 2.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installed<'a> {
    /// Ties the entry to the action and the result about it; opaque, unique in the request.
    pub key: &'a str,
    /// The snap-id as sent.
    pub snap_id: &'a str,
    /// The installed revision.
    pub revision: Revision,
    /// The channel it follows. A name that is no channel only matters when nothing else is asked for.
    pub tracking: Result<ChannelName<'a>, Invalid>,
    /// The epoch of the installed revision, when the device says it.
    pub epoch: Option<Epoch>,
    /// The cohort it is in, as sent.
    pub cohort_key: Option<&'a str>,
    /// What it says of validation.
    pub validation: Validation,
}
