//! The forms a value may take in a document: `null`, absent and empty all mean unknown.

use crate::snap::Invalid;
use serde::Deserialize;
use serde::Deserializer;
use serde::de::Error;
use serde::de::Visitor;
use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

/// A text that is known, or `None` for `null` and the empty text.
pub(super) fn known<'de, D: Deserializer<'de>, T: FromStr<Err = Invalid>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    struct Text<T>(PhantomData<T>);

    impl<T: FromStr<Err = Invalid>> Visitor<'_> for Text<T> {
        type Value = Option<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string")
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Option<T>, E> {
            if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(E::custom) }
        }

        fn visit_unit<E>(self) -> Result<Option<T>, E> {
            Ok(None)
        }
    }

    deserializer.deserialize_any(Text(PhantomData))
}

/// A list, empty for `null`.
pub(super) fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// The address of a file. It must be said: `null` is a file that only the store that serves it has, and a member that
/// was forgotten is not the same.
pub(super) mod address {
    use crate::snap::Source;
    use crate::snap::Url;
    use serde::Deserialize;
    use serde::Deserializer;
    use serde::Serialize;
    use serde::Serializer;

    pub(in crate::exchange) fn serialize<S: Serializer>(
        source: &Source,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        source.url().serialize(serializer)
    }

    pub(in crate::exchange) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Source, D::Error> {
        Ok(Option::<Url>::deserialize(deserializer)?.into())
    }
}
