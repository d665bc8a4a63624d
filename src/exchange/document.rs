//! The catalogue document as it is written: its top level, and the way from bytes to it.

use crate::exchange::about::About;
use crate::exchange::entry::Entry;
use crate::exchange::entry::ReleaseForm;
use crate::exchange::forms::known;
use crate::exchange::forms::list;
use crate::exchange::statement::Rejection;
use crate::exchange::statement::Statement;
use crate::snap::Label;
use crate::snap::Listing;
use crate::snap::Release;
use crate::snap::Revision;
use crate::snap::SnapId;
use crate::snap::SnapName;
use crate::snap::StoreId;
use crate::snap::Track;
use serde::Deserialize;
use serde::Serialize;
use serde_json::error::Category;
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// A catalogue document. Unknown members are ignored; every member may also be spelt with `_` for `-`.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", expecting = "an object")]
pub struct Document {
    #[serde(default, deserialize_with = "known")]
    pub(super) name: Option<SnapName>,
    #[serde(default, alias = "snap_id", deserialize_with = "known")]
    pub(super) snap_id: Option<SnapId>,
    #[serde(default, alias = "default_track", deserialize_with = "known")]
    pub(super) default_track: Option<Track>,
    /// The stores that may see it. An empty list means all, an absent one says nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) stores: Option<Vec<StoreId>>,
    /// The accounts that may see it when it is private, besides its publisher. An absent list says nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) viewers: Option<Vec<Label>>,
    #[serde(default)]
    pub(super) snap: Option<About>,
    #[serde(default, alias = "channel_map", deserialize_with = "list")]
    pub(super) channel_map: Vec<Entry>,
    #[serde(default, deserialize_with = "list")]
    pub(super) revisions: Vec<Entry>,
    /// The history of every channel. When it is absent nothing is said of the past, nor of branches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) releases: Option<Vec<ReleaseForm>>,
}

impl Document {
    /// Reads one document and checks all it says.
    ///
    /// # Errors
    /// With the first member that is not valid.
    pub fn parse(bytes: &[u8]) -> Result<Statement, Rejection> {
        let no = |reason: String| Rejection { snap: None, reason };
        let text = std::str::from_utf8(bytes)
            .map_err(|error| no(format!("not UTF-8 at byte {}", error.valid_up_to() + 1)))?;
        if !text.trim_start().starts_with('{') {
            return Err(no("not a JSON object".to_owned()));
        }
        let document: Self = serde_json::from_str(text).map_err(|error| {
            let reason = match error.classify() {
                Category::Data | Category::Io => reason_with_place(text),
                Category::Syntax | Category::Eof => format!("not JSON: {error}"),
            };
            Rejection { snap: name_in(text), reason }
        })?;
        let snap = document.name.or(document.snap.as_ref().and_then(|about| about.name));
        Statement::of(document).map_err(|fault| Rejection { snap, reason: fault.to_string() })
    }

    /// The document that says everything of a snap.
    pub fn of(listing: &Listing) -> Self {
        let shown = Self::shown(listing);
        let mapped: BTreeSet<Revision> =
            shown.channel_map.iter().map(|entry| entry.revision).collect();
        let rest = listing.packages.iter().filter(|package| !mapped.contains(&package.revision));
        let past = listing.releases.iter().filter(|release| !is_told(release));
        Self {
            stores: Some(listing.stores.clone()),
            viewers: Some(listing.viewers.clone()),
            revisions: rest.map(|package| Entry::of(listing, package, None)).collect(),
            releases: Some(past.map(ReleaseForm::from).collect()),
            ..shown
        }
    }

    /// The document as a public store tells it: what its open channels give out, nothing of the past, and nothing of
    /// who may see it.
    pub fn shown(listing: &Listing) -> Self {
        let mut open: Vec<&Release> =
            listing.releases.iter().filter(|release| is_told(release)).collect();
        open.sort_by(|one, other| in_map_order(one).cmp(&in_map_order(other)));
        let entry = |release: &&Release| {
            let package = listing.package(release.revision)?;
            Some(Entry::of(listing, package, Some(release)))
        };
        Self {
            name: Some(listing.name),
            snap_id: Some(listing.id),
            default_track: listing.default_track.clone(),
            stores: None,
            viewers: None,
            snap: Some(listing.into()),
            channel_map: open.iter().filter_map(entry).collect(),
            revisions: Vec::new(),
            releases: None,
        }
    }
}

/// Whether a channel map tells of a release.
fn is_told(release: &Release) -> bool {
    release.is_open() && release.channel.branch.is_none()
}

/// The order of a channel map (contract 10.1): `latest` first, other tracks descending, then risk, then
/// architecture.
fn in_map_order(release: &Release) -> impl Ord {
    let track = &release.channel.track;
    let other = (!track.is_latest()).then(|| Reverse(track.clone()));
    (other, release.channel.risk, release.architecture)
}

/// What is wrong with a document, and with which member. This reads it a second time, keeping track of the
/// place; the first time did without, which is faster.
fn reason_with_place(text: &str) -> String {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let Err(error) = serde_path_to_error::deserialize::<_, Document>(&mut deserializer) else {
        return "not a catalogue document".to_owned();
    };
    let place = error.path().to_string();
    let inner = error.into_inner();
    let reason = inner.to_string();
    let position = format!(" at line {} column {}", inner.line(), inner.column());
    let reason = reason.strip_suffix(&position).unwrap_or(&reason);
    if place == "." { reason.to_owned() } else { format!("{place}: {reason}") }
}

/// The name in a document that is otherwise not valid, for the report.
fn name_in(text: &str) -> Option<SnapName> {
    #[derive(Deserialize)]
    struct Named {
        name: SnapName,
    }
    serde_json::from_str::<Named>(text).ok().map(|named| named.name)
}
