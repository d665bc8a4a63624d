//! What a refresh request asks for: the body's parts as values, each fault with its place.

use crate::device::Installed;
use crate::device::Validation;
use crate::http::store::fetch_sent;
use crate::http::store::fetch_sent::Group;
use crate::http::store::refresh_parts::EpochWire;
use crate::http::store::refresh_wire::ActionWire;
use crate::http::store::refresh_wire::ContextWire;
use crate::http::store::refresh_wire::RefreshWire;
use crate::http::store::refresh_wire::SetsWire;
use crate::http::store::sets_wire::SetWire;
use crate::http::store::wire;
use crate::http::store::wire::Items;
use crate::http::store::wire::Loose;
use crate::http::store::wire::Text;
use crate::refresh::Asked;
use crate::refresh::Fault;
use crate::refresh::SnapRef;
use crate::refresh::Verb;
use crate::snap::ChannelName;
use crate::snap::Epoch;
use crate::snap::Fields;
use crate::snap::Revision;
use std::borrow::Cow;
use validator::Validate;
use validator::ValidateLength;

/// Which of the two doors of contract 2.6 a request came in by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http) enum Door {
    /// `/v2/snaps/refresh`: today's protocol.
    Today,
    /// `/snaps/refresh`: the draft of 2018.
    Draft,
}

/// What a body asks for, part by part. `None` stands where a part has a fault.
pub(super) struct Sent<'a> {
    pub(super) context: Vec<Option<Installed<'a>>>,
    pub(super) asked: Vec<Option<Asked<'a>>>,
    /// The groups of assertions among the actions, each with its place, where `asked` has nothing.
    pub(super) groups: Vec<(usize, Group<'a>)>,
    /// The fields of each snap object; `None` is no snap object at all (contract 2.4).
    pub(super) fields: Option<Fields>,
}

impl RefreshWire<'_> {
    /// What the body asks for, and everything that is wrong with its parts.
    pub(super) fn parse(&self, door: Door) -> (Sent<'_>, Vec<Fault>) {
        let mut faults = wire::faults(self.validate());
        let context = self.context.as_ref().map(Items::as_slice).unwrap_or_default();
        let actions = self.actions.as_ref().map(Items::as_slice).unwrap_or_default();
        let mut context =
            entries("/context", context, &mut faults, |entry, wrong| entry.parse(door, wrong));
        // What is missing of the context is a part with a fault too.
        let n_sent = self.context.as_ref().and_then(Items::length);
        if n_sent != Some(context.len() as u64) {
            context.push(None);
        }
        let asked =
            entries("/actions", actions, &mut faults, |action, wrong| action.parse(door, wrong));
        let groups = match door {
            Door::Today => fetch_sent::groups(self.actions.as_ref(), &mut faults),
            Door::Draft => Vec::new(),
        };
        let fields = self.fields.as_ref().map_or(Some(Fields::ALL), |fields| fields.of_door(door));
        (Sent { context, asked, groups, fields }, faults)
    }
}

/// Where the faults of an entry go, each under the entry's place.
struct Faulty<'f> {
    faults: &'f mut Vec<Fault>,
    list: &'static str,
    place: usize,
    n_before: usize,
}

impl Faulty<'_> {
    /// A member, from the entry on, has this fault.
    fn add(&mut self, member: &'static str, message: impl Into<Cow<'static, str>>) {
        let mut digits = itoa::Buffer::new();
        let pointer = [self.list, "/", digits.format(self.place), member].concat();
        self.faults.push(Fault { pointer, message: message.into() });
    }

    /// Whether nothing was wrong with the entry so far.
    fn is_none(&self) -> bool {
        self.faults.len() == self.n_before
    }
}

/// The entries of a list as values, each with what `validator` says of it before what is wrong with its parts.
fn entries<'w, W: Validate, T>(
    list: &'static str,
    entries: &'w [W],
    faults: &mut Vec<Fault>,
    parse: impl Fn(&'w W, &mut Faulty<'_>) -> Option<T>,
) -> Vec<Option<T>> {
    let each = entries.iter().enumerate().map(|(place, entry)| {
        wire::add_faults(faults, entry.validate(), || format!("{list}/{place}"));
        let n_before = faults.len();
        parse(entry, &mut Faulty { faults, list, place, n_before })
    });
    each.collect()
}

fn text<'w>(sent: Option<&'w Text<'_>>) -> Option<&'w str> {
    sent.map(Text::as_str)
}

/// A text that was sent and is not empty.
fn told<'w>(sent: Option<&'w Text<'_>>) -> Option<&'w str> {
    text(sent).filter(|text| !text.is_empty())
}

