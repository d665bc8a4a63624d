//! The words of the store: what is written can be read again, there is one way to write it, and nothing that comes in
//! makes a parser stumble.

use crate::resolution::place::Place;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use snapwise::device::Cohort;
use snapwise::device::CohortSecrets;
use snapwise::snap::Amount;
use snapwise::snap::Architecture;
use snapwise::snap::Channel;
use snapwise::snap::Epoch;
use snapwise::snap::Epochs;
use snapwise::snap::Instant;
use snapwise::snap::Revision;
use snapwise::snap::Sha3;
use snapwise::snap::SnapId;
use snapwise::snap::SnapName;
use std::collections::BTreeSet;
use std::fmt::Debug;
use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

/// A text is read if and only if it is valid, and then means itself.
fn check<T: FromStr + Display>(text: &str, is_valid: bool) {
    let read = text.parse::<T>().ok().map(|value| value.to_string());
    assert_eq!(read, is_valid.then(|| text.to_owned()), "{text:?}");
}

/// What is written is read as the same value.
fn returns<T: FromStr + Display + PartialEq + Debug>(value: &T) {
    assert_eq!(value.to_string().parse().ok().as_ref(), Some(value));
}

fn is_name(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let is_part = |part: &&str| {
        !part.is_empty()
            && part.chars().all(|char| char.is_ascii_digit() || char.is_ascii_lowercase())
    };
    let letters = text.chars().filter(char::is_ascii_lowercase).count();
    (2..=40).contains(&text.chars().count()) && parts.iter().all(is_part) && letters > 0
}

fn is_architecture(text: &str) -> bool {
    let plain = |char: char| char.is_ascii_digit() || char.is_ascii_lowercase() || char == '-';
    let begins = text.chars().next().is_some_and(|first| first.is_ascii_lowercase());
    begins && text.chars().count() <= 15 && text.chars().all(plain)
}

fn is_amount(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    let digits = |part: &str, most| {
        (1..=most).contains(&part.chars().count()) && part.chars().all(|char| char.is_ascii_digit())
    };
    match parts.as_slice() {
        [whole] => digits(whole, 9),
        [whole, part] => digits(whole, 9) && digits(part, 6),
        _ => false,
    }
}

/// Contract 6.2, word by word.
fn is_epoch(read: &[u32], write: &[u32]) -> bool {
    let is_list = |list: &[u32]| {
        let increases = (1..list.len()).all(|place| list[place - 1] < list[place]);
        !list.is_empty() && list.len() <= 10 && increases
    };
    is_list(read) && is_list(write) && read.iter().any(|number| write.contains(number))
}

fn epoch(read: &[u32], write: &[u32]) -> Option<Epoch> {
    Epoch::new(Epochs::new(read).ok()?, Epochs::new(write).ok()?).ok()
}

fn numbers() -> impl Strategy<Value = Vec<u32>> {
    let number = prop_oneof![8 => 0..14_u32, 1 => Just(u32::MAX), 1 => any::<u32>()];
    let listed = vec(number, 0..13);
    (listed, prop_oneof![1 => Just(false), 5 => Just(true)]).prop_map(|(listed, in_order)| {
        if in_order {
            listed.into_iter().collect::<BTreeSet<_>>().into_iter().collect()
        } else {
            listed
        }
    })
}

