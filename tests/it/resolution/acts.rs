//! Requests that may break the rules of contract 2.2: keys twice, strangers, one snap both ways.

use crate::resolution::shelves::NAMES;
use crate::resolution::shelves::id_of;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::Index;

/// Key and snap-id; nothing where the entry itself is at fault.
pub(super) type Entry = Option<(String, String)>;

#[derive(Debug, Clone)]
pub(super) struct Act {
    pub(super) verb: &'static str,
    pub(super) key: String,
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
}

/// Up to 16 entries are looked up in one way, more in another.
pub(super) fn context() -> impl Strategy<Value = Vec<Entry>> {
    let any = prop_oneof![0..4_usize, 15..18_usize, Just(40)];
    any.prop_flat_map(|n| {
        let twice = (0..n.max(1), 0..n.max(1), prop_oneof![2 => Just(false), 1 => Just(true)]);
        let entries = vec((0..NAMES.len(), prop_oneof![40 => Just(true), 1 => Just(false)]), n);
        (entries, twice).prop_map(|(entries, (one, other, is_twice))| {
            let key = |place| if is_twice && place == one { other } else { place };
            let entry = |(place, (snap, is_good))| {
                let entry = (format!("k{}", key(place)), id_of(snap));
                Some(entry).filter(|_| is_good)
            };
            entries.into_iter().enumerate().map(entry).collect()
        })
    })
}

pub(super) fn acts() -> impl Strategy<Value = Vec<(Option<Act>, Index, u8)>> {
    let verb = prop_oneof![
        8 => Just("refresh"),
        2 => Just("install"),
        2 => Just("download"),
    ];
    let snap = || option::of(0..NAMES.len());
    let act = (verb, snap(), 0..NAMES.len()).prop_map(|(verb, by_id, snap)| {
        let name = by_id.is_none() || verb != "refresh" && snap % 2 == 0;
        Act {
            verb,
            key: String::new(),
            id: by_id.or((verb == "refresh").then_some(snap)).map(id_of),
            name: name.then(|| NAMES[snap].to_owned()).filter(|_| verb != "refresh"),
        }
    });
    let many = prop_oneof![0..5_usize, 15..18_usize, Just(30)];
    let act = option::weighted(0.98, act);
    let all = prop_oneof![9 => Just(false), 1 => Just(true)];
    (many, all).prop_flat_map(move |(n, with_all)| {
        let acts = vec((act.clone(), any::<Index>(), 0..30_u8), n);
        (acts, any::<Index>()).prop_map(move |(mut acts, place)| {
            if with_all {
                let all = Act { verb: "refresh-all", key: "all".into(), id: None, name: None };
                acts.insert(place.index(acts.len() + 1), (Some(all), place, 1));
            }
            acts
        })
    })
}

/// Most refreshes are of an entry of the context.
pub(super) fn tied(
    context: &[Entry],
    (place, (act, choice, way)): (usize, (Option<Act>, Index, u8)),
) -> Option<Act> {
    let act = act?;
    let key = if way == 2 { "k0".to_owned() } else { format!("a{place}") };
    let entry = if context.is_empty() { None } else { choice.get(context).clone() };
    match entry {
        Some((key, id)) if act.verb == "refresh" && way > 1 => {
            Some(Act { key, id: Some(id), ..act })
        }
        _ => Some(Act { key, ..act }),
    }
}
