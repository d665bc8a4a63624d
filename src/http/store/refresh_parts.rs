//! The parts of a refresh request that are more than texts and numbers.

use crate::http::store::refresh_sent::Door;
use crate::http::store::wire::ShortText;
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

impl EpochWire {
    /// A list that is left out follows from the other one (contract 6.1).
    pub(super) fn parse(&self) -> Result<Epoch, String> {
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
                while let Some((_, format)) = formats.next_entry::<Text<'de>, u32>()? {
                    if i32::try_from(format).is_err() {
                        return Err(A::Error::custom("a format is a whole number of 31 bits"));
                    }
                }
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
    pub(super) fn of_door(&self, door: Door) -> Option<Fields> {
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