fn instants() -> impl Strategy<Value = Instant> {
    let last = Instant::EPOCH.plus(Duration::MAX).microseconds();
    let any = prop_oneof![8 => 0..=last, 1 => Just(0), 1 => Just(last)];
    any.prop_map(|microseconds| Instant::from_microseconds(microseconds).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_a_parser_stumble(text in "\\PC{0,30}|.{0,20}") {
        prop_assert_eq!(text.parse::<Channel>().is_ok(), Place::read(&text).is_some());
        check::<SnapName>(&text, is_name(&text));
        check::<Architecture>(&text, is_architecture(&text));
        check::<Amount>(&text, is_amount(&text));
        check::<SnapId>(&text, false);
        check::<Sha3>(&text, false);
        prop_assert!(text.parse::<Instant>().is_err());
        prop_assert!(CohortSecrets::new([&b"one"[..]]).open(&text).is_err());
    }

    #[test]
    fn names_ids_and_amounts_are_read_as_written(
        name in "[a-z0-9-]{1,42}|[a-z0-9]{1,3}-?[a-z0-9_A]{1,3}",
        architecture in "[a-z0-9-]{0,17}",
        amount in "[0-9]{0,10}\\.?[0-9]{0,7}|[0-9.]{0,5}",
        id in "[A-Za-z0-9]{31,33}|[A-Za-z0-9é_-]{30,32}",
    ) {
        check::<SnapName>(&name, is_name(&name));
        check::<Architecture>(&architecture, is_architecture(&architecture));
        check::<Amount>(&amount, is_amount(&amount));
        let is_id = id.chars().count() == 32 && id.chars().all(|char| char.is_ascii_alphanumeric());
        check::<SnapId>(&id, is_id);
    }

    #[test]
    fn architectures_and_names_are_ordered_like_their_texts(one in "[a-z0-9]{1,4}a", other in "[a-z0-9]{1,4}a") {
        let as_names = one.parse::<SnapName>().unwrap().cmp(&other.parse().unwrap());
        prop_assert_eq!(as_names, one.cmp(&other));
        if let (Ok(first), Ok(second)) = (one.parse::<Architecture>(), other.parse::<Architecture>()) {
            prop_assert_eq!(first.cmp(&second), one.cmp(&other));
        }
    }

    #[test]
    fn a_revision_is_a_number_that_postgres_can_hold(number in prop_oneof![any::<i64>(), -3..9_i64, 2_147_483_640..2_147_483_655_i64]) {
        let is_valid = (1..=2_147_483_647).contains(&number);
        prop_assert_eq!(Revision::new(number).ok().map(|one| i64::from(one.number())), is_valid.then_some(number));
        check::<Revision>(&number.to_string(), is_valid);
    }

    #[test]
    fn an_epoch_is_valid_as_the_contract_says(lists in [numbers(), numbers(), numbers(), numbers()]) {
        let [read, write, other_read, other_write] = &lists;
        let one = epoch(read, write);
        prop_assert_eq!(one.is_some(), is_epoch(read, write));
        let Some(one) = one else { return Ok(()) };
        prop_assert_eq!((one.read().as_slice(), one.write().as_slice()), (read.as_slice(), write.as_slice()));
        prop_assert_eq!(Some(&one.write().newest()), write.iter().max());
        prop_assert!(one.can_read(&one), "every revision can read what it writes");
        let Some(other) = epoch(other_read, other_write) else { return Ok(()) };
        prop_assert_eq!(one.can_read(&other), read.iter().any(|number| other_write.contains(number)));
        prop_assert_eq!(other.can_read(&one), other_read.iter().any(|number| write.contains(number)));
        prop_assert_eq!(one == other, (read, write) == (other_read, other_write));
    }

    #[test]
    fn short_epochs_unfold(number in prop_oneof![0..4_u32, any::<u32>()]) {
        let plain: Epoch = number.to_string().parse().unwrap();
        prop_assert_eq!(Some(plain), epoch(&[number], &[number]));
        let star = format!("{number}*").parse::<Epoch>().ok();
        prop_assert_eq!(star, number.checked_sub(1).and_then(|before| epoch(&[before, number], &[number])));
        let padded = format!("0{number}");
        prop_assert!(padded.parse::<Epoch>().is_err());
    }

    #[test]
    fn an_instant_and_a_digest_are_read_as_written(instant in instants(), bytes in vec(any::<u8>(), 48)) {
        returns(&instant);
        let text = instant.to_string();
        prop_assert_eq!(text.len(), 32);
        prop_assert!(text.ends_with("+00:00"));
        prop_assert_eq!(Instant::from_microseconds(instant.microseconds()), Ok(instant));
        let digest = Sha3::new(bytes.try_into().unwrap());
        returns(&digest);
        let text = digest.to_string();
        prop_assert_eq!((text.len(), text.to_lowercase()), (96, text.clone()));
        prop_assert_eq!(text.to_uppercase().parse::<Sha3>().is_ok(), !text.contains(char::is_alphabetic));
    }

    #[test]
    fn instants_are_ordered_like_their_texts(one in instants(), other in instants()) {
        prop_assert_eq!(one.cmp(&other), one.to_string().cmp(&other.to_string()));
        let later = u64::try_from(one.microseconds() - other.microseconds()).unwrap_or(0);
        prop_assert_eq!(one.since(other), Duration::from_micros(later));
    }

    #[test]
    fn a_cohort_key_opens_to_its_cohort_and_no_bit_of_it_may_change(
        id in "[A-Za-z0-9]{32}",
        created_at in instants(),
        secret in vec(any::<u8>(), 0..80),
        (place, bit) in (any::<Index>(), 0..7_u8),
    ) {
        let cohort = Cohort { snap: id.parse().unwrap(), created_at };
        let secrets = CohortSecrets::new([secret.as_slice(), b"another"]);
        let key = secrets.key(&cohort).unwrap();
        prop_assert_eq!(secrets.open(&key), Ok(cohort));
        prop_assert_eq!(CohortSecrets::new([&b"another"[..], &secret]).open(&key), Ok(cohort));
        prop_assert!(CohortSecrets::new([&b"another"[..]]).open(&key).is_err());
        let mut bytes = key.clone().into_bytes();
        bytes[place.index(key.len())] ^= 1 << bit;
        prop_assert!(secrets.open(&String::from_utf8(bytes).unwrap()).is_err());
        prop_assert!(secrets.open(key.get(..place.index(key.len())).unwrap()).is_err());
    }

    #[test]
    fn a_cohort_sees_the_start_of_its_window(created_at in instants(), now in instants()) {
        let snap = "Nn4Qw8Er2Ty6Ui0Op3As7Df1Gh5Jk9Lz".parse().unwrap();
        let sees = Cohort { snap, created_at }.sees(now);
        let window = 90 * 24 * 60 * 60 * 1_000_000;
        if now < created_at {
            prop_assert_eq!(sees, created_at);
        } else {
            let since = sees.microseconds() - created_at.microseconds();
            prop_assert_eq!(since % window, 0);
            prop_assert!(sees <= now && now.microseconds() - sees.microseconds() < window);
        }
    }
}
