//! What a snap file says of itself, in the types of the store.

use crate::snap::Architecture;
use crate::snap::Confinement;
use crate::snap::Epoch;
use crate::snap::Label;
use crate::snap::Line;
use crate::snap::Prose;
use crate::snap::SnapName;
use crate::snap::SnapType;
use crate::snap::Version;
use std::collections::BTreeMap;

/// What `meta/snap.yaml` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Described {
    pub(super) name: SnapName,
    pub(super) version: Version,
    pub(super) title: Line,
    pub(super) summary: Line,
    pub(super) description: Prose,
    pub(super) license: Option<Line>,
    pub(super) links: BTreeMap<Label, Vec<Line>>,
    pub(super) architectures: Vec<Architecture>,
    pub(super) base: Option<Label>,
    pub(super) confinement: Confinement,
    pub(super) kind: SnapType,
    pub(super) epoch: Epoch,
    pub(super) common_ids: Vec<Line>,
    /// The text itself.
    pub(super) snap_yaml: Prose,
}

impl Described {
    /// The first link of a kind.
    pub(super) fn link(&self, kind: &str) -> Option<&Line> {
        self.links.iter().find(|(key, _)| key.as_str() == kind)?.1.first()
    }
}
