//! Lists of a body.

use crate::http::store::wire::Body;
use crate::http::store::wire::Plain;
use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;
use serde::de::IgnoredAny;
use serde::de::SeqAccess;
use serde::de::Visitor;
use std::fmt;
use validator::Validate;
use validator::ValidateLength;
use validator::ValidationErrors;

/// A list of the body: the first `MAX` items, and how many there were. The others are skipped as they come.
#[derive(Debug, Clone)]
pub(in crate::http::store) struct Items<T, const MAX: u64> {
    kept: Vec<T>,
    n: u64,
}

impl<T, const MAX: u64> Items<T, MAX> {
    /// The items.
    pub(in crate::http::store) fn as_slice(&self) -> &[T] {
        &self.kept
    }
}

impl<'de, T: Deserialize<'de>, const MAX: u64> Deserialize<'de> for Items<T, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ItemsVisitor<T, const MAX: u64>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>, const MAX: u64> Visitor<'de> for ItemsVisitor<T, MAX> {
            type Value = Items<T, MAX>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
                let mut kept = Vec::new();
                while (kept.len() as u64) < MAX {
                    match items.next_element()? {
                        Some(item) => kept.push(item),
                        None => return Ok(Items { n: kept.len() as u64, kept }),
                    }
                }
                let mut n = MAX;
                while items.next_element::<IgnoredAny>()?.is_some() {
                    n += 1;
                }
                Ok(Items { kept, n })
            }
        }
        deserializer.deserialize_seq(ItemsVisitor(std::marker::PhantomData))
    }
}

/// Longer lists are not of the plain form.
impl<'b, T: Plain<'b> + Default, const MAX: u64> Plain<'b> for Items<T, MAX> {
    fn plain(body: &mut Body<'b>) -> Option<Self> {
        let mut kept = Vec::new();
        body.list(|body| {
            kept.push(T::default());
            T::plain_into(body, kept.last_mut()?)?;
            (kept.len() as u64 <= MAX).then_some(())
        })?;
        Some(Self { n: kept.len() as u64, kept })
    }
}

impl<T, const MAX: u64> ValidateLength<u64> for Items<T, MAX> {
    fn length(&self) -> Option<u64> {
        Some(self.n)
    }
}

impl<T: Validate, const MAX: u64> Validate for Items<T, MAX> {
    fn validate(&self) -> Result<(), ValidationErrors> {
        self.kept.validate()
    }
}

/// As for [`Text`](super::Text).
impl<T, const MAX: u64> Serialize for Items<T, MAX> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}

/// A list of the body of which only the length is kept, each item looked at by `T`.
#[derive(Debug)]
pub(in crate::http::store) struct Counted<T> {
    n: u32,
    item: std::marker::PhantomData<T>,
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Counted<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct CountedVisitor<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for CountedVisitor<T> {
            type Value = Counted<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
                let mut n = 0_u32;
                while items.next_element::<T>()?.is_some() {
                    n = n.saturating_add(1);
                }
                Ok(Counted { n, item: self.0 })
            }
        }
        deserializer.deserialize_seq(CountedVisitor(std::marker::PhantomData))
    }
}

impl<'b, T: Plain<'b>> Plain<'b> for Counted<T> {
    fn plain(body: &mut Body<'b>) -> Option<Self> {
        let mut n = 0_u32;
        body.list(|body| {
            n = n.saturating_add(1);
            T::plain(body).map(drop)
        })?;
        Some(Self { n, item: std::marker::PhantomData })
    }
}

impl<T> ValidateLength<u64> for Counted<T> {
    fn length(&self) -> Option<u64> {
        Some(self.n.into())
    }
}

/// As for [`Text`](super::Text).
impl<T> Serialize for Counted<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}
