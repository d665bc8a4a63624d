//! What was uploaded: one revision of a snap.

use crate::snap::Architecture;
use crate::snap::Confinement;
use crate::snap::Download;
use crate::snap::Epoch;
use crate::snap::Instant;
use crate::snap::Integrity;
use crate::snap::Label;
use crate::snap::Line;
use crate::snap::Prose;
use crate::snap::Resource;
use crate::snap::Revision;
use crate::snap::SnapType;
use crate::snap::Version;

/// One uploaded revision: what the file says of itself and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// The number the store gave it.
    pub revision: Revision,
    /// Its version.
    pub version: Version,
    /// What it runs on; at least one, in order, `all` alone if it runs everywhere.
    pub architectures: Vec<Architecture>,
    /// The base snap it runs on, when it declares one.
    pub base: Option<Label>,
    /// How it is confined.
    pub confinement: Confinement,
    /// Its type.
    pub kind: SnapType,
    /// Its epoch.
    pub epoch: Epoch,
    /// When it was uploaded, when known.
    pub created_at: Option<Instant>,
    /// Application ids it shares with other packagings.
    pub common_ids: Vec<Line>,
    /// The text of its `meta/snap.yaml`; empty when not known.
    pub snap_yaml: Prose,
    /// Its file.
    pub download: Download,
    /// Its components.
    pub resources: Vec<Resource>,
    /// Its verity data.
    pub integrity: Vec<Integrity>,
}

impl Package {
    /// Whether it runs on that architecture.
    pub fn runs_on(&self, architecture: Architecture) -> bool {
        self.architectures.iter().any(|own| own.is_all() || *own == architecture)
    }
}
