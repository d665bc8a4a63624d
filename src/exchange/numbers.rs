//! Numbers in a document: whole ones, which may be written as floats, and the one that travels as a string.

use crate::snap::Revision;
use serde::Deserialize;
use serde::Deserializer;
use serde::Serializer;
use serde::de::Error;
use serde::de::Unexpected;
use serde::de::Visitor;
use std::fmt;

/// A whole number from 0; `12.0` is one, `12.5` and `"12"` are none.
pub(super) struct Whole(pub(super) u64);

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Number;

        impl Visitor<'_> for Number {
            type Value = Whole;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number from 0")
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Whole, E> {
                Ok(Whole(number))
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<Whole, E> {
                // Up to 2^53 every whole number is a float of its own.
                const END: f64 = 9_007_199_254_740_992.0;
                if number.fract() == 0.0 && (0.0..=END).contains(&number) {
                    #[expect(
                        clippy::cast_possible_truncation,
                        clippy::cast_sign_loss,
                        reason = "it is whole and in range"
                    )]
                    return Ok(Whole(number as u64));
                }
                Err(E::invalid_value(Unexpected::Float(number), &self))
            }
        }

        deserializer.deserialize_any(Number)
    }
}

/// The number in a type that may be too small for it.
pub(super) fn within<T: TryFrom<u64>, E: Error>(number: u64) -> Result<T, E> {
    T::try_from(number).map_err(|_| E::custom(format_args!("the number {number} is too large")))
}

/// A whole number.
pub(super) fn whole<'de, D: Deserializer<'de>, T: TryFrom<u64>>(
    deserializer: D,
) -> Result<T, D::Error> {
    within(Whole::deserialize(deserializer)?.0)
}

/// A size in bytes.
pub(super) mod size {
    use super::Whole;
    use crate::snap::FileSize;
    use serde::Deserialize;
    use serde::Deserializer;
    use serde::Serializer;
    use serde::de::Error;

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
    pub(in crate::exchange) fn serialize<S: Serializer>(
        size: &FileSize,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(size.bytes())
    }

    pub(in crate::exchange) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<FileSize, D::Error> {
        let Whole(size) = Whole::deserialize(deserializer)?;
        FileSize::new(size).map_err(D::Error::custom)
    }
}

/// A side of a picture; what is 0 or beyond every screen is unknown.
pub(super) fn pixels<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u16>, D::Error> {
    let side = Option::<Whole>::deserialize(deserializer)?;
    Ok(side.and_then(|Whole(side)| u16::try_from(side).ok()).filter(|side| *side != 0))
}

/// Codec of a revision, which is a number in documents.
pub(super) mod revision {
    use super::Deserialize;
    use super::Deserializer;
    use super::Error;
    use super::Revision;
    use super::Serializer;
    use super::Whole;

    pub(in crate::exchange) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Revision, D::Error> {
        let Whole(number) = Whole::deserialize(deserializer)?;
        Revision::new(i64::try_from(number).unwrap_or(0)).map_err(D::Error::custom)
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
    pub(in crate::exchange) fn serialize<S: Serializer>(
        revision: &Revision,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(revision.number())
    }
}

/// Codec of the number of an integrity format, which travels as a string (contract 3.4).
pub(super) mod decimal {
    use super::Deserialize;
    use super::Deserializer;
    use super::Error;
    use super::Serializer;

    pub(in crate::exchange) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<u32, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse().ok().filter(|_| digits);
        number.ok_or_else(|| D::Error::custom("not a valid version: a string of digits"))
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
    pub(in crate::exchange) fn serialize<S: Serializer>(
        number: &u32,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(number)
    }
}
