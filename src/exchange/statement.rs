//! What a document states, checked, and what is wrong with one that states nothing.

use crate::exchange::about::About;
use crate::exchange::document::Document;
use crate::exchange::entry::Entry;
use crate::exchange::files::in_order;
use crate::exchange::files::nothing;
use crate::exchange::lanes::Stated;
use crate::exchange::lanes::gather;
use crate::snap::Architecture;
use crate::snap::Decisions;
use crate::snap::Delta;
use crate::snap::Label;
use crate::snap::Line;
use crate::snap::Listing;
use crate::snap::Package;
use crate::snap::Release;
use crate::snap::Revision;
use crate::snap::SnapName;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt;

/// What a document states of a snap. Every value is valid; how it fits what is stored, `merge` finds out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// What is stated. Its releases are not yet a history: an open one may be followed by a later one.
    pub listing: Listing,
    /// Whether it says which stores may see the snap.
    pub names_stores: bool,
    /// Whether it says which accounts may see the snap.
    pub names_viewers: bool,
    /// Whether it tells the history of every channel, branches included.
    pub tells_history: bool,
    /// The revisions that name no architectures; those of their channels stand in.
    pub assumed: BTreeSet<Revision>,
}

/// Why a document is not taken in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Rejection {
    /// The snap it was about, when that much could be read.
    pub snap: Option<SnapName>,
    /// The reason, beginning with the member at fault if there is one.
    pub reason: String,
}

/// A member of a document and what is wrong with it.
#[derive(Debug)]
pub(super) struct Fault {
    member: String,
    reason: &'static str,
}

impl Fault {
    pub(super) fn new(member: impl Into<String>, reason: &'static str) -> Self {
        Self { member: member.into(), reason }
    }

    /// The same fault, its member as seen from further out.
    pub(super) fn within(self, place: fmt::Arguments<'_>) -> Self {
        Self { member: format!("{place}.{}", self.member), ..self }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.member, self.reason)
    }
}

/// The revisions a document names, each once.
#[derive(Default)]
struct Revisions {
    packages: BTreeMap<Revision, Package>,
    deltas: BTreeMap<(Revision, Revision, Label), Delta>,
}

impl Revisions {
    /// Adds an entry, which has to say the same as an earlier one of its revision.
    fn add(&mut self, entry: Entry, about: &About) -> Result<(), Fault> {
        let contradiction = || Err(Fault::new("revision", "an earlier entry says otherwise of it"));
        let (mut package, deltas) = entry.unpack(about)?;
        if let Some(earlier) = self.packages.get_mut(&package.revision) {
            if earlier.architectures.is_empty() {
                earlier.architectures.clone_from(&package.architectures);
            } else if package.architectures.is_empty() {
                package.architectures.clone_from(&earlier.architectures);
            }
            if *earlier != package {
                return contradiction();
            }
        } else {
            self.packages.insert(package.revision, package);
        }
        for delta in deltas {
            let key = (delta.target, delta.source, delta.format.clone());
            if self.deltas.get(&key).is_some_and(|earlier| *earlier != delta) {
                return contradiction();
            }
            self.deltas.insert(key, delta);
        }
        Ok(())
    }

    /// Gives the revisions that name no architectures those they are released for, and returns which.
    fn assume(&mut self, stated: &Stated) -> Result<BTreeSet<Revision>, Fault> {
        let mut assumed = BTreeSet::new();
        let mut known = None;
        for package in self.packages.values_mut().filter(|package| package.architectures.is_empty())
        {
            let known = known.get_or_insert_with(|| stated.architectures());
            let Some(own) = known.remove(&package.revision) else {
                let member = format!("revisions of number {}", package.revision);
                return Err(Fault::new(member, "neither architectures nor a channel"));
            };
            package.architectures = in_order(own);
            assumed.insert(package.revision);
        }
        Ok(assumed)
    }

    fn is_for_all(&self, revision: Revision) -> bool {
        let package = self.packages.get(&revision);
        package.is_some_and(|package| package.architectures == [Architecture::ALL])
    }
}

impl Statement {
    /// Checks what a document says and ties its parts together.
    pub(super) fn of(document: Document) -> Result<Self, Fault> {
        let (names_stores, tells_history) =
            (document.stores.is_some(), document.releases.is_some());
        let names_viewers = document.viewers.is_some();
        let mut about = document.snap.unwrap_or_default();
        let name = one_of(document.name, about.name, "name")?;
        let id = one_of(document.snap_id, about.snap_id, "snap-id")?;
        let mut revisions = Revisions::default();
        let mut stated = Stated::default();
        for (index, entry) in document.channel_map.into_iter().enumerate() {
            let open = release_of(&entry).and_then(|release| stated.add(release));
            let added = open.and_then(|()| revisions.add(entry, &about));
            added.map_err(|fault| fault.within(format_args!("channel-map[{index}]")))?;
        }
        for (index, entry) in document.revisions.into_iter().enumerate() {
            let added = revisions.add(entry, &about);
            added.map_err(|fault| fault.within(format_args!("revisions[{index}]")))?;
        }
        for (index, row) in document.releases.into_iter().flatten().enumerate() {
            let added = row.try_into().and_then(|release| stated.add(release));
            added.map_err(|fault: Fault| fault.within(format_args!("releases[{index}]")))?;
        }
        let assumed = revisions.assume(&stated)?;
        let mut releases = stated.into_releases();
        if !tells_history {
            releases = gather(releases, |revision| revisions.is_for_all(revision));
        }
        let listing = Listing {
            id,
            name,
            publisher: about.publisher()?,
            title: about.title.unwrap_or_else(|| line(name.as_str())),
            summary: about.summary.unwrap_or_else(|| line("")),
            description: about.description.unwrap_or_else(nothing),
            license: about.license,
            contact: about.contact,
            website: about.website,
            store_url: about.store_url,
            links: about.links,
            private: about.private.unwrap_or(false),
            default_track: document.default_track,
            categories: about.categories.into_iter().map(Into::into).collect(),
            media: about.media.into_iter().map(Into::into).collect(),
            prices: about.prices,
            stores: document.stores.unwrap_or_default(),
            viewers: document.viewers.unwrap_or_default(),
            packages: revisions.packages.into_values().collect(),
            releases,
            deltas: revisions.deltas.into_values().collect(),
            decisions: Decisions::default(),
        };
        Ok(Self { listing, names_stores, names_viewers, tells_history, assumed })
    }
}

/// A value that stands at the top and in `snap`, in one of them or in both.
fn one_of<T: PartialEq>(outer: Option<T>, inner: Option<T>, member: &str) -> Result<T, Fault> {
    match (outer, inner) {
        (Some(outer), Some(inner)) if outer != inner => {
            Err(Fault::new(format!("snap.{member}"), "not that of the document"))
        }
        (outer, inner) => outer.or(inner).ok_or_else(|| Fault::new(member, "missing")),
    }
}

fn release_of(entry: &Entry) -> Result<Release, Fault> {
    let channel = entry.channel.as_ref().ok_or_else(|| Fault::new("channel", "missing"))?;
    Ok(Release {
        channel: channel.channel().map_err(|fault| fault.within(format_args!("channel")))?,
        architecture: channel.architecture,
        revision: entry.revision,
        released_at: channel.released_at,
        closed_at: None,
    })
}

fn line(text: &str) -> Line {
    text.parse().expect("a name is a line, and so is nothing")
}
