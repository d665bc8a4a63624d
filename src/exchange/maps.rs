//! Objects in a document whose keys are data: links and prices.

use crate::snap::Amount;
use crate::snap::Currency;
use crate::snap::Label;
use crate::snap::Line;
use serde::Deserialize;
use serde::Deserializer;
use serde::de::Error;
use serde::de::MapAccess;
use serde::de::SeqAccess;
use serde::de::Visitor;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

/// The lines under one link key: a list, or one on its own. Unknown ones are left out.
struct LinkList(Vec<Line>);

impl<'de> Deserialize<'de> for LinkList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Lines;

        impl<'de> Visitor<'de> for Lines {
            type Value = LinkList;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of strings")
            }

            fn visit_unit<E>(self) -> Result<LinkList, E> {
                Ok(LinkList(Vec::new()))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<LinkList, E> {
                let line: Line = text.parse().map_err(E::custom)?;
                Ok(LinkList(if text.is_empty() { Vec::new() } else { vec![line] }))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<LinkList, A::Error> {
                let mut lines = Vec::new();
                while let Some(line) = items.next_element::<Option<Line>>()? {
                    lines.extend(line.filter(|line| !line.as_str().is_empty()));
                }
                Ok(LinkList(lines))
            }
        }

        deserializer.deserialize_any(Lines)
    }
}

/// An object as a map; `null` is an empty one, a key that comes twice is refused.
struct Unique<K, V>(BTreeMap<K, V>);

impl<'de, K, V> Deserialize<'de> for Unique<K, V>
where
    K: Deserialize<'de> + Ord + fmt::Display,
    V: Deserialize<'de>,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members<K, V>(PhantomData<(K, V)>);

        impl<'de, K, V> Visitor<'de> for Members<K, V>
        where
            K: Deserialize<'de> + Ord + fmt::Display,
            V: Deserialize<'de>,
        {
            type Value = Unique<K, V>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_unit<E>(self) -> Result<Unique<K, V>, E> {
                Ok(Unique(BTreeMap::new()))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
                let mut map = BTreeMap::new();
                while let Some(key) = members.next_key::<K>()? {
                    if map.contains_key(&key) {
                        return Err(A::Error::custom(format_args!("duplicate member `{key}`")));
                    }
                    map.insert(key, members.next_value()?);
                }
                Ok(Unique(map))
            }
        }

        deserializer.deserialize_any(Members(PhantomData))
    }
}

/// Links by key; keys without a link are left out.
pub(super) fn links<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<Label, Vec<Line>>, D::Error> {
    let links = Unique::<Label, LinkList>::deserialize(deserializer)?.0.into_iter();
    Ok(links.map(|(key, list)| (key, list.0)).filter(|(_, list)| !list.is_empty()).collect())
}

/// Prices by currency.
pub(super) fn prices<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<Currency, Amount>, D::Error> {
    Ok(Unique::deserialize(deserializer)?.0)
}
