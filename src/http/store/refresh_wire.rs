//! The body of a refresh request, as sent.

use crate::http::store::fetch_wire::AssertionWire;
use crate::http::store::fetch_wire::FormatsWire;
use crate::http::store::fetch_wire::MAX_ASSERTIONS;
use crate::http::store::fetch_wire::MAX_FORMATS;
use crate::http::store::refresh_parts::EpochWire;
use crate::http::store::refresh_parts::FieldsWire;
use crate::http::store::sets_wire::SetWire;
use crate::http::store::wire;
use crate::http::store::wire::Counted;
use crate::http::store::wire::Items;
use crate::http::store::wire::Loose;
use crate::http::store::wire::ShortText;
use crate::http::store::wire::Text;
use crate::http::store::wire::TextLength;
use crate::http::store::wire::wire_object;
use validator::Validate;

/// The most entries of a context: twice the snaps of the largest installations known.
const MAX_CONTEXT: u64 = 1_000;
/// The most actions; snapd sends at most one for each installed snap.
const MAX_ACTIONS: u64 = 1_000;
/// The most validation sets of an entry.
const MAX_SETS: u64 = 100;
/// The most names of fields; there are 28.
const MAX_FIELDS: u64 = 200;
/// The longest key, name or id, in bytes; snapd's own keys have at most 76.
const MAX_TEXT: u64 = wire::MAX_SHORT as u64;
/// The longest channel: three parts of at most 128 bytes and two slashes.
const MAX_CHANNEL: u64 = 386;
/// The longest cohort key; ours have 98 bytes.
const MAX_COHORT_KEY: u64 = 1_024;

/// Names of validation sets (contract 2.1).
pub(super) type SetsWire<'a> = Items<SetWire<'a>, MAX_SETS>;

wire_object! {
    /// The body (contract section 2). The entries of its lists are checked one by one, when they are parsed.
    #[derive(Validate)]
    pub(super) struct RefreshWire<'a> {
        #[validate(required, length(max = MAX_CONTEXT))]
        context: Items<ContextWire<'a>, MAX_CONTEXT> = "context",
        #[validate(required, length(max = MAX_ACTIONS))]
        actions: Items<ActionWire<'a>, MAX_ACTIONS> = "actions",
        #[validate(length(max = MAX_FIELDS))]
        fields: FieldsWire = "fields",
        #[validate(length(max = MAX_FORMATS))]
        assertion_max_formats: FormatsWire<'a> = "assertion-max-formats",
    }
}

wire_object! {
    /// An entry of the context (contract 2.1). What only informs is checked for its type and let go. What must be there
    /// is asked for when the entry is parsed.
    #[derive(Validate)]
    pub(super) struct ContextWire<'a> {
        #[validate(length(max = MAX_TEXT))]
        snap_id: Text<'a> = "snap-id",
        #[validate(length(max = MAX_TEXT))]
        instance_key: Text<'a> = "instance-key",
        #[validate(range(min = 1, max = 2_147_483_647))]
        revision: i64 = "revision",
        #[validate(length(max = MAX_CHANNEL))]
        tracking_channel: Text<'a> = "tracking-channel",
        epoch: EpochWire = "epoch",
        #[validate(length(max = MAX_TEXT))]
        refreshed_date: TextLength = "refreshed-date",
        ignore_validation: bool = "ignore-validation",
        #[validate(length(max = MAX_COHORT_KEY))]
        cohort_key: Text<'a> = "cohort-key",
        #[validate(length(max = MAX_SETS))]
        validation_sets: SetsWire<'a> = "validation-sets",
        held: HeldWire<'a> = "held",
    }
}

