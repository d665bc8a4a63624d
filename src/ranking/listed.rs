//! What a store's search says of a snap: what rankings, slices and pages show of it.

use crate::ranking::Verbatim;
use crate::snap::Instant;
use crate::snap::SnapId;
use crate::snap::SnapName;

/// A snap as the store lists it (contract/rankings 4.2): the texts are shown as they came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The store's key of it.
    pub id: SnapId,
    /// The name people install it by.
    pub name: SnapName,
    /// The name shown to people.
    pub title: String,
    /// The version of the revision that the store shows.
    pub version: String,
    /// One line on what it is.
    pub summary: String,
    /// What it is, at length.
    pub description: String,
    /// Where its icon is: the first of its media that is one.
    pub icon: Option<String>,
    /// Its web site: the first of its links of that kind.
    pub website: Option<String>,
    /// Whom to write to: the first of its links of that kind.
    pub contact: Option<String>,
    /// The publisher's name as shown to people.
    pub publisher: String,
    /// The number of the revision that the store shows.
    pub revision: i64,
    /// An object: each kind of link with a list of texts.
    pub links: Verbatim,
    /// A list of objects with `type` and `url`.
    pub media: Verbatim,
    /// The store's sections it is in, `[{"name", "featured"}]`; nothing when it does not say.
    pub categories: Option<Verbatim>,
    /// How the publisher is vouched for: `verified`, `starred`, `unproven`.
    pub developer_validation: String,
    /// An SPDX expression, or `unset`.
    pub license: String,
    /// When it was last updated.
    pub last_updated: Instant,
    /// When it was first published, if the store says so.
    pub date_published: Option<Instant>,
    /// What is counted of its links and media.
    pub counts: Counts,
}

/// What is counted of a snap's links and media once, when it is collected, so that no later stage reads them again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Media of any type.
    pub n_media: u32,
    /// Media that are an icon, a screenshot, a video, a banner or a logo.
    pub n_shown_media: u32,
    /// Kinds of links with at least one link.
    pub n_link_kinds: u32,
    /// Ways to reach the publisher: links of the kinds `issues` and `contact`.
    pub n_contacts: u32,
}
