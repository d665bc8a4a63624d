//! The body of a refresh request: as sent, and as what it asks for.

use crate::device::Installed;
use crate::http::store::wire;
use crate::http::store::wire::Items;
use crate::http::store::wire::ShortText;
use crate::http::store::wire::Skipped;
use crate::http::store::wire::Text;
use crate::http::store::wire::wire_object;
use crate::refresh::Asked;
use crate::refresh::Fault;
use crate::refresh::SnapRef;
use crate::refresh::Verb;
use crate::snap::ChannelName;
use crate::snap::Epoch;
use crate::snap::Epochs;
use crate::snap::Field;
use crate::snap::Fields;
use crate::snap::Revision;
use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;
use serde::de::Error;
use serde::de::MapAccess;
use serde::de::SeqAccess;
use serde::de::Visitor;
use std::fmt;
use validator::Validate;
use validator::ValidateLength;

/// The most entries of a context: twice the snaps of the largest installations known.
const MAX_CONTEXT: u64 = 1_000;
/// The most actions; snapd sends at most one for each installed snap.
const MAX_ACTIONS: u64 = 1_000;
/// The most validation sets of an entry, and parts of a set's key (contract 2.1 knows four).
const MAX_SETS: u64 = 100;
const MAX_SET_PARTS: usize = 8;
/// The most names of fields; there are 28.
const MAX_FIELDS: u64 = 200;
/// The longest key, name or id, in bytes; snapd's own keys have at most 76.
const MAX_TEXT: u64 = wire::MAX_SHORT as u64;
/// The longest channel: three parts of at most 128 bytes and two slashes.
const MAX_CHANNEL: u64 = 386;
/// The longest cohort key; ours have 98 bytes.
const MAX_COHORT_KEY: u64 = 1_024;

/// Which of the two doors of contract 2.6 a request came in by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http) enum Door {
    /// `/v2/snaps/refresh`: today's protocol.
    Today,
    /// `/snaps/refresh`: the draft of 2018.
    Draft,
}

wire_object! {
    /// The body (contract section 2).
    #[derive(Validate)]
    pub(super) struct RefreshWire<'a> {
        #[validate(required, length(max = MAX_CONTEXT), nested)]
        context: Items<ContextWire<'a>, { MAX_CONTEXT as usize }> = "context",
        #[validate(required, length(max = MAX_ACTIONS), nested)]
        actions: Items<ActionWire<'a>, { MAX_ACTIONS as usize }> = "actions",
        #[validate(length(max = MAX_FIELDS))]
        fields: FieldsWire = "fields",
        assertion_max_formats: FormatsWire = "assertion-max-formats",
    }
}

wire_object! {
    /// An entry of the context (contract 2.1). What only informs is checked for its type and let go.
    #[derive(Validate)]
    pub(super) struct ContextWire<'a> {
        #[validate(length(max = MAX_TEXT))]
        instance_key: Text<'a> = "instance-key",
        #[validate(required, length(max = MAX_TEXT))]
        snap_id: Text<'a> = "snap-id",
        #[validate(required, range(min = 1, max = 2_147_483_647))]
        revision: i64 = "revision",
        #[validate(required, length(max = MAX_CHANNEL))]
        tracking_channel: Text<'a> = "tracking-channel",
        epoch: EpochWire = "epoch",
        #[validate(length(max = MAX_TEXT))]
        refreshed_date: Text<'a> = "refreshed-date",
        ignore_validation: bool = "ignore-validation",
        #[validate(length(max = MAX_COHORT_KEY))]
        cohort_key: Text<'a> = "cohort-key",
        #[validate(length(max = MAX_SETS))]
        validation_sets: SetsWire<'a> = "validation-sets",
        held: HeldWire<'a> = "held",
    }
}

