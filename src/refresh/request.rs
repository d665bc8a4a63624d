//! A request that holds together: what the actions ask for, each refresh with what is installed.

use crate::catalogue::Catalogue;
use crate::catalogue::SnapIndex;
use crate::device::Installed;
use crate::device::SetName;
use crate::device::Validation;
use crate::device::Viewer;
use crate::snap::ChannelName;
use crate::snap::Epoch;
use crate::snap::Invalid;
use crate::snap::Revision;
use foldhash::quality::RandomState;
use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::HashSet;

/// What an action wants done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Put a snap on the device.
    Install,
    /// Fetch a snap without installing it.
    Download,
    /// Bring an installed snap up to date.
    Refresh,
    /// Bring everything installed up to date; it stands alone (contract 2.2).
    RefreshAll,
}

/// The snap an action is about, as sent. One of the two is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SnapRef<'a> {
    /// The snap-id.
    pub id: Option<&'a str>,
    /// The name.
    pub name: Option<&'a str>,
}

impl SnapRef<'_> {
    /// The snap, if the viewer may see it and id and name do not disagree.
    pub(super) fn find(self, catalogue: &Catalogue, viewer: &Viewer) -> Option<SnapIndex> {
        let by_name = |name: &str| catalogue.find_named(&name.parse().ok()?);
        let by_id = |id: &str| catalogue.find_sent(id);
        let index = match (self.id, self.name) {
            (Some(id), None) => by_id(id)?,
            (id, name) => {
                by_name(name?).filter(|index| id.is_none_or(|id| by_id(id) == Some(*index)))?
            }
        };
        catalogue.snap(index).is_visible_to(viewer).then_some(index)
    }
}

/// One action as it was asked for, its parts checked but not yet what ties them to the context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked<'a> {
    /// Ties action and result.
    pub key: &'a str,
    /// What is to be done.
    pub verb: Verb,
    /// With which snap.
    pub snap: SnapRef<'a>,
    /// In which channel.
    pub channel: Option<&'a str>,
    /// Which revision.
    pub revision: Option<Revision>,
    /// The epoch of a local installation that is being replaced.
    pub epoch: Option<Epoch>,
    /// The cohort to follow.
    pub cohort_key: Option<&'a str>,
    /// What it says of validation.
    pub validation: Validation,
}

/// What an action aims at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target<'a> {
    /// What a channel gives out.
    Tip(ChannelName<'a>),
    /// A revision, whatever channel it was in.
    Pinned(Revision),
    /// A revision that was in that channel at some time.
    PinnedIn(ChannelName<'a>, Revision),
}

/// What an action does; a refresh owns its entry of the context.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind<'a> {
    /// Installs, in place of a local installation of that epoch if there is one.
    Install(Option<&'a Epoch>),
    /// Downloads, under the same rule.
    Download(Option<&'a Epoch>),
    /// Refreshes what is installed.
    Refresh(&'a Installed<'a>),
}

impl<'a> Kind<'a> {
    /// The word for it, in action and result.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Install(_) => "install",
            Self::Download(_) => "download",
            Self::Refresh(_) => "refresh",
        }
    }

    /// What is installed, of a refresh.
    pub fn installed(&self) -> Option<&'a Installed<'a>> {
        match self {
            Self::Refresh(installed) => Some(installed),
            Self::Install(_) | Self::Download(_) => None,
        }
    }
}

/// One action, ready to be resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action<'a> {
    /// Ties action and result; echoed as it is.
    pub key: &'a str,
    /// Whether an earlier action has the same key.
    pub is_repeated: bool,
    /// What it does.
    pub kind: Kind<'a>,
    /// With which snap.
    pub snap: SnapRef<'a>,
    /// What it aims at. A text that is no channel is told only of a snap that is there (contract 4.1).
    pub target: Result<Target<'a>, Invalid>,
    /// The cohort it follows.
    pub cohort_key: Option<&'a str>,
    /// The validation sets that bind it; none where they are ignored.
    pub sets: &'a [SetName],
}

