//! A snap as the simulated services show it, ready to be sent.

use crate::exchange::Document;
use crate::simulator::chance::Chance;
use crate::simulator::facts::Facts;
use crate::simulator::files::Known;
use crate::simulator::files::give_files;
use crate::snap::Confinement;
use crate::snap::Instant;
use crate::snap::Label;
use crate::snap::Line;
use crate::snap::Listing;
use crate::snap::Media;
use crate::snap::Package;
use crate::snap::Release;
use crate::snap::Revision;
use crate::snap::SnapId;
use crate::snap::SnapName;
use bytes::Bytes;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;
use sha2::Digest;
use sha2::Sha256;
use std::cmp::Reverse;
use std::fmt::Write as _;
use std::io::Read;
use std::io::Write;

/// A snap of the simulated store.
#[derive(Debug, Clone)]
pub struct Snap {
    id: SnapId,
    name: SnapName,
    confinement: Confinement,
    pub(super) facts: Facts,
    /// The entry of the search with the members that a collector asks for.
    pub(super) entry: Box<str>,
    /// The members that only other askers ask for.
    others: Box<str>,
    /// What is known of it, packed with gzip: there is a lot, and most askers take it so.
    pub(super) packed: Bytes,
    pub(super) etag: Box<str>,
    /// Its files, if it has any that are there.
    pub(super) files: Vec<Known>,
    pub(super) publisher: Option<Label>,
}

impl Snap {
    /// The store's key of it.
    pub fn id(&self) -> SnapId {
        self.id
    }

    /// Its name.
    pub fn name(&self) -> SnapName {
        self.name
    }

    /// How it is confined: a search leaves out what is `devmode`.
    pub fn confinement(&self) -> Confinement {
        self.confinement
    }

    /// On how many devices it is; nothing when the metrics have no data of it.
    pub fn devices(&self) -> Option<u64> {
        self.facts.devices
    }

    /// The lower bound of what people think of it, and how many voted; mostly nobody did.
    pub fn rating(&self) -> Option<(f64, u64)> {
        self.facts.rating.map(|(raw_rating, votes)| (f64::from(raw_rating), votes))
    }

    /// When it was last updated.
    pub fn last_updated(&self) -> Instant {
        self.facts.last_updated
    }

    /// What is known of it: a catalogue document.
    pub fn info(&self) -> Vec<u8> {
        let mut info = Vec::new();
        GzDecoder::new(&self.packed[..]).read_to_end(&mut info).expect("we packed it");
        info
    }

    pub(super) fn entry(&self) -> Map<String, Value> {
        serde_json::from_str(&self.entry).expect("we wrote it")
    }

    pub(super) fn others(&self) -> Map<String, Value> {
        serde_json::from_str(&self.others).expect("we wrote it")
    }

    /// The snap of a listing, if the store shows it to the public: it is for all, and some channel gives it out.
    pub(super) fn of(
        mut listing: Listing,
        (seed, has_files): (u64, bool),
        now: Instant,
    ) -> Option<Self> {
        if listing.private || !listing.stores.is_empty() {
            return None;
        }
        embellish(&mut listing, seed);
        let facts = Facts::invent(listing.id, seed, now);
        let files = if has_files { give_files(&mut listing) } else { Vec::new() };
        Some(Self { files, ..Self::with(&listing, facts)? })
    }

    fn with(listing: &Listing, facts: Facts) -> Option<Self> {
        let package = listing.package(offered(listing)?.revision)?;
        let info = serde_json::to_vec(&Document::shown(listing)).expect("a document is JSON");
        let mut etag = "\"".to_owned();
        for byte in &Sha256::digest(&info)[..12] {
            write!(etag, "{byte:02x}").expect("a string takes all");
        }
        etag.push('"');
        Some(Self {
            id: listing.id,
            name: listing.name,
            confinement: package.confinement,
            facts,
            entry: entry(listing, package, &facts).to_string().into(),
            others: others(listing, package).to_string().into(),
            packed: pack(&info).into_boxed_slice().into(),
            etag: etag.into(),
            files: Vec::new(),
            publisher: listing.publisher.as_ref().map(|publisher| publisher.id.clone()),
        })
    }