wire_object! {
    /// An action (contract 2.2).
    #[derive(Validate)]
    pub(super) struct ActionWire<'a> {
        #[validate(required, length(max = MAX_TEXT))]
        action: Text<'a> = "action",
        #[validate(length(max = MAX_TEXT))]
        instance_key: Text<'a> = "instance-key",
        #[validate(length(max = MAX_TEXT))]
        name: Text<'a> = "name",
        #[validate(length(max = MAX_TEXT))]
        snap_name: Text<'a> = "snap-name",
        #[validate(length(max = MAX_TEXT))]
        snap_id: Text<'a> = "snap-id",
        #[validate(length(max = MAX_CHANNEL))]
        channel: Text<'a> = "channel",
        #[validate(range(min = 0, max = 2_147_483_647))]
        revision: i64 = "revision",
        #[validate(length(max = MAX_COHORT_KEY))]
        cohort_key: Text<'a> = "cohort-key",
        ignore_validation: bool = "ignore-validation",
        #[validate(length(max = MAX_SETS))]
        validation_sets: SetsWire<'a> = "validation-sets",
        epoch: EpochWire = "epoch",
        #[validate(length(max = MAX_TEXT))]
        tag: Text<'a> = "tag",
    }
}

wire_object! {
    /// Holds on a snap (contract 2.1): they inform, and change no answer.
    pub(super) struct HeldWire<'a> {
        by: Items<ShortText<'a>, { MAX_SETS as usize }> = "by",
    }
}

/// An epoch (contract 6.1). A list may be left out, but not be `null` (contract 6.2).
#[derive(Debug, Default)]
pub(super) struct EpochWire {
    read: Option<NumbersWire>,
    write: Option<NumbersWire>,
}

impl<'de> Deserialize<'de> for EpochWire {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EpochVisitor;
        impl<'de> Visitor<'de> for EpochVisitor {
            type Value = EpochWire;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<EpochWire, A::Error> {
                let mut epoch = EpochWire::default();
                while let Some(key) = members.next_key::<Text<'de>>()? {
                    let list = match key.as_str() {
                        "read" => &mut epoch.read,
                        "write" => &mut epoch.write,
                        _ => {
                            members.next_value::<Skipped>()?;
                            continue;
                        }
                    };
                    if list.replace(members.next_value()?).is_some() {
                        return Err(A::Error::custom("a list of the epoch twice"));
                    }
                }
                Ok(epoch)
            }
        }
        deserializer.deserialize_map(EpochVisitor)
    }
}

impl EpochWire {
    /// A list that is left out follows from the other one (contract 6.1).
    fn parse(&self) -> Result<Epoch, String> {
        let list = |numbers: &NumbersWire| {
            let kept = numbers.kept.get(..numbers.n).unwrap_or_default();
            Epochs::new(kept).map_err(|invalid| invalid.to_string())
        };
        let read = self.read.as_ref().map(list).transpose()?;
        let write = self.write.as_ref().map(list).transpose()?;
        let epoch = match (read, write) {
            (Some(read), Some(write)) => Epoch::new(read, write),
            (None, Some(write)) => Epoch::new(write, write),
            (Some(read), None) => {
                Epochs::new(&[read.newest()]).and_then(|one| Epoch::new(read, one))
            }
            (None, None) => Ok(Epoch::zero()),
        };
        epoch.map_err(|invalid| invalid.to_string())
    }
}

/// Keys of validation sets (contract 2.1); they corroborate, and change no answer.
type SetsWire<'a> = Items<Items<ShortText<'a>, MAX_SET_PARTS>, { MAX_SETS as usize }>;

/// The assertion formats a device understands (contract 2.3): checked, and kept for nobody yet.
#[derive(Debug, Default)]
pub(super) struct FormatsWire;

impl<'de> Deserialize<'de> for FormatsWire {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FormatsVisitor;
        impl<'de> Visitor<'de> for FormatsVisitor {
            type Value = FormatsWire;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of whole numbers")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut formats: A) -> Result<FormatsWire, A::Error> {
                while formats.next_entry::<Text<'de>, u32>()?.is_some() {}
                Ok(FormatsWire)
            }
        }
        deserializer.deserialize_map(FormatsVisitor)
    }
}

/// A list of epoch numbers: the first ten, and how many there were.
#[derive(Debug, Default)]
pub(super) struct NumbersWire {
    kept: [u32; 10],
    n: usize,
}

impl<'de> Deserialize<'de> for NumbersWire {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumbersVisitor;
        impl<'de> Visitor<'de> for NumbersVisitor {
            type Value = NumbersWire;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array of whole numbers")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<NumbersWire, A::Error> {
                let mut numbers = NumbersWire::default();
                while let Some(number) = items.next_element::<u32>()? {
                    if let Some(kept) = numbers.kept.get_mut(numbers.n) {
                        *kept = number;
                    }
                    numbers.n += 1;
                }
                Ok(numbers)
            }
        }
        deserializer.deserialize_seq(NumbersVisitor)
    }
}

