//! The part of a refresh body that asks for assertions, as sent (contract 2.3).

use crate::http::store::wire::Body;
use crate::http::store::wire::Items;
use crate::http::store::wire::MAX_SHORT;
use crate::http::store::wire::Plain;
use crate::http::store::wire::Text;
use crate::http::store::wire::wire_object;
use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;
use serde::de::Error;
use serde::de::MapAccess;
use serde::de::Visitor;
use std::fmt;
use validator::Validate;
use validator::ValidateLength;

/// The most assertions of a group; snapd makes groups of what belongs together.
pub(super) const MAX_ASSERTIONS: u64 = 1_000;
/// The most parts of a key; the longest key has five.
const MAX_PARTS: u64 = 8;
/// The most types whose formats are told; there are some twenty.
pub(super) const MAX_FORMATS: u64 = 100;

/// The parts of a key.
pub(super) type KeyWire<'a> = Items<Text<'a>, MAX_PARTS>;

wire_object! {
    /// One assertion of a group.
    #[derive(Validate)]
    pub(super) struct AssertionWire<'a> {
        kind: Text<'a> = "type",
        #[validate(length(max = MAX_PARTS))]
        primary_key: KeyWire<'a> = "primary-key",
        #[validate(length(max = MAX_PARTS))]
        sequence_key: KeyWire<'a> = "sequence-key",
        #[validate(range(min = 0, max = 2_147_483_647))]
        if_newer_than: i64 = "if-newer-than",
        #[validate(range(min = 1, max = 2_147_483_647))]
        sequence: i64 = "sequence",
        #[validate(range(min = 1, max = 2_147_483_647))]
        if_sequence_equal_or_newer_than: i64 = "if-sequence-equal-or-newer-than",
        #[validate(range(min = 0, max = 2_147_483_647))]
        if_sequence_newer_than: i64 = "if-sequence-newer-than",
    }
}

/// The assertion formats a device understands.
#[derive(Debug, Default)]
pub(super) struct FormatsWire<'a> {
    formats: Vec<(Text<'a>, u32)>,
    n: u64,
}

impl<'a> FormatsWire<'a> {
    /// The highest format of that type that is understood; of a type that is not named, the first.
    pub(super) fn of(&self, kind: &str) -> u32 {
        let mut known = self.formats.iter().rev();
        known.find(|(name, _)| name.as_str() == kind).map_or(0, |(_, format)| *format)
    }

    /// Keeps what may be the name of a type.
    fn add(&mut self, name: Text<'a>, format: u32) {
        self.n += 1;
        if self.n <= MAX_FORMATS && name.as_str().len() <= MAX_SHORT {
            self.formats.push((name, format));
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for FormatsWire<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FormatsVisitor;
        impl<'de> Visitor<'de> for FormatsVisitor {
            type Value = FormatsWire<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of whole numbers")
            }

            fn visit_map<A: MapAccess<'de>>(
                self,
                mut members: A,
            ) -> Result<FormatsWire<'de>, A::Error> {
                let mut wire = FormatsWire::default();
                while let Some((name, format)) = members.next_entry::<Text<'de>, u32>()? {
                    if i32::try_from(format).is_err() {
                        return Err(A::Error::custom("a format is a whole number of 31 bits"));
                    }
                    wire.add(name, format);
                }
                Ok(wire)
            }
        }
        deserializer.deserialize_map(FormatsVisitor)
    }
}

impl<'b> Plain<'b> for FormatsWire<'b> {
    fn plain(body: &mut Body<'b>) -> Option<Self> {
        let mut wire = Self::default();
        body.object(|body, name| {
            let format = i32::try_from(body.number()?).ok()?;
            wire.add(Text::borrowed(name), u32::try_from(format).ok()?);
            Some(())
        })?;
        Some(wire)
    }
}

impl ValidateLength<u64> for FormatsWire<'_> {
    fn length(&self) -> Option<u64> {
        Some(self.n)
    }
}

/// `validator` copies a rejected value into its error through this; nothing is what it gets.
impl Serialize for FormatsWire<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}
