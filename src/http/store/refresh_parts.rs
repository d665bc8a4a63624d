//! The parts of a refresh request that are more than texts and numbers.

use crate::http::store::refresh_sent::Door;
use crate::http::store::wire::Body;
use crate::http::store::wire::MAX_SHORT;
use crate::http::store::wire::Plain;
use crate::http::store::wire::Skipped;
use crate::http::store::wire::Text;
use crate::snap::Epoch;
use crate::snap::Epochs;
use crate::snap::Field;
use crate::snap::Fields;
use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;
use serde::de::Error;
use serde::de::MapAccess;
use serde::de::SeqAccess;
use serde::de::Visitor;
use std::cell::RefCell;
use std::fmt;
use validator::ValidateLength;

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

/// The epoch of nearly every snap, as snapd writes it.
const EPOCH_0: &[u8] = br#"{"read":[0],"write":[0]}"#;

impl Plain<'_> for EpochWire {
    fn plain(body: &mut Body<'_>) -> Option<Self> {
        if body.pass(EPOCH_0) {
            let zero = || Some(NumbersWire::One(0));
            return Some(Self { read: zero(), write: zero() });
        }
        let mut epoch = Self::default();
        body.object(|body, name| {
            let list = match name {
                "read" => &mut epoch.read,
                "write" => &mut epoch.write,
                _ => return None,
            };
            let is_again = list.replace(NumbersWire::plain(body)?).is_some();
            (!is_again).then_some(())
        })?;
        Some(epoch)
    }
}

impl EpochWire {
    /// A list that is left out follows from the other one (contract 6.1).
    pub(super) fn parse(&self) -> Result<Epoch, String> {
        // As nearly every one is.
        if let (Some(NumbersWire::One(read)), Some(NumbersWire::One(write))) =
            (&self.read, &self.write)
            && read == write
        {
            return Ok(Epoch::one(*read));
        }
        let list = |numbers: &NumbersWire| {
            Epochs::new(numbers.as_slice()).map_err(|invalid| invalid.to_string())
        };
        let read = self.read.as_ref().map(list).transpose()?;
        let write = self.write.as_ref().map(list).transpose()?;
        Epoch::of_lists(read, write).map_err(|invalid| invalid.to_string())
    }
}

/// A list of epoch numbers: nearly always one. Of many, one more than an epoch takes is kept, to be refused.
#[derive(Debug)]
pub(super) enum NumbersWire {
    None,
    One(u32),
    Many(Vec<u32>),
}

/// One more than the longest list of an epoch (contract 6.2).
const MAX_NUMBERS: usize = 11;

impl NumbersWire {
    fn as_slice(&self) -> &[u32] {
        match self {
            Self::None => &[],
            Self::One(number) => std::slice::from_ref(number),
            Self::Many(numbers) => numbers,
        }
    }
}

/// Longer lists are not of the plain form.
impl Plain<'_> for NumbersWire {
    fn plain(body: &mut Body<'_>) -> Option<Self> {
        let mut numbers = Self::None;
        body.list(|body| {
            let number = u32::plain(body)?;
            match &mut numbers {
                Self::None => numbers = Self::One(number),
                Self::One(first) => numbers = Self::Many(vec![*first, number]),
                Self::Many(numbers) => numbers.push(number),
            }
            (numbers.as_slice().len() <= MAX_NUMBERS).then_some(())
        })?;
        Some(numbers)
    }
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
                let Some(first) = items.next_element()? else { return Ok(NumbersWire::None) };
                let Some(second) = items.next_element()? else {
                    return Ok(NumbersWire::One(first));
                };
                let mut numbers = vec![first, second];
                while let Some(number) = items.next_element()? {
                    if numbers.len() < MAX_NUMBERS {
                        numbers.push(number);
                    }
                }
                Ok(NumbersWire::Many(numbers))
            }
        }
        deserializer.deserialize_seq(NumbersVisitor)
    }
}

/// The names of the fields wanted, as a set; names nobody knows are let go (contract 2.4).
#[derive(Debug, Clone, Default)]
pub(super) struct FieldsWire {
    fields: Fields,
    /// The same names read as the draft spells them.
    draft_fields: Fields,
    n: usize,
}

impl FieldsWire {
    /// The set, by the spelling of the door; `None` when the list was empty.
    pub(super) fn of_door(&self, door: Door) -> Option<Fields> {
        let fields = if door == Door::Draft { self.draft_fields } else { self.fields };
        (self.n > 0).then_some(fields)
    }

    fn add(&mut self, FieldName { today, draft }: FieldName) {
        self.n += 1;
        self.fields.insert_all(today);
        self.draft_fields.insert_all(draft);
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
                while let Some(name) = items.next_element()? {
                    wire.add(name);
                }
                Ok(wire)
            }
        }
        deserializer.deserialize_seq(FieldsVisitor)
    }
}

/// The longest list of fields that is remembered, in bytes; snapd's has about 400.
const MAX_REMEMBERED: usize = 1_024;

thread_local! {
    /// The list that this thread read last, as it stood, and what it says: the snapds of one version, nearly everybody,
    /// send the same one with every request.
    static LAST: RefCell<(Vec<u8>, FieldsWire)> = RefCell::default();
}

impl Plain<'_> for FieldsWire {
    fn plain(body: &mut Body<'_>) -> Option<Self> {
        let known = LAST.with_borrow(|(text, wire)| {
            (!text.is_empty() && body.pass(text)).then(|| wire.clone())
        });
        if known.is_some() {
            return known;
        }
        let rest = body.rest();
        let wire = Self::read(body)?;
        let text = &rest[..rest.len() - body.rest().len()];
        if text.len() <= MAX_REMEMBERED {
            LAST.with_borrow_mut(|(last, said)| {
                last.clear();
                last.extend_from_slice(text);
                *said = wire.clone();
            });
        }
        Some(wire)
    }
}

impl FieldsWire {
    /// Reads a list name by name.
    fn read(body: &mut Body<'_>) -> Option<Self> {
        let mut wire = Self::default();
        body.list(|body| {
            let name = body.text().filter(|name| name.len() <= MAX_SHORT)?;
            wire.add(FieldName::of(name));
            Some(())
        })?;
        Some(wire)
    }
}

/// The name of a field, as both doors read it.
struct FieldName {
    today: Option<Field>,
    draft: Option<Field>,
}

impl FieldName {
    fn of(name: &str) -> Self {
        let today = Field::of_name(name);
        Self { today, draft: today.or_else(|| draft_field(name)) }
    }
}

impl<'de> Deserialize<'de> for FieldName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameVisitor;
        impl Visitor<'_> for NameVisitor {
            type Value = FieldName;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<FieldName, E> {
                if name.len() > MAX_SHORT {
                    return Err(E::custom("takes at most 256 items or bytes"));
                }
                Ok(FieldName::of(name))
            }
        }
        deserializer.deserialize_str(NameVisitor)
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
