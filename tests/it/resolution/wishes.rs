//! Random requests about the snaps of [`super::shelves`].

use crate::resolution::place::Place;
use crate::resolution::requests::Held;
use crate::resolution::requests::Key;
use crate::resolution::requests::Request;
use crate::resolution::requests::Wish;
use crate::resolution::shelves::EPOCHS;
use crate::resolution::shelves::NAMES;
use crate::resolution::shelves::epoch_of;
use crate::resolution::shelves::id_of;
use crate::resolution::shelves::text;
use crate::resolution::shelves::tick;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::sample::select;
use snapwise::device::Cohort;
use snapwise::device::CohortSecrets;
use snapwise::snap::Epoch;

/// Requests of up to eight actions.
pub(super) fn requests() -> impl Strategy<Value = Request> {
    let device = (
        prop_oneof![4 => Just("amd64"), 2 => Just("arm64"), 1 => Just("riscv64")],
        prop_oneof![3 => Just(None), 1 => select(vec![Some("acme"), Some("lab"), Some("ubuntu")])],
        any::<bool>(),
        select(vec!["", "xdelta3", "snap-1-1-xdelta3, xdelta3", "xdelta3,,xdelta3 ,none", " , "]),
    );
    let actions = vec((wish(), any::<Index>(), 0..8_u8), 0..9);
    // Keys are opaque: whatever stands in them comes back.
    let odd = prop_oneof!["", "(\\PC|[\\x00-\\x1f\"\\\\/\\x7f]){1,40}"];
    let all = (device, 0..30_i64, vec(held(), 0..5), actions, odd);
    all.prop_map(|(device, now, context, actions, odd)| {
        let (architecture, store, default_tracks, formats) = device;
        let mut context: Vec<Held> = context;
        for (place, held) in context.iter_mut().enumerate() {
            held.key = format!("{odd}k{place}");
        }
        let actions = actions.into_iter().enumerate().map(|(place, (wish, choice, way))| {
            let held = (!context.is_empty()).then(|| choice.get(&context));
            tied(wish, (&odd, place), held, way)
        });
        let mut actions: Vec<Wish> = actions.collect();
        part_installs_from_refreshes(&mut actions);
        let now = tick(now);
        Request { architecture, store, default_tracks, formats, now, context, actions }
    })
}

/// Ties an action to its entry of the context, if it is a refresh, and gives it its key.
fn tied(wish: Wish, (odd, place): (&str, usize), held: Option<&Held>, way: u8) -> Wish {
    let key = if way == 0 { "twice".to_owned() } else { format!("{odd}a{place}") };
    match held {
        Some(held) if wish.verb == "refresh" => {
            // Newer clients repeat the channel they track, in whatever spelling.
            let tracked = match way {
                0 | 1 => Some(held.tracking.clone()),
                2 | 3 => Place::read(&held.tracking).map(|place| place.long()),
                _ => wish.channel,
            };
            let name = wish.name.filter(|_| way == 4);
            let id = Some(held.id.clone());
            Wish { key: held.key.clone(), name, id, channel: tracked, epoch: None, ..wish }
        }
        _ if wish.verb == "refresh" => Wish { key, verb: "download", ..wish },
        _ => Wish { key, ..wish },
    }
}

/// To install what is also refreshed would spoil the whole request (contract 2.2).
pub(super) fn part_installs_from_refreshes(actions: &mut [Wish]) {
    let refreshed: Vec<String> = actions
        .iter()
        .filter(|wish| wish.verb == "refresh")
        .filter_map(|wish| wish.id.clone())
        .collect();
    for wish in actions.iter_mut().filter(|wish| wish.verb == "install") {
        let by_name = NAMES.iter().position(|name| wish.name.as_deref() == Some(name));
        let ids = [wish.id.clone(), by_name.map(id_of)];
        if ids.into_iter().flatten().any(|id| refreshed.contains(&id)) {
            wish.verb = "download";
        }
    }
}

fn held() -> impl Strategy<Value = Held> {
    let tracking = prop_oneof![1 => Just(String::new()), 12 => channel()];
    (snap(), 1..10_i64, tracking, epoch(), key()).prop_map(
        |(number, revision, tracking, epoch, cohort)| Held {
            key: String::new(),
            id: id_of(number),
            revision,
            tracking,
            epoch,
            cohort,
        },
    )
}

fn wish() -> impl Strategy<Value = Wish> {
    let verb = select(vec!["install", "download", "refresh", "refresh", "refresh"]);
    let by_name = (snap().prop_map(|number| Some(NAMES[number].to_owned())), Just(None));
    let by_id = (Just(None), snap().prop_map(|number| Some(id_of(number))));
    let by_both = (
        snap().prop_map(|number| Some(NAMES[number].to_owned())),
        snap().prop_map(|number| Some(id_of(number))),
    );
    let junk = (Just(Some("No Name".to_owned())), option::of(Just("no id".to_owned())));
    let snap = prop_oneof![8 => by_name, 2 => by_id, 2 => by_both, 1 => junk];
    let revision = option::weighted(0.35, prop_oneof![9 => 1..9_i64, 1 => Just(99)]);
    (verb, snap, option::of(channel()), revision, epoch(), key()).prop_map(
        |(verb, (name, id), channel, revision, epoch, cohort)| Wish {
            key: String::new(),
            verb,
            name,
            id,
            channel,
            revision,
            epoch,
            cohort,
        },
    )
}

/// The number of a snap, seldom of the one that is not there.
fn snap() -> impl Strategy<Value = usize> {
    prop_oneof![12 => 0..NAMES.len() - 1, 1 => Just(NAMES.len() - 1)]
}

fn epoch() -> impl Strategy<Value = Option<Epoch>> {
    let known = select(EPOCHS.to_vec()).prop_map(|lists| Some(epoch_of(lists)));
    let unread = Just(Some(epoch_of((&[7], &[7]))));
    prop_oneof![4 => Just(None), 4 => known, 1 => unread]
}

/// Channels in every spelling, and a few texts that are none.
fn channel() -> impl Strategy<Value = String> {
    let track = select(vec!["", "", "", "latest/", "latest/", "1.x/", "2.x/", "9.9/"]);
    let risk = select(vec!["stable", "candidate", "beta", "edge"]);
    let branch = prop_oneof![4 => Just(""), 1 => Just("/fix"), 1 => Just("/hot"), 1 => Just("/no")];
    let full =
        (track, risk, branch).prop_map(|(track, risk, branch)| format!("{track}{risk}{branch}"));
    let short = select(vec!["latest", "1.x", "2.x", "9.9"]).prop_map(str::to_owned);
    let junk = select(vec!["", "1.x/cand", "a/b/c/d", "/stable", "stable/", "a b", "edge/beta/x"]);
    prop_oneof![20 => full, 3 => short, 1 => junk.prop_map(str::to_owned)]
}

fn key() -> impl Strategy<Value = Option<Key>> {
    let signed = |secret: &'static [u8]| {
        (snap(), -1..30_i64).prop_map(move |(number, made)| {
            let (id, created_at) = (id_of(number), tick(made));
            let cohort = Cohort { snap: text(&id), created_at };
            let text = CohortSecrets::new([secret]).key(&cohort).unwrap();
            Key { text, made: (secret != &b"foreign"[..]).then_some((id, created_at)) }
        })
    };
    let garbage = Just(Key { text: "garbage".to_owned(), made: None });
    let any = prop_oneof![
        10 => signed(b"new secret"),
        5 => signed(b"old secret"),
        1 => signed(b"foreign"),
        1 => garbage,
    ];
    option::weighted(0.25, any)
}