wire_object! {
    /// An action (contract 2.2). `snap-name` and `tag` are members at the draft door only; `key` and `assertions` are
    /// those of a group of assertions (contract 2.3).
    #[derive(Validate)]
    pub(super) struct ActionWire<'a> {
        #[validate(length(max = MAX_TEXT))]
        action: Text<'a> = "action",
        #[validate(length(max = MAX_TEXT))]
        instance_key: Text<'a> = "instance-key",
        #[validate(length(max = MAX_TEXT))]
        name: Text<'a> = "name",
        snap_name: Loose<'a> = "snap-name",
        #[validate(length(max = MAX_TEXT))]
        snap_id: Text<'a> = "snap-id",
        #[validate(length(max = MAX_CHANNEL))]
        channel: Text<'a> = "channel",
        #[validate(range(min = 0, max = 2_147_483_647))]
        revision: i64 = "revision",
        #[validate(length(max = MAX_COHORT_KEY))]
        cohort_key: Text<'a> = "cohort-key",
        ignore_validation: bool = "ignore-validation",
        #[validate(length(max = MAX_SETS))]
        validation_sets: SetsWire<'a> = "validation-sets",
        epoch: EpochWire = "epoch",
        tag: Loose<'a> = "tag",
        #[validate(length(max = MAX_TEXT))]
        key: Text<'a> = "key",
        #[validate(length(max = MAX_ASSERTIONS), nested)]
        assertions: Items<AssertionWire<'a>, MAX_ASSERTIONS> = "assertions",
    }
}

