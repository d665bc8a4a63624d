//! Who publishes a snap.

use crate::snap::Invalid;
use crate::snap::Label;
use crate::snap::Line;
use crate::snap::codec::text_codec;
use std::fmt;
use std::str::FromStr;

/// The account that publishes a snap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publisher {
    /// The account's id.
    pub id: Label,
    /// The account's short name.
    pub username: Label,
    /// The name shown to people.
    pub display_name: Line,
    /// What the store has checked about the account.
    pub validation: Validation,
}

/// How far the store vouches for a publisher, least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Validation {
    /// Nothing was checked.
    Unproven,
    /// A star developer.
    Starred,
    /// The account is who it says it is.
    Verified,
}

impl Validation {
    /// The word for it on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unproven => "unproven",
            Self::Starred => "starred",
            Self::Verified => "verified",
        }
    }
}

impl FromStr for Validation {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text {
            "unproven" => Ok(Self::Unproven),
            "starred" => Ok(Self::Starred),
            "verified" => Ok(Self::Verified),
            _ => Err(Invalid::new("publisher validation", "one of unproven, starred, verified")),
        }
    }
}

impl fmt::Display for Validation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

text_codec!(Validation);
