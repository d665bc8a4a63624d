//! What may be a text or anything else.

use crate::http::store::wire::Body;
use crate::http::store::wire::MAX_SHORT;
use crate::http::store::wire::Plain;
use crate::http::store::wire::Skipped;
use crate::http::store::wire::Text;
use serde::Deserialize;
use serde::Deserializer;
use serde::de::MapAccess;
use serde::de::SeqAccess;
use serde::de::Visitor;
use std::fmt;

/// A value that one door takes for a text, and the other does not know.
#[derive(Debug)]
pub(in crate::http::store) enum Loose<'a> {
    /// A text.
    Text(Text<'a>),
    /// Anything else.
    Other,
}

impl Loose<'_> {
    /// The text, if it is one.
    pub(in crate::http::store) fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text.as_str()),
            Self::Other => None,
        }
    }

    /// What is wrong with it, where it is known.
    pub(in crate::http::store) fn fault(&self) -> Option<&'static str> {
        match self {
            Self::Text(text) if text.as_str().len() > MAX_SHORT => {
                Some("takes at most 256 items or bytes")
            }
            Self::Text(_) => None,
            Self::Other => Some("expected a string"),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Loose<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct LooseVisitor;
        impl<'de> Visitor<'de> for LooseVisitor {
            type Value = Loose<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any value")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Loose<'de>, E> {
                Ok(Loose::Text(Text::borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Loose<'de>, E> {
                Ok(Loose::Text(Text::owned(text)))
            }

            fn visit_bool<E>(self, _: bool) -> Result<Loose<'de>, E> {
                Ok(Loose::Other)
            }

            fn visit_i64<E>(self, _: i64) -> Result<Loose<'de>, E> {
                Ok(Loose::Other)
            }

            fn visit_u64<E>(self, _: u64) -> Result<Loose<'de>, E> {
                Ok(Loose::Other)
            }

            fn visit_f64<E>(self, _: f64) -> Result<Loose<'de>, E> {
                Ok(Loose::Other)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Loose<'de>, A::Error> {
                while items.next_element::<Skipped>()?.is_some() {}
                Ok(Loose::Other)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Loose<'de>, A::Error> {
                while members.next_entry::<Skipped, Skipped>()?.is_some() {}
                Ok(Loose::Other)
            }
        }
        deserializer.deserialize_any(LooseVisitor)
    }
}

impl<'b> Plain<'b> for Loose<'b> {
    fn plain(body: &mut Body<'b>) -> Option<Self> {
        body.text().map(|text| Self::Text(Text::borrowed(text)))
    }
}
