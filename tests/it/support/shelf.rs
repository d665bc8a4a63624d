//! What a fixture catalogue says, read without the product, to check answers against.
//!
//! The files behind a shelf are invented: the file of a revision is the text
//! `<name> revision <revision>` and a line feed, so that its digest and length are known.

use crate::support::scenario::folder;
use serde_json::Value;
use sha3::Digest;
use sha3::Sha3_384;
use std::collections::BTreeMap;

/// A catalogue file, as documents.
pub(crate) struct Shelf {
    pub(crate) documents: Vec<Value>,
    revisions: BTreeMap<(String, u64), Value>,
}

impl Shelf {
    /// Reads a shelf by its file name.
    pub(crate) fn read(name: &str) -> Self {
        let text = std::fs::read_to_string(folder().join(name)).unwrap();
        let documents: Vec<Value> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let mut revisions = BTreeMap::new();
        for document in &documents {
            for entry in revisions_of(document) {
                let key = (text_at(document, "snap-id"), entry["revision"].as_u64().unwrap());
                revisions.insert(key, entry.clone());
            }
        }
        Self { documents, revisions }
    }

    /// A revision of a snap, if the shelf has it.
    pub(crate) fn revision(&self, snap_id: &str, revision: u64) -> Option<&Value> {
        self.revisions.get(&(snap_id.to_owned(), revision))
    }
}

/// Every revision a document tells of, those in channels first.
pub(crate) fn revisions_of(document: &Value) -> impl Iterator<Item = &Value> {
    let part = |name: &str| document[name].as_array().map_or(&[][..], Vec::as_slice);
    part("channel-map").iter().chain(part("revisions"))
}

fn text_at(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_owned()
}

/// The invented file of a revision.
pub(crate) fn snap_file(name: &str, revision: u64) -> String {
    format!("{name} revision {revision}\n")
}

/// The invented file of a delta.
pub(crate) fn delta_file(name: &str, delta: &Value) -> String {
    let (source, target) = (&delta["source"], &delta["target"]);
    format!("{name} delta {source} to {target} {}\n", text_at(delta, "format"))
}

/// The invented file of a component.
pub(crate) fn component_file(name: &str, resource: &Value) -> String {
    format!("{name}+{} revision {}\n", text_at(resource, "name"), resource["revision"])
}

/// Whether a download member describes exactly this file.
pub(crate) fn describes(download: &Value, file: &str) -> bool {
    let digest = Sha3_384::digest(file.as_bytes());
    let digits = |byte: &u8| [byte >> 4, byte & 15].map(|digit| char::from_digit(digit.into(), 16));
    let digest: Option<String> = digest.iter().flat_map(digits).collect();
    download["sha3-384"].as_str() == digest.as_deref() && download["size"] == file.len()
}
