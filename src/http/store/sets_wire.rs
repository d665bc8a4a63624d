//! The names of validation sets, as sent (contract 2.1).

use crate::device::SetName;
use crate::http::store::wire::Body;
use crate::http::store::wire::MAX_SHORT;
use crate::http::store::wire::Plain;
use serde::Deserialize;
use serde::Deserializer;
use serde::de::Error;
use serde::de::SeqAccess;
use serde::de::Visitor;
use std::borrow::Cow;
use std::fmt;

/// One more than a name has: of a longer list nothing more is kept.
const MAX_PARTS: usize = 5;

/// The parts of a name, each of at most 256 bytes.
#[derive(Debug, Default)]
pub(super) struct SetWire<'a>(Vec<Cow<'a, str>>);

impl SetWire<'_> {
    /// The name, if it is one. What is none names no set.
    pub(super) fn name(&self) -> Option<SetName> {
        let parts: Vec<&str> = self.0.iter().map(AsRef::as_ref).collect();
        SetName::of_parts(&parts)
    }
}

/// A part.
struct PartWire<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for PartWire<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PartVisitor;
        impl PartVisitor {
            fn check<E: Error>(text: &str) -> Result<(), E> {
                if text.len() > MAX_SHORT {
                    return Err(E::custom("takes at most 256 items or bytes"));
                }
                Ok(())
            }
        }
        impl<'de> Visitor<'de> for PartVisitor {
            type Value = PartWire<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<PartWire<'de>, E> {
                Self::check(text).map(|()| PartWire(Cow::Borrowed(text)))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<PartWire<'de>, E> {
                Self::check(text).map(|()| PartWire(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(PartVisitor)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for SetWire<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct SetVisitor;
        impl<'de> Visitor<'de> for SetVisitor {
            type Value = SetWire<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array of strings")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<SetWire<'de>, A::Error> {
                let mut parts = Vec::new();
                while let Some(PartWire(part)) = items.next_element()? {
                    if parts.len() < MAX_PARTS {
                        parts.push(part);
                    }
                }
                Ok(SetWire(parts))
            }
        }
        deserializer.deserialize_seq(SetVisitor)
    }
}

impl<'b> Plain<'b> for SetWire<'b> {
    fn plain(body: &mut Body<'b>) -> Option<Self> {
        let mut parts = Vec::new();
        body.list(|body| {
            let part = body.text().filter(|part| part.len() <= MAX_SHORT)?;
            if parts.len() < MAX_PARTS {
                parts.push(Cow::Borrowed(part));
            }
            Some(())
        })?;
        Some(Self(parts))
    }
}
