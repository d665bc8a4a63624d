//! Components: parts of a snap that are fetched on their own.

use crate::snap::Architecture;
use crate::snap::Download;
use crate::snap::Instant;
use crate::snap::Invalid;
use crate::snap::Label;
use crate::snap::Prose;
use crate::snap::Revision;
use crate::snap::Version;
use crate::snap::codec::text_codec;
use crate::snap::text::checked_text;
use std::fmt;
use std::str::FromStr;

checked_text!(
    /// The type of a resource: `component/` and a word (contract 3.4).
    ResourceType,
    "resource type",
    |text| {
        let word = text.strip_prefix("component/").unwrap_or_default();
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if !word.is_empty() && word.len() <= 64 && word.bytes().all(plain) {
            Ok(())
        } else {
            Err("component/ and a word")
        }
    }
);

/// A component that goes with a revision (contract 3.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// The component's name.
    pub name: Label,
    /// Its type.
    pub kind: ResourceType,
    /// Its own revision.
    pub revision: Revision,
    /// Its version, when it has one.
    pub version: Option<Version>,
    /// What it is built for.
    pub architectures: Vec<Architecture>,
    /// When it was uploaded, when known.
    pub created_at: Option<Instant>,
    /// What it is.
    pub description: Prose,
    /// Its file.
    pub download: Download,
}