/// The names of the fields wanted, as a set; names nobody knows are let go (contract 2.4).
#[derive(Debug, Default)]
pub(super) struct FieldsWire {
    fields: Fields,
    /// The same names read as the draft spells them.
    draft_fields: Fields,
    n: usize,
}

impl FieldsWire {
    /// The set, by the spelling of the door; `None` when the list was empty.
    fn of_door(&self, door: Door) -> Option<Fields> {
        let fields = if door == Door::Draft { self.draft_fields } else { self.fields };
        (self.n > 0).then_some(fields)
    }
}

impl<'de> Deserialize<'de> for FieldsWire {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FieldsVisitor;
        impl<'de> Visitor<'de> for FieldsVisitor {
            type Value = FieldsWire;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array of strings")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<FieldsWire, A::Error> {
                let mut wire = FieldsWire::default();
                while let Some(name) = items.next_element::<ShortText<'de>>()? {
                    wire.n += 1;
                    match Field::of_name(name.as_str()) {
                        Some(field) => {
                            wire.fields.insert(field);
                            wire.draft_fields.insert(field);
                        }
                        None => {
                            if let Some(field) = draft_field(name.as_str()) {
                                wire.draft_fields.insert(field);
                            }
                        }
                    }
                }
                Ok(wire)
            }
        }
        deserializer.deserialize_seq(FieldsVisitor)
    }
}

/// The field a draft spelling means (contract 2.6).
fn draft_field(name: &str) -> Option<Field> {
    match name {
        "package_name" | "package-name" => Some(Field::Name),
        "support_url" | "support-url" => Some(Field::Contact),
        "content" => Some(Field::Type),
        _ if name.len() <= 32 => Field::of_name(&name.replace('_', "-")),
        _ => None,
    }
}

impl ValidateLength<u64> for FieldsWire {
    fn length(&self) -> Option<u64> {
        Some(self.n as u64)
    }
}

/// `validator` copies a rejected value into its error through this; nothing is what it gets.
impl Serialize for FieldsWire {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}

/// What a body asks for, part by part. `None` stands where a part has a fault.
pub(super) struct Sent<'a> {
    pub(super) context: Vec<Option<Installed<'a>>>,
    pub(super) asked: Vec<Option<Asked<'a>>>,
    /// The fields of each snap object; `None` is no snap object at all (contract 2.4).
    pub(super) fields: Option<Fields>,
}

impl RefreshWire<'_> {
    /// What the body asks for, and everything that is wrong with its parts.
    pub(super) fn parse(&self, door: Door) -> (Sent<'_>, Vec<Fault>) {
        let mut faults = wire::faults(self.validate());
        let context = self.context.as_ref().map(Items::as_slice).unwrap_or_default();
        let actions = self.actions.as_ref().map(Items::as_slice).unwrap_or_default();
        let context = entries("/context", context, &mut faults, |entry| entry.parse(door));
        let asked = entries("/actions", actions, &mut faults, |action| action.parse(door));
        let fields = self.fields.as_ref().map_or(Some(Fields::ALL), |fields| fields.of_door(door));
        (Sent { context, asked, fields }, faults)
    }
}

