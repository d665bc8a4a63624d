//! Channels: every text is read as the contract says, and one channel has one short form.

use crate::resolution::place::Place;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use snapwise::snap::Channel;
use snapwise::snap::ChannelName;

/// Words that channels are made of, good and bad.
fn part() -> impl Strategy<Value = String> {
    let known =
        select(vec!["latest", "stable", "candidate", "beta", "edge", "1.x", "", " ", "a\tb", "é"]);
    let sized = (126..131_usize).prop_map(|n| "x".repeat(n));
    prop_oneof![12 => known.prop_map(str::to_owned), 1 => sized, 2 => "\\PC{0,4}", 1 => ".{0,3}"]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_channel_is_read_as_the_contract_says(parts in vec(part(), 1..5)) {
        let text = parts.join("/");
        let expected = Place::read(&text);
        let name = ChannelName::parse(&text).ok();
        prop_assert_eq!(name.is_some(), expected.is_some(), "{:?}", text);
        prop_assert_eq!(text.parse::<Channel>().is_ok(), expected.is_some());
        let (Some(name), Some(expected)) = (name, expected) else { return Ok(()) };
        prop_assert_eq!(name.names_track(), expected.track.is_some());
        prop_assert_eq!(name.to_string(), expected.short());
        let channel = Channel::from(name);
        for spelling in [expected.short(), expected.long(), text.clone()] {
            let again = ChannelName::parse(&spelling).unwrap();
            prop_assert!(again.is_same(name) && name.is_same(again) && again.is_same(channel.name()));
            prop_assert_eq!(&Channel::from(again), &channel);
            prop_assert_eq!(again.to_string(), expected.short(), "the short form is a fixed point");
        }
        prop_assert_eq!(channel.to_string().parse(), Ok(channel));
    }

    #[test]
    fn channels_are_the_same_if_their_long_forms_are(
        one in vec(part(), 1..4),
        other in vec(part(), 1..4),
    ) {
        let (one, other) = (one.join("/"), other.join("/"));
        let (Some(one_place), Some(other_place)) = (Place::read(&one), Place::read(&other)) else {
            return Ok(());
        };
        let is_same = one_place.long() == other_place.long();
        let (one, other) = (ChannelName::parse(&one).unwrap(), ChannelName::parse(&other).unwrap());
        prop_assert_eq!(one.is_same(other), is_same);
        prop_assert_eq!(Channel::from(one) == Channel::from(other), is_same);
    }
}