/// Whether one of the texts passes its limit. `validator` tells of it; what holds it is not looked at further, and in
/// no message.
fn is_too_long(texts: &[Option<&Text<'_>>]) -> bool {
    texts.iter().any(|sent| text(*sent).is_some_and(|text| text.len() > wire::MAX_SHORT))
}

const MISSING: &str = "is missing";

impl ContextWire<'_> {
    /// The entry; nothing when something is wrong with it.
    fn parse(&self, door: Door, wrong: &mut Faulty<'_>) -> Option<Installed<'_>> {
        let snap_id = text(self.snap_id.as_ref());
        let draft_key = snap_id.filter(|_| door == Door::Draft);
        let key = text(self.instance_key.as_ref()).or(draft_key);
        let tracking = text(self.tracking_channel.as_ref());
        for (member, is_there) in [
            ("/instance-key", key.is_some()),
            ("/snap-id", snap_id.is_some()),
            ("/revision", self.revision.is_some()),
            ("/tracking-channel", tracking.is_some()),
        ] {
            if !is_there {
                wrong.add(member, MISSING);
            }
        }
        let epoch = epoch(self.epoch.as_ref(), wrong);
        // What validator refused has its fault already; the entry is only left out here.
        let is_left_out = is_too_long(&[self.instance_key.as_ref(), self.snap_id.as_ref()]);
        let revision = self.revision.and_then(|number| Revision::new(number).ok());
        match (key, snap_id, revision, tracking) {
            (Some(key), Some(snap_id), Some(revision), Some(tracking))
                if wrong.is_none() && !is_left_out =>
            {
                let tracking = match tracking {
                    "" => Ok(ChannelName::STABLE),
                    name => ChannelName::parse(name),
                };
                let cohort_key = told(self.cohort_key.as_ref());
                let validation = validation(self.ignore_validation, self.validation_sets.as_ref());
                Some(Installed { key, snap_id, revision, tracking, epoch, cohort_key, validation })
            }
            _ => None,
        }
    }
}

/// What was sent of validation.
fn validation(is_ignored: Option<bool>, sets: Option<&SetsWire<'_>>) -> Validation {
    let sets = sets.map(Items::as_slice).unwrap_or_default();
    Validation { is_ignored, sets: sets.iter().filter_map(SetWire::name).collect() }
}

/// The epoch, if one was sent and is one.
fn epoch(sent: Option<&EpochWire>, wrong: &mut Faulty<'_>) -> Option<Epoch> {
    match sent.map(EpochWire::parse).transpose() {
        Ok(epoch) => epoch,
        Err(rule) => {
            wrong.add("/epoch", rule);
            None
        }
    }
}

impl ActionWire<'_> {
    /// The action; nothing when something is wrong with it.
    fn parse(&self, door: Door, wrong: &mut Faulty<'_>) -> Option<Asked<'_>> {
        let verb = match text(self.action.as_ref()) {
            Some("install") => Some(Verb::Install),
            Some("download") => Some(Verb::Download),
            Some("refresh") => Some(Verb::Refresh),
            Some("refresh-all") => Some(Verb::RefreshAll),
            // A group is no snap's, and read as what it is.
            Some(_) if door == Door::Today && fetch_sent::is_group(self) => return None,
            Some("fetch-assertions") => {
                wrong.add("/action", "fetch-assertions is not served here");
                None
            }
            Some(_) => {
                let words = "is one of install, download, refresh, refresh-all, fetch-assertions";
                wrong.add("/action", words);
                None
            }
            None => {
                wrong.add("/action", MISSING);
                None
            }
        };
        let verb = verb?;
        let name = self.snap_name(door).unwrap_or_else(|rule| {
            wrong.add("/snap-name", rule);
            None
        });
        let mut are_names_read = true;
        if door == Door::Draft {
            for (member, sent) in [("/snap-name", &self.snap_name), ("/tag", &self.tag)] {
                if let Some(fault) = sent.as_ref().and_then(Loose::fault) {
                    wrong.add(member, fault);
                    are_names_read = false;
                }
            }
        }
        let id = told(self.snap_id.as_ref());
        match verb {
            Verb::RefreshAll => {}
            Verb::Refresh if id.is_none() => wrong.add("/snap-id", MISSING),
            _ if id.is_none() && name.is_none() && are_names_read => {
                wrong.add("", "has neither a name nor a snap-id");
            }
            _ => {}
        }
        let draft_key = if verb == Verb::Refresh { id } else { name.or(id) };
        let draft_key = draft_key.filter(|_| door == Door::Draft);
        let key = text(self.instance_key.as_ref()).or(draft_key);
        let key = key.or((verb == Verb::RefreshAll).then_some(""));
        if key.is_none() && door == Door::Today {
            wrong.add("/instance-key", MISSING);
        }
        let epoch = epoch(self.epoch.as_ref(), wrong);
        let is_left_out =
            is_too_long(&[self.instance_key.as_ref(), self.name.as_ref(), self.snap_id.as_ref()]);
        match key {
            Some(key) if wrong.is_none() && !is_left_out => Some(Asked {
                key,
                verb,
                snap: SnapRef { id, name },
                channel: text(self.channel.as_ref()),
                revision: self.revision.and_then(|number| Revision::new(number).ok()),
                epoch,
                cohort_key: told(self.cohort_key.as_ref()),
                validation: validation(self.ignore_validation, self.validation_sets.as_ref()),
            }),
            _ => None,
        }
    }

    /// The name, which the draft may spell in two ways, or the rule that the other spelling breaks.
    fn snap_name(&self, door: Door) -> Result<Option<&str>, &'static str> {
        let name = told(self.name.as_ref());
        let snap_name = self.snap_name.as_ref().filter(|sent| sent.fault().is_none());
        let snap_name = snap_name.and_then(Loose::as_str);
        let snap_name = snap_name.filter(|name| !name.is_empty());
        match (name, snap_name) {
            (name, _) if door == Door::Today => Ok(name),
            (Some(name), Some(other)) if name != other => Err("differs from name"),
            (name, snap_name) => Ok(name.or(snap_name)),
        }
    }
}
