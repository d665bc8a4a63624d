//! Epochs in a document (contract 6.1).

use crate::exchange::numbers::Whole;
use crate::exchange::numbers::within;
use crate::snap::Epoch;
use crate::snap::Epochs;
use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;
use serde::de::Error;
use serde::de::IgnoredAny;
use serde::de::MapAccess;
use serde::de::Visitor;
use std::fmt;

/// An epoch in any form of contract 6.1; written in full.
#[derive(Debug, Clone)]
pub(super) struct EpochForm(pub(super) Epoch);

impl Default for EpochForm {
    fn default() -> Self {
        Self(Epoch::ZERO)
    }
}

impl Serialize for EpochForm {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let lists = [("read", self.0.read().as_slice()), ("write", self.0.write().as_slice())];
        serializer.collect_map(lists)
    }
}

impl<'de> Deserialize<'de> for EpochForm {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(EpochVisitor)
    }
}

struct EpochVisitor;

impl<'de> Visitor<'de> for EpochVisitor {
    type Value = EpochForm;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an epoch: an object of two lists, or a string")
    }

    fn visit_unit<E>(self) -> Result<EpochForm, E> {
        Ok(EpochForm::default())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<EpochForm, E> {
        text.parse().map(EpochForm).map_err(E::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<EpochForm, A::Error> {
        let (mut read, mut write) = (None, None);
        while let Some(member) = members.next_key::<String>()? {
            let side = match member.as_str() {
                "read" => &mut read,
                "write" => &mut write,
                _ => {
                    members.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            let numbers = members.next_value::<Vec<Whole>>()?.into_iter();
            let numbers: Vec<u32> =
                numbers.map(|Whole(number)| within(number)).collect::<Result<_, _>>()?;
            let list = Epochs::new(&numbers).map_err(A::Error::custom)?;
            if side.replace(list).is_some() {
                return Err(A::Error::custom("a list that is given twice"));
            }
        }
        Epoch::of_lists(read, write).map(EpochForm).map_err(A::Error::custom)
    }
}
