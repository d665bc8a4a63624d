//! Texts of a body.

use crate::http::store::wire::Body;
use crate::http::store::wire::Plain;
use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;
use serde::de::Error;
use serde::de::Visitor;
use std::borrow::Cow;
use std::fmt;
use validator::ValidateLength;

/// A text of the body, borrowed from it unless it holds escapes. Its length is told in bytes.
#[derive(Debug, Default, Clone)]
pub(in crate::http::store) struct Text<'a>(Cow<'a, str>);

impl<'a> Text<'a> {
    /// A text as it stands in the body.
    pub(in crate::http::store) fn borrowed(text: &'a str) -> Self {
        Self(Cow::Borrowed(text))
    }

    /// The text.
    pub(in crate::http::store) fn as_str(&self) -> &str {
        &self.0
    }

    /// A text that held escapes.
    pub(super) fn owned(text: &str) -> Self {
        Self(Cow::Owned(text.to_owned()))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text::borrowed(text))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text::owned(text))
            }
        }
        deserializer.deserialize_str(TextVisitor)
    }
}

impl<'b> Plain<'b> for Text<'b> {
    fn plain(body: &mut Body<'b>) -> Option<Self> {
        body.text().map(Text::borrowed)
    }
}

impl ValidateLength<u64> for Text<'_> {
    fn length(&self) -> Option<u64> {
        Some(self.0.len() as u64)
    }
}

/// `validator` copies a rejected value into its error through this; nothing is what it gets.
impl Serialize for Text<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}

/// A text of which only the length is kept.
#[derive(Debug, Clone, Copy)]
pub(in crate::http::store) struct TextLength(u32);

impl<'de> Deserialize<'de> for TextLength {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Text::deserialize(deserializer)?;
        Ok(Self(u32::try_from(text.as_str().len()).unwrap_or(u32::MAX)))
    }
}

impl Plain<'_> for TextLength {
    fn plain(body: &mut Body<'_>) -> Option<Self> {
        Some(Self(body.text()?.len().try_into().unwrap_or(u32::MAX)))
    }
}

impl ValidateLength<u64> for TextLength {
    fn length(&self) -> Option<u64> {
        Some(self.0.into())
    }
}

/// As for [`Text`].
impl Serialize for TextLength {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}

/// The longest [`ShortText`], in bytes.
pub(in crate::http::store) const MAX_SHORT: usize = 256;

/// A text of at most 256 bytes, for places that no fault can name one by one. Nothing of it is kept.
#[derive(Debug, Clone, Copy)]
pub(in crate::http::store) struct ShortText;

impl<'de> Deserialize<'de> for ShortText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if Text::deserialize(deserializer)?.as_str().len() > MAX_SHORT {
            return Err(D::Error::custom("takes at most 256 items or bytes"));
        }
        Ok(Self)
    }
}

impl Plain<'_> for ShortText {
    fn plain(body: &mut Body<'_>) -> Option<Self> {
        (body.text()?.len() <= MAX_SHORT).then_some(Self)
    }
}