wire_object! {
    /// Holds on a snap (contract 2.1): they inform, and change no answer.
    pub(super) struct HeldWire<'a> {
        by: Counted<ShortText> = "by",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::store::wire::Body;
    use crate::http::store::wire::Found;
    use crate::http::store::wire::placed;
    use crate::http::store::wire::read;
    use proptest::prelude::*;

    const USUAL: &str = r#"{"context":[{"snap-id":"AAAA","instance-key":"AAAA","revision":7,"tracking-channel":
        "latest/stable","epoch":{"read":[0,1],"write":[1]},"refreshed-date":"2026-11-01T00:00:00Z",
        "ignore-validation":true,"cohort-key":"k","validation-sets":[["16","a","b"]],"held":{"by":["x"]}}],
        "actions":[{"action":"refresh","instance-key":"AAAA","snap-id":"AAAA","channel":"latest/stable","revision":3,
        "name":"a-snap","epoch":{"read":[0],"write":[0]},"tag":"t","snap-name":"a-snap"},
        {"action":"fetch-assertions","key":"g","assertions":[{"type":"validation-set","sequence-key":["16","x"],
        "sequence":2,"if-newer-than":3},{"type":"x","primary-key":[],"if-sequence-newer-than":0}]}],
        "fields":["name","revision","no-field"],"assertion-max-formats":{"snap-declaration":5}}"#;

    fn parsed(text: &str) -> Option<String> {
        serde_json::from_str::<RefreshWire<'_>>(text).ok().map(|wire| format!("{wire:?}"))
    }

    fn short(text: &str) -> Found<String> {
        match Body::new(text).whole::<RefreshWire<'_>>() {
            Found::Plain(wire) => Found::Plain(format!("{wire:?}")),
            Found::CutOff => Found::CutOff,
            Found::Other => Found::Other,
        }
    }

    /// What the parser says of a body that the short way decided on.
    fn check(text: &str) -> Result<(), String> {
        let agree = match short(text) {
            Found::Plain(short) => parsed(text) == Some(short),
            Found::CutOff => {
                serde_json::from_str::<RefreshWire<'_>>(text).is_err_and(|e| e.is_eof())
            }
            Found::Other => true,
        };
        // However the place of a fault is found, it is the same.
        let refused = serde_json::from_str::<RefreshWire<'_>>(text).is_err_and(|e| e.is_data());
        let told = || read::<RefreshWire<'_>>(text.as_bytes()).err();
        let is_told = !refused || told() == placed::<RefreshWire<'_>>(text).err();
        if agree && is_told { Ok(()) } else { Err(text.to_owned()) }
    }

    #[test]
    fn the_usual_body_is_of_the_plain_form_and_the_odd_ones_are_left_to_the_parser() {
        assert!(matches!(short(USUAL), Found::Plain(_)));
        assert_eq!(check(USUAL), Ok(()));
        for (end, _) in USUAL.char_indices() {
            assert_eq!(check(USUAL.get(..end).unwrap()), Ok(()));
        }
        assert!(matches!(short(USUAL.trim_end_matches('}')), Found::CutOff));
        for (usual, odd) in [
            ("\"k\"", "null"),
            ("\"k\"", "\"\\u006b\""),
            ("7", "7.0"),
            ("7", "-7"),
            ("7", "07"),
            ("7", "7777777777777777777"),
            ("\"held\"", "\"unknown\""),
            ("\"name\":", "\"name\":\"b\",\"name\":"),
            ("true", "truth"),
            ("true", "\"true\""),
            ("7", "\"7\""),
            ("7", "[]"),
            ("\"k\"", "{}"),
            ("[0,1]", "[0,true]"),
            ("[[\"16\"", "[[16"),
            ("\"no-field\"", "5"),
            ("5}", "\"5\"}"),
        ] {
            let body = USUAL.replacen(usual, odd, 1);
            assert!(matches!(short(&body), Found::Other), "{odd}");
            assert_eq!(check(&body), Ok(()), "{odd}");
        }
    }

    #[test]
    fn a_list_of_fields_that_is_remembered_answers_for_itself_alone() {
        let lists = ["[]", "[\"name\"]", "[\"name\",\"version\"]", "[ \"name\"]", "[\"version\"]"];
        for before in lists {
            for (list, end) in lists.into_iter().flat_map(|list| [(list, "}"), (list, " }")]) {
                // Whatever was read last, and the same list again.
                assert!(matches!(short(&format!("{{\"fields\":{before}}}")), Found::Plain(_)));
                for _ in 0..2 {
                    let body = format!("{{\"fields\":{list}{end}");
                    assert!(matches!(short(&body), Found::Plain(_)), "{body}");
                    assert_eq!(check(&body), Ok(()), "{body} after {before}");
                }
            }
        }
        let long = format!("{{\"fields\":[{}]}}", ["\"name\""; 200].join(","));
        assert_eq!((check(&long), check(&long)), (Ok(()), Ok(())));
    }

    /// Pieces that bodies are made of, and some that break them.
    fn piece() -> impl Strategy<Value = String> {
        let words = [
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"",
            "\\",
            " ",
            "\n",
            "\t",
            "null",
            "true",
            "false",
            "0",
            "1",
            "-1",
            "1.0",
            "1e2",
            "01",
            "2147483648",
            "9223372036854775808",
            "\"a\"",
            "\"\\n\"",
            "\"ü\"",
            "\u{1}",
            "\u{feff}",
            "\"epoch\":",
            "\"read\":[]",
            "\"revision\":",
            "\"fields\":[]",
            "[0,1,2,3,4,5,6,7,8,9,10,11]",
            "\"name\"",
        ];
        prop::sample::select(words.map(str::to_owned).to_vec())
    }

    const MEMBERS: [&str; 6] = [
        "\"snap-id\":\"AAAA\"",
        "\"instance-key\":\"key\"",
        "\"revision\":7",
        "\"tracking-channel\":\"edge\"",
        "\"epoch\":{\"read\":[0],\"write\":[0]}",
        "\"refreshed-date\":\"2026-11-01T00:00:00Z\"",
    ];

    proptest! {
        /// In whichever order members come, spaced or not, the short way reads them.
        #[test]
        fn members_are_read_in_any_order(
            members in Just(MEMBERS.to_vec()).prop_shuffle(),
            n in 0..=MEMBERS.len(),
            comma in prop::sample::select(vec![",", ", ", "\n,"]),
        ) {
            let body = format!("{{\"context\":[{{{}}}]}}", members[..n].join(comma));
            prop_assert!(matches!(short(&body), Found::Plain(_)));
            prop_assert_eq!(check(&body), Ok(()));
            if let Some(first) = members[..n].first() {
                let twice = format!("{{\"context\":[{{{}{comma}{first}}}]}}", members[..n].join(comma));
                prop_assert!(matches!(short(&twice), Found::Other));
                prop_assert_eq!(check(&twice), Ok(()));
            }
        }

        /// What the short way reads, the parser reads alike. The other way round nothing is promised.
        #[test]
        fn the_short_way_says_what_the_parser_says(
            cuts in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..12, piece()), 0..4),
        ) {
            let mut body = USUAL.to_owned();
            for (place, length, piece) in cuts {
                let places: Vec<usize> = body.char_indices().map(|(at, _)| at).collect();
                if places.is_empty() { break }
                let first = place.index(places.len());
                let end = places.get(first + length).copied().unwrap_or(body.len());
                body.replace_range(places[first]..end, &piece);
            }
            prop_assert_eq!(check(&body), Ok(()));
        }
    }
}
