//! Why an action gets no revision.

use crate::catalogue::SnapIndex;
use crate::snap::Invalid;
use std::fmt;

/// A “no” to one action; the others are not touched by it (contract 4.1). `Display` is the message for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// An earlier action of the request has the same key.
    KeyNotUnique,
    /// No snap the device may see has that name.
    NameNotFound,
    /// No snap the device may see has that id, or it is not the id of the name beside it.
    IdNotFound,
    /// The channel's name is none.
    InvalidChannel(SnapIndex, Invalid),
    /// The cohort key is not one of ours, or of another snap.
    InvalidCohortKey(SnapIndex),
    /// The snap has no revision that fits all that was asked for.
    RevisionNotFound(SnapIndex),
}

impl Refusal {
    /// The codes there are, in no particular order; the closed set a metric may count by.
    pub const CODES: [&'static str; 6] = [
        "instance-key-not-unique",
        "name-not-found",
        "id-not-found",
        "invalid-channel",
        "invalid-cohort-key",
        "revision-not-found",
    ];

    /// The code clients branch on.
    pub fn code(self) -> &'static str {
        match self {
            Self::KeyNotUnique => "instance-key-not-unique",
            Self::NameNotFound => "name-not-found",
            Self::IdNotFound => "id-not-found",
            Self::InvalidChannel(..) => "invalid-channel",
            Self::InvalidCohortKey(_) => "invalid-cohort-key",
            Self::RevisionNotFound(_) => "revision-not-found",
        }
    }

    /// The snap, when there is one the device may see.
    pub fn snap(self) -> Option<SnapIndex> {
        match self {
            Self::KeyNotUnique | Self::NameNotFound | Self::IdNotFound => None,
            Self::InvalidChannel(snap, _)
            | Self::InvalidCohortKey(snap)
            | Self::RevisionNotFound(snap) => Some(snap),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::KeyNotUnique => f.write_str("another action has this instance-key already"),
            Self::NameNotFound => f.write_str("no snap has this name"),
            Self::IdNotFound => f.write_str("no snap has this snap-id"),
            Self::InvalidChannel(_, invalid) => invalid.fmt(f),
            Self::InvalidCohortKey(_) => {
                f.write_str("the cohort key was not made by this store for this snap")
            }
            Self::RevisionNotFound(_) => {
                f.write_str("no revision of the snap fits what was asked for")
            }
        }
    }
}
