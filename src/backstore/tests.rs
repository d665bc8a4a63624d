//! What is found, against looking through everything.

use super::*;
use crate::assertion::Identity;
use crate::assertion::Kind;
use bytes::Bytes;
use proptest::prelude::*;

fn key(name: &str) -> Key {
    Key::new(Kind::of_name("validation-set").unwrap(), ["16", "ann", name]).unwrap()
}

type Stored = (usize, u32, u32, u32);

const NAMES: [&str; 3] = ["a", "b", "c"];

fn put(builder: &mut BackstoreBuilder, (name, sequence, format, revision): Stored) {
    let identity = Identity { key: key(NAMES[name]), sequence, format, revision };
    builder.put(&identity, Bytes::from(identity.to_string()));
}

fn built(stored: &[Stored]) -> Backstore {
    let mut builder = BackstoreBuilder::default();
    for one in stored {
        put(&mut builder, *one);
    }
    builder.finish()
}

fn sequence() -> impl Strategy<Value = Sequence> {
    prop_oneof![
        Just(Sequence::Newest),
        (0_u32..5).prop_map(Sequence::Exactly),
        (0_u32..5).prop_map(Sequence::AtLeast),
        (0_u32..5).prop_map(Sequence::Behind),
    ]
}

proptest! {
    #[test]
    fn what_is_found_is_the_newest_of_what_is_wanted(
        stored in prop::collection::vec((0_usize..3, 1_u32..5, 0_u32..4, 0_u32..4), 0..20),
        cut in 0_usize..20,
        (name, sequence, max_format) in (0_usize..3, sequence(), prop::option::of(0_u32..4)),
    ) {
        let (before, after) = stored.split_at(cut.min(stored.len()));
        let earlier = built(before);
        let mut builder = BackstoreBuilder::from(&earlier);
        for one in after {
            put(&mut builder, *one);
        }
        let later = builder.finish();
        let wanted = Wanted { sequence, max_format };
        for (backstore, stored) in [(&earlier, before), (&later, &stored[..])] {
            let fits = |(of, number, format, _): &&Stored| {
                let is_in_place = match sequence {
                    Sequence::Newest => true,
                    Sequence::Exactly(n) => *number == n,
                    Sequence::AtLeast(n) => *number >= n,
                    Sequence::Behind(n) => *number > n,
                };
                *of == name && is_in_place && max_format.is_none_or(|max| *format <= max)
            };
            let expected = stored.iter().filter(fits).map(|(_, n, format, revision)| (*n, *revision, *format)).max();
            let found = backstore.find(&key(NAMES[name]), wanted);
            let told = found.map(|held| (held.sequence, held.revision, held.format));
            prop_assert_eq!(told, expected);
            prop_assert_eq!(backstore.find_named(key(NAMES[name]).id(), wanted), found);
            prop_assert_eq!(backstore.knows(&key(NAMES[name])), stored.iter().any(|one| one.0 == name));
        }
    }
}

#[test]
fn what_did_not_change_is_shared() {
    let earlier = built(&[(0, 1, 0, 0), (1, 1, 0, 0), (2, 1, 0, 0)]);
    let mut builder = BackstoreBuilder::from(&earlier);
    put(&mut builder, (0, 1, 0, 1));
    let later = builder.finish();
    let n_other =
        earlier.parts.iter().zip(&later.parts).filter(|(a, b)| !Arc::ptr_eq(a, b)).count();
    assert_eq!((n_other, later.n_held()), (1, 3));
}
