//! What is stored of a snap and a file of it, made one.

use crate::blobs::Digested;
use crate::exchange::released;
use crate::push::described::Described;
use crate::push::refusal::PushRefusal;
use crate::snap::Architecture;
use crate::snap::Channel;
use crate::snap::Decisions;
use crate::snap::Download;
use crate::snap::Instant;
use crate::snap::Listing;
use crate::snap::Package;
use crate::snap::Publisher;
use crate::snap::Revision;
use crate::snap::SnapId;
use crate::snap::Source;
use std::collections::BTreeMap;

/// A file, and everything that was decided about it.
#[derive(Debug, Clone)]
pub(super) struct Intake<'o> {
    pub(super) described: &'o Described,
    pub(super) file: Digested,
    pub(super) channels: &'o [Channel],
    pub(super) architecture: Option<Architecture>,
    /// The key of a snap that is not there yet.
    pub(super) id: SnapId,
    /// The number of the revision, where it was signed.
    pub(super) revision: Option<Revision>,
    /// Who publishes the snap, where that is said.
    pub(super) publisher: Option<Publisher>,
    pub(super) now: Instant,
}

/// A snap with the file in it.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) listing: Listing,
    pub(super) revision: Revision,
    /// Whether anything of the listing changed.
    pub(super) is_changed: bool,
}

impl Intake<'_> {
    /// Puts the file into what is stored of the snap. A file that is there keeps its revision; another gets the number
    /// that was signed, or the next.
    pub(super) fn prepare(&self, stored: Option<Listing>) -> Result<Prepared, PushRefusal> {
        let mut listing = stored.unwrap_or_else(|| self.blank());
        self.agree_on_publisher(&listing)?;
        let mut is_changed = false;
        if let Some(publisher) = &self.publisher {
            is_changed |= listing.publisher.as_ref() != Some(publisher);
            listing.publisher = Some(publisher.clone());
        }
        let revision = self.number(&listing)?;
        if listing.package(revision).is_none() {
            let is_newest = listing.packages.iter().all(|package| package.revision < revision);
            listing.packages.push(self.package(revision));
            if is_newest {
                self.tell_of(&mut listing);
            }
            let checked = listing.checked();
            listing = checked.map_err(|invalid| PushRefusal::Description(invalid.to_string()))?;
            is_changed = true;
        }
        for channel in self.channels {
            let made = released(listing, revision, channel, self.architecture, None, self.now)?;
            is_changed |= !made.1.is_empty();
            listing = made.0;
        }
        Ok(Prepared { listing, revision, is_changed })
    }

    fn agree_on_publisher(&self, listing: &Listing) -> Result<(), PushRefusal> {
        match (&listing.publisher, &self.publisher) {
            (Some(known), Some(said)) if known.id != said.id => {
                Err(PushRefusal::AnotherPublisher(listing.name, known.id.clone()))
            }
            _ => Ok(()),
        }
    }

    fn number(&self, listing: &Listing) -> Result<Revision, PushRefusal> {
        let is_it = |package: &&Package| package.download.sha3_384 == self.file.sha3_384;
        let known = listing.packages.iter().find(is_it).map(|package| package.revision);
        match (self.revision, known) {
            (None, Some(known)) => Ok(known),
            (Some(signed), _) => match listing.package(signed) {
                Some(package) if !is_it(&package) => {
                    Err(PushRefusal::AnotherFile(listing.name, signed))
                }
                _ => Ok(signed),
            },
            (None, None) => {
                let last = listing.packages.last().map_or(0, |last| last.revision.number());
                let next = Revision::new(i64::from(last) + 1);
                next.map_err(|_| PushRefusal::NoRevisionLeft(listing.name))
            }
        }
    }

    fn package(&self, revision: Revision) -> Package {
        let described = self.described;
        let Digested { sha3_384, size } = self.file;
        Package {
            revision,
            version: described.version.clone(),
            architectures: described.architectures.clone(),
            base: described.base.clone(),
            confinement: described.confinement,
            kind: described.kind,
            epoch: described.epoch.clone(),
            created_at: Some(self.now),
            common_ids: described.common_ids.clone(),
            snap_yaml: described.snap_yaml.clone(),
            download: Download { source: Source::Here, size, sha3_384 },
            resources: Vec::new(),
            integrity: Vec::new(),
        }
    }

    /// What the newest revision says of the snap is what is shown of it.
    fn tell_of(&self, listing: &mut Listing) {
        let described = self.described;
        listing.title.clone_from(&described.title);
        listing.summary.clone_from(&described.summary);
        listing.description.clone_from(&described.description);
        if described.license.is_some() {
            listing.license.clone_from(&described.license);
        }
        if !described.links.is_empty() {
            listing.links.clone_from(&described.links);
            listing.contact = described.link("contact").cloned();
            listing.website = described.link("website").cloned();
        }
    }

    /// A snap of which nothing is known but its name.
    fn blank(&self) -> Listing {
        let nothing = "".parse().expect("an empty text is a text");
        Listing {
            id: self.id,
            name: self.described.name,
            title: self.described.title.clone(),
            summary: self.described.summary.clone(),
            description: nothing,
            license: None,
            contact: None,
            website: None,
            store_url: None,
            links: BTreeMap::new(),
            private: false,
            default_track: None,
            publisher: None,
            categories: Vec::new(),
            media: Vec::new(),
            prices: BTreeMap::new(),
            stores: Vec::new(),
            viewers: Vec::new(),
            packages: Vec::new(),
            releases: Vec::new(),
            deltas: Vec::new(),
            decisions: Decisions::default(),
        }
    }
}
