//! Everything the store knows of one snap.

use crate::snap::Amount;
use crate::snap::Category;
use crate::snap::Currency;
use crate::snap::Decisions;
use crate::snap::Delta;
use crate::snap::Download;
use crate::snap::Invalid;
use crate::snap::Label;
use crate::snap::Line;
use crate::snap::Media;
use crate::snap::Package;
use crate::snap::Prose;
use crate::snap::Publisher;
use crate::snap::Release;
use crate::snap::Revision;
use crate::snap::SnapId;
use crate::snap::SnapName;
use crate::snap::Source;
use crate::snap::StoreId;
use crate::snap::Track;
use crate::snap::Url;
use std::collections::BTreeMap;

/// The most accounts that a private snap is shared with: they are looked through one by one.
const MAX_VIEWERS: usize = 1_000;

/// A snap as the catalogue holds it: what it is, every revision, and what each channel held and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// The store's key of it.
    pub id: SnapId,
    /// The name people install it by.
    pub name: SnapName,
    /// The name shown to people.
    pub title: Line,
    /// One line on what it is.
    pub summary: Line,
    /// What it is, at length.
    pub description: Prose,
    /// An SPDX expression, when known.
    pub license: Option<Line>,
    /// Whom to write to, when known.
    pub contact: Option<Line>,
    /// Its web site, when it has one.
    pub website: Option<Line>,
    /// Its page in the store, when it has one.
    pub store_url: Option<Url>,
    /// Links by key (`contact`, `issues`, `source` …), each a list.
    pub links: BTreeMap<Label, Vec<Line>>,
    /// Whether only those it was shared with may see it.
    pub private: bool,
    /// The track installs without a track go to, when the publisher chose one.
    pub default_track: Option<Track>,
    /// Who publishes it, when known.
    pub publisher: Option<Publisher>,
    /// The categories it is listed in.
    pub categories: Vec<Category>,
    /// Pictures and films.
    pub media: Vec<Media>,
    /// What it costs; empty when it is free.
    pub prices: BTreeMap<Currency, Amount>,
    /// The only stores that may see it, in order; empty when all may.
    pub stores: Vec<StoreId>,
    /// The accounts that may see it when it is private, besides its publisher, in order.
    pub viewers: Vec<Label>,
    /// Every revision, least first.
    pub packages: Vec<Package>,
    /// What every channel held, ordered by channel, architecture and time.
    pub releases: Vec<Release>,
    /// Deltas between its revisions, ordered by target, source and format.
    pub deltas: Vec<Delta>,
    /// What operators decided about it.
    pub decisions: Decisions,
}

impl Listing {
    /// The revision of that number.
    pub fn package(&self, revision: Revision) -> Option<&Package> {
        let found = self.packages.binary_search_by_key(&revision, |package| package.revision);
        found.ok().map(|index| &self.packages[index])
    }

    /// Puts every list into its order and checks what ties its parts together: a release names a revision that
    /// is there and runs where it is released, a delta turns one revision that is there into another, no lane
    /// holds two revisions at once, a decision is about what is there.
    ///
    /// # Errors
    /// With the first tie that does not hold.
    pub fn checked(mut self) -> Result<Self, Invalid> {
        let no = |what, rule| Err(Invalid::new(what, rule));
        self.stores.sort_unstable();
        self.stores.dedup();
        self.viewers.sort_unstable();
        self.viewers.dedup();
        if self.viewers.len() > MAX_VIEWERS {
            return no("list of viewers", "at most 1,000 accounts");
        }
        self.packages.sort_by_key(|package| package.revision);
        if self.packages.windows(2).any(|pair| pair[0].revision == pair[1].revision) {
            return no("list of revisions", "each revision once");
        }
        if self.packages.iter().any(|package| package.architectures.is_empty()) {
            return no("revision", "at least one architecture");
        }
        self.releases.sort_by(|one, other| {
            (&one.channel, one.architecture, one.released_at).cmp(&(
                &other.channel,
                other.architecture,
                other.released_at,
            ))
        });
        for release in &self.releases {
            let Some(package) = self.package(release.revision) else {
                return no("release", "of a revision whose record is there");
            };
            if !package.runs_on(release.architecture) {
                return no("release", "for an architecture the revision is built for");
            }
            if release.closed_at.is_some_and(|closed_at| closed_at < release.released_at) {
                return no("release", "closed after it was opened");
            }
        }
        for pair in self.releases.windows(2).filter(|pair| pair[0].shares_lane(&pair[1])) {
            if pair[0].released_at == pair[1].released_at {
                return no("history of a channel", "one release at a time");
            }
            if pair[0].closed_at.is_none_or(|closed_at| closed_at > pair[1].released_at) {
                return no("history of a channel", "a release ends where the next begins");
            }
        }
        // Only revisions and deltas have an address with us.
        let lacks_address = |file: &Download| file.source == Source::Here;
        for package in &self.packages {
            if package.integrity.iter().any(|verity| lacks_address(&verity.download)) {
                return no("verity data", "a file with an address");
            }
            if package.resources.iter().any(|resource| lacks_address(&resource.download)) {
                return no("component", "a file with an address");
            }
        }
        self.deltas.sort_by(|one, other| {
            (one.target, one.source, &one.format).cmp(&(other.target, other.source, &other.format))
        });
        for delta in &self.deltas {
            if delta.source == delta.target || self.package(delta.target).is_none() {
                return no("delta", "to another revision whose record is there");
            }
        }
        self.deltas.dedup_by(|one, other| {
            (one.target, one.source, &one.format) == (other.target, other.source, &other.format)
        });
        let mut decisions = std::mem::take(&mut self.decisions);
        decisions.check(|revision| self.package(revision).is_some(), &self.releases)?;
        Ok(Self { decisions, ..self })
    }
}