/// Something wrong with a request as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where, as a JSON pointer into the body.
    pub pointer: String,
    /// What.
    pub message: Cow<'static, str>,
}

/// Ties the actions to the context. `None` stands where something was wrong with an entry already: what it would be
/// tied to is not judged then.
///
/// # Errors
/// With every rule of contract 2.2 that the request breaks.
pub fn parse<'a>(
    catalogue: &Catalogue,
    viewer: &Viewer,
    context: &'a [Option<Installed<'a>>],
    asked: &'a [Option<Asked<'a>>],
) -> Result<Vec<Action<'a>>, Vec<Fault>> {
    let mut faults = Vec::new();
    let mut installed = Keys::with_capacity(context.len());
    for (place, entry) in context.iter().enumerate() {
        if let Some(first) = entry.as_ref().and_then(|entry| installed.insert(entry.key, place)) {
            let pointer = format!("/context/{place}/instance-key");
            let message = format!("/context/{first} has this instance-key already");
            faults.push(Fault { pointer, message: message.into() });
        }
    }
    if asked.iter().flatten().any(|asked| asked.verb == Verb::RefreshAll) {
        return refresh_all(context, asked, faults);
    }
    let keys_are_unique = faults.is_empty();
    let at = |place: usize| context.get(place).and_then(Option::as_ref);
    let context_is_whole = context.iter().all(Option::is_some);
    let mut keys = Keys::with_capacity(asked.len());
    let mut actions = Vec::with_capacity(asked.len());
    for (place, asked) in asked.iter().enumerate() {
        let Some(asked) = asked else { continue };
        let is_repeated = keys.insert(asked.key, place).is_some();
        // snapd lists both in one order. Of a key that is there twice, the first entry is the one.
        let here = || at(place).filter(|entry| keys_are_unique && entry.key == asked.key);
        let entry = || here().or_else(|| installed.find(asked.key).and_then(at));
        let kind = match asked.verb {
            Verb::Install => Kind::Install(asked.epoch.as_ref()),
            Verb::Download => Kind::Download(asked.epoch.as_ref()),
            Verb::Refresh | Verb::RefreshAll => {
                match entry().filter(|entry| Some(entry.snap_id) == asked.snap.id) {
                    Some(entry) => Kind::Refresh(entry),
                    None if context_is_whole => {
                        faults.push(not_installed(place, asked));
                        continue;
                    }
                    None => continue,
                }
            }
        };
        actions.push(action(asked, kind, is_repeated));
    }
    faults.extend(both_installed_and_refreshed(catalogue, viewer, asked));
    if faults.is_empty() { Ok(actions) } else { Err(faults) }
}

fn action<'a>(asked: &'a Asked<'a>, kind: Kind<'a>, is_repeated: bool) -> Action<'a> {
    let named = asked.channel.map(ChannelName::parse);
    let untold = || kind.installed().map_or(Ok(ChannelName::STABLE), |entry| entry.tracking);
    let target = match (named, asked.revision) {
        (Some(channel), Some(revision)) => channel.map(|name| Target::PinnedIn(name, revision)),
        (Some(channel), None) => channel.map(Target::Tip),
        (None, Some(revision)) => Ok(Target::Pinned(revision)),
        (None, None) => untold().map(Target::Tip),
    };
    let cohort_key = asked.cohort_key.or(kind.installed().and_then(|entry| entry.cohort_key));
    let sets = in_force(Some(&asked.validation), kind.installed());
    Action { key: asked.key, is_repeated, kind, snap: asked.snap, target, cohort_key, sets }
}

/// The validation sets that bind an action: those it names, else those that govern what is installed. Whether they are
/// ignored is said by the action, else by what is installed (contract section 8).
fn in_force<'a>(
    asked: Option<&'a Validation>,
    installed: Option<&'a Installed<'a>>,
) -> &'a [SetName] {
    let own = installed.map(|installed| &installed.validation);
    let both = || asked.into_iter().chain(own);
    if both().find_map(|one| one.is_ignored).unwrap_or(false) {
        return &[];
    }
    both().map(|one| one.sets.as_slice()).find(|sets| !sets.is_empty()).unwrap_or_default()
}

