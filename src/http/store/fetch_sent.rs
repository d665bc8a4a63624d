//! The groups of assertions that a refresh request asks for: as sent → as meant, each fault with its place.

use crate::backstore::Sequence;
use crate::http::store::fetch_wire::AssertionWire;
use crate::http::store::fetch_wire::KeyWire;
use crate::http::store::refresh_wire::ActionWire;
use crate::http::store::wire::Items;
use crate::http::store::wire::MAX_SHORT;
use crate::http::store::wire::Text;
use crate::refresh::Fault;

/// A group of assertions.
#[derive(Debug)]
pub(super) struct Group<'w> {
    /// What names it; snapd always sends one.
    pub(super) key: Option<&'w str>,
    pub(super) assertions: Vec<AssertionSent<'w>>,
}

/// One assertion that is asked for.
#[derive(Debug)]
pub(super) struct AssertionSent<'w> {
    pub(super) kind: &'w str,
    /// The parts of its key, as sent.
    pub(super) parts: &'w [Text<'w>],
    /// Whether the key leaves out the place in the sequence.
    pub(super) is_sequence_key: bool,
    /// Which place of the sequence.
    pub(super) sequence: Sequence,
    /// The revision that the device has.
    pub(super) has_revision: Option<u32>,
}

impl<'w> Group<'w> {
    /// What an action that stands at that place asks for; what is wrong with it goes to the faults.
    pub(super) fn parse(
        action: &'w ActionWire<'_>,
        place: usize,
        faults: &mut Vec<Fault>,
    ) -> Option<Self> {
        let n_before = faults.len();
        let mut wrong = |member: &str, message: &str| {
            let pointer = format!("/actions/{place}{member}");
            faults.push(Fault { pointer, message: message.to_owned().into() });
        };
        let key = action.key.as_ref().map(Text::as_str);
        let mut assertions = Vec::new();
        match &action.assertions {
            None => wrong("/assertions", "is missing"),
            Some(sent) => {
                for (number, sent) in sent.as_slice().iter().enumerate() {
                    let parsed = parse(sent, |member, message| {
                        wrong(&format!("/assertions/{number}{member}"), message);
                    });
                    assertions.extend(parsed);
                }
            }
        }
        let is_key_told = key.is_none_or(|key| key.len() <= MAX_SHORT);
        (faults.len() == n_before && is_key_told).then_some(Self { key, assertions })
    }
}

fn parse<'w>(
    sent: &'w AssertionWire<'_>,
    mut wrong: impl FnMut(&str, &str),
) -> Option<AssertionSent<'w>> {
    let kind = sent.kind.as_ref().map(Text::as_str);
    match kind {
        None => wrong("/type", "is missing"),
        Some(kind) if kind.len() > MAX_SHORT => wrong("/type", "takes at most 256 items or bytes"),
        Some(_) => {}
    }
    let (member, key) = match (&sent.primary_key, &sent.sequence_key) {
        (Some(key), None) => ("/primary-key", Some(key)),
        (None, Some(key)) => ("/sequence-key", Some(key)),
        (None, None) => {
            wrong("", "has neither a primary-key nor a sequence-key");
            ("", None)
        }
        (Some(_), Some(_)) => {
            wrong("", "has both a primary-key and a sequence-key");
            ("", None)
        }
    };
    let parts = key.map(KeyWire::as_slice).unwrap_or_default();
    for (number, part) in parts.iter().enumerate() {
        if part.as_str().len() > MAX_SHORT {
            wrong(&format!("{member}/{number}"), "takes at most 256 items or bytes");
        }
    }
    // What is out of range has its fault already, and is only left out here.
    let number = |sent: Option<i64>| sent.and_then(|number| u32::try_from(number).ok());
    let sequence = [
        number(sent.sequence).map(Sequence::Exactly),
        number(sent.if_sequence_equal_or_newer_than).map(Sequence::AtLeast),
        number(sent.if_sequence_newer_than).map(Sequence::Behind),
    ];
    let mut sequences = sequence.into_iter().flatten();
    let sequence = sequences.next();
    if sequences.next().is_some() {
        wrong("", "has more than one of the conditions on the sequence");
    }
    let is_sequence_key = sent.sequence_key.is_some();
    if sequence.is_some() && !is_sequence_key {
        wrong("", "has a condition on the sequence and no sequence-key");
    }
    let has_revision = number(sent.if_newer_than);
    let sequence = sequence.unwrap_or(Sequence::Newest);
    Some(AssertionSent { kind: kind?, parts, is_sequence_key, sequence, has_revision })
}

/// Whether an action asks for a group of assertions.
pub(super) fn is_group(action: &ActionWire<'_>) -> bool {
    action.action.as_ref().map(Text::as_str) == Some("fetch-assertions")
}

/// The groups among the actions, each with its place.
pub(super) fn groups<'w, const MAX: u64>(
    actions: Option<&'w Items<ActionWire<'w>, MAX>>,
    faults: &mut Vec<Fault>,
) -> Vec<(usize, Group<'w>)> {
    let actions = actions.map(Items::as_slice).unwrap_or_default();
    let asked = actions.iter().enumerate().filter(|(_, action)| is_group(action));
    let parsed =
        asked.filter_map(|(place, action)| Some((place, Group::parse(action, place, faults)?)));
    parsed.collect()
}
