//! Validation sets, read: what each says of snaps.

use crate::assertion::Headers;
use crate::assertion::Value;
use crate::snap::Revision;
use crate::snap::SnapId;
use crate::snap::SnapName;
use std::collections::BTreeMap;
use std::collections::HashMap;
use std::sync::Arc;

/// What a validation set says of one snap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// It may be there, in any revision.
    Any,
    /// It may be there, in this revision.
    Only(Revision),
    /// It may not be there.
    Never,
}

/// What a validation set says of the snaps it names. It says nothing of others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ValidationSet {
    by_id: BTreeMap<SnapId, Rule>,
    /// Of snaps that are named without their id.
    by_name: BTreeMap<SnapName, Rule>,
}

impl ValidationSet {
    /// What the headers of the assertion say. An entry that cannot be read says nothing; devices judge it themselves.
    pub fn of(headers: &Headers) -> Self {
        let mut set = Self::default();
        let snaps = headers.value("snaps").and_then(Value::as_list).unwrap_or_default();
        for entry in snaps {
            let text = |name: &str| entry.entry(name).and_then(Value::as_text);
            let Some(rule) = rule(text("presence"), text("revision")) else { continue };
            if let Some(id) = text("id") {
                set.by_id.extend(id.parse().ok().map(|id: SnapId| (id, rule)));
            } else {
                let name = text("name").and_then(|name| name.parse().ok());
                set.by_name.extend(name.map(|name: SnapName| (name, rule)));
            }
        }
        set
    }

    /// What it says of a snap, if anything.
    pub fn rule(&self, id: &SnapId, name: &SnapName) -> Option<Rule> {
        self.by_id.get(id).or_else(|| self.by_name.get(name)).copied()
    }
}

/// Nothing, when it is none.
fn rule(presence: Option<&str>, revision: Option<&str>) -> Option<Rule> {
    match (presence.unwrap_or("required"), revision) {
        ("required" | "optional", None) => Some(Rule::Any),
        ("required" | "optional", Some(revision)) => revision.parse().ok().map(Rule::Only),
        ("invalid", _) => Some(Rule::Never),
        _ => None,
    }
}

/// One place of a sequence: which of several about it holds is the newest revision, and of that the highest format.
#[derive(Debug, Clone)]
struct Placed {
    sequence: u32,
    rank: (u32, u32),
    set: Arc<ValidationSet>,
}

/// Every validation set, by `series/account/name` and its place in the sequence.
#[derive(Debug, Clone, Default)]
pub(super) struct ValidationSets(HashMap<Box<str>, Vec<Placed>, foldhash::quality::RandomState>);

impl ValidationSets {
    pub(super) fn put(
        &mut self,
        key: &str,
        (sequence, revision, format): (u32, u32, u32),
        set: ValidationSet,
    ) {
        let placed = Placed { sequence, rank: (revision, format), set: Arc::new(set) };
        let all = self.0.entry(key.into()).or_default();
        match all.binary_search_by_key(&sequence, |placed| placed.sequence) {
            Ok(at) if all[at].rank > placed.rank => {}
            Ok(at) => all[at] = placed,
            Err(at) => all.insert(at, placed),
        }
    }

    /// The set of that key at that place, or the newest.
    pub(super) fn find(&self, key: &str, sequence: Option<u32>) -> Option<&ValidationSet> {
        let all = self.0.get(key)?;
        let found = match sequence {
            None => all.last(),
            Some(number) => {
                all.binary_search_by_key(&number, |placed| placed.sequence).ok().map(|at| &all[at])
            }
        };
        found.map(|placed| &*placed.set)
    }
}