/// A part's faults: the member, from the entry on, and what is wrong with it.
type Parsed<T> = Result<T, Vec<(&'static str, String)>>;

fn entries<'w, W, T>(
    list: &str,
    entries: &'w [W],
    faults: &mut Vec<Fault>,
    parse: impl Fn(&'w W) -> Parsed<T>,
) -> Vec<Option<T>> {
    let mut parsed = Vec::with_capacity(entries.len());
    for (place, entry) in entries.iter().enumerate() {
        parsed.push(match parse(entry) {
            Ok(value) => Some(value),
            Err(wrong) => {
                faults.extend(wrong.into_iter().map(|(member, message)| Fault {
                    pointer: format!("{list}/{place}{member}"),
                    message,
                }));
                None
            }
        });
    }
    parsed
}

fn text<'w>(text: &'w Option<Text<'_>>) -> Option<&'w str> {
    text.as_ref().map(Text::as_str)
}

/// A text that was sent and is not empty.
fn told<'w>(sent: &'w Option<Text<'_>>) -> Option<&'w str> {
    text(sent).filter(|text| !text.is_empty())
}

const KEY_MISSING: (&str, &str) = ("/instance-key", "is missing");

impl ContextWire<'_> {
    fn parse(&self, door: Door) -> Parsed<Installed<'_>> {
        let mut wrong = Vec::new();
        let snap_id = text(&self.snap_id).unwrap_or_default();
        let draft_key = (door == Door::Draft).then_some(snap_id);
        let key = text(&self.instance_key).or(draft_key);
        if key.is_none() {
            wrong.push((KEY_MISSING.0, KEY_MISSING.1.to_owned()));
        }
        let epoch = self.epoch.as_ref().map(EpochWire::parse).transpose();
        let epoch = epoch.unwrap_or_else(|rule| {
            wrong.push(("/epoch", rule));
            None
        });
        let tracking = match text(&self.tracking_channel).unwrap_or_default() {
            "" => Ok(ChannelName::STABLE),
            name => ChannelName::parse(name),
        };
        // What validator refused has its fault already; the entry is only left out here.
        match (key, Revision::new(self.revision.unwrap_or_default())) {
            (Some(key), Ok(revision)) if wrong.is_empty() => Ok(Installed {
                key,
                snap_id,
                id: snap_id.parse().ok(),
                revision,
                tracking,
                epoch,
                cohort_key: told(&self.cohort_key),
            }),
            _ => Err(wrong),
        }
    }
}

impl ActionWire<'_> {
    fn parse(&self, door: Door) -> Parsed<Asked<'_>> {
        let mut wrong = Vec::new();
        let verb = match text(&self.action) {
            Some("install") => Some(Verb::Install),
            Some("download") => Some(Verb::Download),
            Some("refresh") => Some(Verb::Refresh),
            Some("refresh-all") => Some(Verb::RefreshAll),
            Some("fetch-assertions") => {
                wrong.push(("/action", "fetch-assertions is not served here".to_owned()));
                None
            }
            Some(_) => {
                let words = "is one of install, download, refresh, refresh-all";
                wrong.push(("/action", words.to_owned()));
                None
            }
            None => None,
        };
        let Some(verb) = verb else { return Err(wrong) };
        let name = self.snap_name(door).unwrap_or_else(|fault| {
            wrong.push(fault);
            None
        });
        let id = told(&self.snap_id);
        match verb {
            Verb::RefreshAll => {}
            Verb::Refresh if id.is_none() => wrong.push(("/snap-id", "is missing".to_owned())),
            _ if id.is_none() && name.is_none() => {
                wrong.push(("", "has neither a name nor a snap-id".to_owned()));
            }
            _ => {}
        }
        let draft_key = if verb == Verb::Refresh { id } else { name.or(id) };
        let draft_key = draft_key.filter(|_| door == Door::Draft);
        let key = text(&self.instance_key).or(draft_key);
        let key = key.or((verb == Verb::RefreshAll).then_some(""));
        if key.is_none() && door == Door::Today {
            wrong.push((KEY_MISSING.0, KEY_MISSING.1.to_owned()));
        }
        let epoch = self.epoch.as_ref().map(EpochWire::parse).transpose();
        let epoch = epoch.unwrap_or_else(|rule| {
            wrong.push(("/epoch", rule));
            None
        });
        match key {
            Some(key) if wrong.is_empty() => Ok(Asked {
                key,
                verb,
                snap: SnapRef { id, name },
                channel: text(&self.channel),
                revision: self.revision.and_then(|number| Revision::new(number).ok()),
                epoch,
                cohort_key: told(&self.cohort_key),
            }),
            _ => Err(wrong),
        }
    }

    /// The name, which the draft may spell in two ways.
    fn snap_name(&self, door: Door) -> Result<Option<&str>, (&'static str, String)> {
        let (name, snap_name) = (told(&self.name), told(&self.snap_name));
        match (name, snap_name) {
            (name, _) if door == Door::Today => Ok(name),
            (Some(name), Some(other)) if name != other => {
                Err(("/snap-name", "differs from name".to_owned()))
            }
            (name, snap_name) => Ok(name.or(snap_name)),
        }
    }
}