/// `refresh-all` alone: one refresh for each entry of the context, in its order.
fn refresh_all<'a>(
    context: &'a [Option<Installed<'a>>],
    asked: &[Option<Asked<'a>>],
    mut faults: Vec<Fault>,
) -> Result<Vec<Action<'a>>, Vec<Fault>> {
    if asked.len() > 1 {
        let is_all = |asked: &Option<Asked<'_>>| {
            asked.as_ref().is_some_and(|asked| asked.verb == Verb::RefreshAll)
        };
        let place = asked.iter().position(is_all).unwrap_or_default();
        let message = "refresh-all stands alone: no other action may go with it";
        faults.push(Fault { pointer: format!("/actions/{place}"), message: message.into() });
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let refresh = |entry: &'a Installed<'a>| Action {
        key: entry.key,
        is_repeated: false,
        kind: Kind::Refresh(entry),
        snap: SnapRef { id: Some(entry.snap_id), name: None },
        target: entry.tracking.map(Target::Tip),
        cohort_key: entry.cohort_key,
        sets: in_force(None, Some(entry)),
    };
    Ok(context.iter().flatten().map(refresh).collect())
}

fn not_installed(place: usize, asked: &Asked<'_>) -> Fault {
    let snap = asked.snap.id.unwrap_or_default();
    let message =
        format!("the snap {snap} is to be refreshed but not in the context under this key");
    Fault { pointer: format!("/actions/{place}"), message: message.into() }
}

/// The same snap both installed and refreshed, by snap-id after names are resolved.
fn both_installed_and_refreshed(
    catalogue: &Catalogue,
    viewer: &Viewer,
    asked: &[Option<Asked<'_>>],
) -> Vec<Fault> {
    let of_verb = |verb| asked.iter().flatten().any(move |asked| asked.verb == verb);
    if !(of_verb(Verb::Install) && of_verb(Verb::Refresh)) {
        return Vec::new();
    }
    let found = |verb| {
        asked.iter().enumerate().filter_map(move |(place, asked)| {
            let asked = asked.as_ref().filter(|asked| asked.verb == verb)?;
            Some((place, asked.snap.find(catalogue, viewer)?))
        })
    };
    let refreshed: HashSet<SnapIndex, RandomState> =
        found(Verb::Refresh).map(|(_, snap)| snap).collect();
    found(Verb::Install)
        .filter(|(_, snap)| refreshed.contains(snap))
        .map(|(place, snap)| {
            let name = catalogue.snap(snap).name;
            let message = format!("the snap {name} is both installed and refreshed");
            Fault { pointer: format!("/actions/{place}"), message: message.into() }
        })
        .collect()
}

/// Up to this many keys are compared one by one; beyond it a seeded hash keeps a hostile request linear.
const FEW: usize = 8;

/// Where each key was first seen.
enum Keys<'a> {
    /// So many of them.
    Few([(&'a str, usize); FEW], usize),
    Many(HashMap<&'a str, usize, RandomState>),
}

impl<'a> Keys<'a> {
    fn with_capacity(n: usize) -> Self {
        if n <= FEW {
            Self::Few([("", 0); FEW], 0)
        } else {
            Self::Many(HashMap::with_capacity_and_hasher(n, RandomState::default()))
        }
    }

    fn find(&self, key: &str) -> Option<usize> {
        match self {
            Self::Few(keys, n) => {
                keys[..*n].iter().find(|(known, _)| *known == key).map(|(_, place)| *place)
            }
            Self::Many(keys) => keys.get(key).copied(),
        }
    }

    /// Remembers the key, unless it is known: then says where it was.
    fn insert(&mut self, key: &'a str, place: usize) -> Option<usize> {
        let known = self.find(key);
        if known.is_none() {
            match self {
                Self::Few(keys, n) => {
                    keys[*n] = (key, place);
                    *n += 1;
                }
                Self::Many(keys) => {
                    keys.insert(key, place);
                }
            }
        }
        known
    }
}