    /// The same snap with a new revision, given out as of `now`.
    pub(super) fn updated(&self, now: Instant) -> Option<Self> {
        let mut listing = Document::parse(&self.info()).ok()?.listing;
        let release = offered(&listing)?.clone();
        let newest = listing.packages.last()?.revision.number();
        let revision = Revision::new(i64::from(newest) + 1).ok()?;
        let package = listing.package(release.revision)?.clone();
        listing.packages.push(Package { revision, created_at: Some(now), ..package });
        for before in listing.releases.iter_mut().filter(|before| before.shares_lane(&release)) {
            before.closed_at = before.closed_at.or(Some(now.max(before.released_at)));
        }
        listing.releases.push(Release { revision, released_at: now, ..release });
        let files = if self.files.is_empty() { Vec::new() } else { give_files(&mut listing) };
        let facts = Facts { last_updated: now, ..self.facts };
        Some(Self { files, ..Self::with(&listing.checked().ok()?, facts)? })
    }
}

fn pack(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(bytes).and_then(|()| packed.finish()).expect("a vector takes all")
}

/// The release a search shows: the safest of the usual track.
fn offered(listing: &Listing) -> Option<&Release> {
    let open = listing.releases.iter();
    let open = open.filter(|release| release.is_open() && release.channel.branch.is_none());
    open.min_by_key(|release| {
        let track = &release.channel.track;
        let other = (!track.is_latest()).then(|| Reverse(track.clone()));
        (other, release.channel.risk, release.architecture)
    })
}

/// Gives half of the snaps that lack an icon or a contact what they lack, so that about seven in ten are fit to be
/// ranked.
fn embellish(listing: &mut Listing, seed: u64) {
    let mut chance = Chance::of(listing.id, seed, 2);
    let has_icon = listing.media.iter().any(|media| media.kind.as_str() == "icon");
    let name = listing.name;
    if !has_icon && chance.per_mille(500) {
        let url = format!("https://store.example/media/{name}/simulated.png");
        listing.media.push(Media {
            kind: "icon".parse().expect("it is a label"),
            url: url.parse().expect("it is a URL"),
            width: Some(256),
            height: Some(256),
        });
    }
    let links = &mut listing.links;
    let has_contact = links.keys().any(|key| matches!(key.as_str(), "contact" | "issues"));
    if !has_contact && chance.per_mille(500) {
        let contact: Line = format!("mailto:team@{name}.example").parse().expect("it is a line");
        links.insert("contact".parse().expect("it is a label"), vec![contact]);
    }
}

/// The members of contract/rankings 4.2.
fn entry(listing: &Listing, package: &Package, facts: &Facts) -> Value {
    let publisher = listing.publisher.as_ref();
    let media = listing.media.iter().map(|media| {
        json!({"type": media.kind, "url": media.url, "width": media.width, "height": media.height})
    });
    let sections = listing
        .categories
        .iter()
        .map(|category| json!({"name": category.name, "featured": category.featured}));
    let mut entry = json!({
        "snap_id": listing.id,
        "package_name": listing.name,
        "last_updated": facts.last_updated,
        "summary": listing.summary,
        "description": listing.description,
        "title": listing.title,
        "version": package.version,
        "publisher": publisher.map_or("", |publisher| publisher.display_name.as_str()),
        "revision": package.revision.number(),
        "links": listing.links,
        "media": media.collect::<Value>(),
        "developer_validation":
            publisher.map_or_else(|| "unproven".to_owned(), |by| by.validation.to_string()),
        "license": listing.license.as_ref().map_or("unset", Line::as_str),
        "sections": sections.collect::<Value>(),
    });
    if let Some(published) = facts.published {
        // The other form the store has for the same zone.
        let text = published.to_string().replace("+00:00", "Z");
        entry["date_published"] = text.into();
    }
    entry
}

/// The members of the featured list that a collector does not ask for.
fn others(listing: &Listing, package: &Package) -> Value {
    let publisher = listing.publisher.as_ref();
    json!({
        "architecture": package.architectures,
        "developer_name": publisher.map(|publisher| &publisher.display_name),
        "developer_id": publisher.map(|publisher| &publisher.id),
        "origin": publisher.map(|publisher| &publisher.username),
        "apps": [listing.name],
    })
}
