//! What credentials promise: they open with our secrets, nothing widens them, and no bit of them can change.

use super::*;
use crate::credentials::grant::Freshness;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;

fn lifetime() -> Lifetime {
    Lifetime {
        now: "2026-11-21T00:00:00Z".parse().unwrap(),
        soft: Some(Duration::from_hours(24)),
        hard: Duration::from_hours(7 * 24),
    }
}

fn secrets() -> CredentialSecrets {
    CredentialSecrets::new([&b"one"[..], b"two"])
}

fn snap(letter: &str) -> SnapId {
    letter.repeat(32).parse().unwrap()
}

fn ann() -> Label {
    "ann".parse().unwrap()
}

fn device() -> DeviceDigest {
    DeviceDigest::new("acme", "box", "7")
}

fn session(secrets: &CredentialSecrets) -> String {
    secrets.session(5, device(), &["lab".parse().unwrap()], &lifetime()).unwrap()
}

fn user(secrets: &CredentialSecrets) -> UserCredential {
    let stores = ["lab".parse().unwrap(), "shop".parse().unwrap()];
    secrets.user(6, &ann(), (&stores, &[snap("a"), snap("b")]), &lifetime()).unwrap()
}

fn open(secrets: &CredentialSecrets, user: &UserCredential) -> Result<Grant, InvalidCredential> {
    secrets.open_user(&user.root, [user.bound_discharge.as_str()])
}

#[test]
fn a_session_grants_what_it_was_made_for() {
    let grant = secrets().open_session(&session(&secrets())).unwrap();
    assert_eq!((grant.account.as_ref(), grant.device), (None, Some(device())));
    assert_eq!(grant.stores, ["lab".parse().unwrap()]);
    assert_eq!(grant.issued_at, lifetime().now);
    let after = |hours| lifetime().now.plus(Duration::from_hours(hours));
    assert_eq!(grant.freshness(after(0)), Freshness::Fresh);
    assert_eq!(grant.freshness(after(24)), Freshness::Stale);
    assert_eq!(grant.freshness(after(7 * 24)), Freshness::Expired);
}

#[test]
fn a_user_is_granted_what_root_and_discharge_say() {
    let grant = open(&secrets(), &user(&secrets())).unwrap();
    assert_eq!((grant.account, grant.device), (Some(ann()), None));
    assert_eq!(grant.snaps, [snap("a"), snap("b")]);
    assert_eq!(grant.soft_expiry, Some(lifetime().now.plus(Duration::from_hours(24))));
}

#[test]
fn any_secret_opens_and_no_other() {
    let [one, two, three] =
        [&b"one"[..], b"two", b"three"].map(|one| CredentialSecrets::new([one]));
    for made_by in [&one, &two] {
        assert!(secrets().open_session(&session(made_by)).is_ok());
        assert!(open(&secrets(), &user(made_by)).is_ok());
    }
    assert_eq!(secrets().open_session(&session(&three)), Err(InvalidSession::Unsigned));
    assert_eq!(open(&secrets(), &user(&three)), Err(InvalidCredential));
    let none = CredentialSecrets::default();
    assert_eq!(none.open_session(&session(&one)), Err(InvalidSession::Unsigned));
    assert!(none.session(5, device(), &[], &lifetime()).is_none());
    // A root of one secret with a discharge of the other.
    let mixed = UserCredential { root: user(&one).root, ..user(&two) };
    assert_eq!(open(&secrets(), &mixed), Err(InvalidCredential));
}

#[test]
fn one_kind_is_not_taken_for_another() {
    let secrets = secrets();
    let (session, user) = (session(&secrets), user(&secrets));
    assert!(secrets.open_session(&user.root).is_err());
    assert!(secrets.open_session(&user.discharge).is_err());
    assert!(secrets.open_user(&session, [session.as_str()]).is_err());
    assert!(secrets.open_user(&user.root, []).is_err(), "no discharge");
    assert!(secrets.open_user(&user.root, [user.root.as_str()]).is_err());
    assert!(secrets.open_user(&user.root, [user.discharge.as_str()]).is_err(), "not bound");
    let sent = ["x", user.bound_discharge.as_str()];
    assert!(secrets.open_user(&user.root, sent).is_ok(), "the other discharge is none of ours");
    let other = secrets.user(7, &ann(), (&[], &[]), &lifetime()).unwrap();
    assert!(secrets.open_user(&user.root, [other.bound_discharge.as_str()]).is_err());
}

/// What a holder may add; the last is nobody's.
const ADDED: [&str; 12] = [
    "kind = device-session",
    "kind = user-root",
    "account-id = ann",
    "account-id = eve",
    "stores = lab",
    "stores = lab,shop,other",
    "snap-ids = ",
    "snap-ids = aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa,cccccccccccccccccccccccccccccccc",
    "soft-expiry = 2026-11-21T01:00:00Z",
    "hard-expiry = 2026-11-21T02:00:00Z",
    "hard-expiry = 2099-01-01T00:00:00Z",
    "colour = blue",
];

fn is_within(narrowed: &Grant, whole: &Grant) -> bool {
    narrowed.account == whole.account
        && narrowed.device == whole.device
        && narrowed.stores.iter().all(|store| whole.stores.contains(store))
        && narrowed.snaps.iter().all(|snap| whole.snaps.contains(snap))
        && narrowed.hard_expiry <= whole.hard_expiry
        && (whole.soft_expiry.is_none() || narrowed.soft_expiry <= whole.soft_expiry)
}

proptest! {
    #[test]
    fn whatever_a_holder_adds_grants_no_more(added in proptest::collection::vec(0..ADDED.len(), 0..5)) {
        let secrets = secrets();
        let narrow = |text: &str| {
            let macaroon = Macaroon::parse(text).unwrap();
            added.iter().fold(macaroon, |macaroon, place| macaroon.narrowed(ADDED[*place]))
        };
        let whole = secrets.open_session(&session(&secrets)).unwrap();
        if let Ok(narrowed) = secrets.open_session(&narrow(&session(&secrets)).to_text()) {
            prop_assert!(is_within(&narrowed, &whole));
        }
        let own = user(&secrets);
        let whole = open(&secrets, &own).unwrap();
        let root = narrow(&own.root);
        let discharge = Macaroon::parse(&own.discharge).unwrap().bound_to(&root);
        let opened = secrets.open_user(&root.to_text(), [discharge.to_text().as_str()]);
        let is_known = |place: &usize| [2, 4, 5, 6, 7, 8, 9, 10, 1].contains(place);
        prop_assert_eq!(opened.is_ok(), added.iter().all(is_known));
        if let Ok(narrowed) = opened {
            prop_assert!(is_within(&narrowed, &whole));
        }
    }

    #[test]
    fn a_flipped_bit_is_refused(place in any::<prop::sample::Index>(), bit in 0..8_u8, part in 0..3) {
        let secrets = secrets();
        let own = user(&secrets);
        let flipped = |text: &str| {
            let mut bytes = URL_SAFE_NO_PAD.decode(text).unwrap();
            let place = place.index(bytes.len());
            bytes[place] ^= 1 << bit;
            URL_SAFE_NO_PAD.encode(bytes)
        };
        let refused = match part {
            0 => secrets.open_session(&flipped(&session(&secrets))).is_err(),
            1 => open(&secrets, &UserCredential { root: flipped(&own.root), ..own }).is_err(),
            _ => {
                let bound_discharge = flipped(&own.bound_discharge);
                open(&secrets, &UserCredential { bound_discharge, ..own }).is_err()
            }
        };
        prop_assert!(refused);
    }

    #[test]
    fn a_changed_character_or_end_is_refused(place in any::<prop::sample::Index>(), new in "[A-Za-z0-9_=+/-]") {
        let secrets = secrets();
        let text = session(&secrets);
        let place = place.index(text.len());
        let (before, behind) = text.split_at(place);
        let changed = format!("{before}{new}{}", behind.get(1..).unwrap());
        prop_assert_eq!(secrets.open_session(&changed).is_ok(), changed == text);
        prop_assert!(secrets.open_session(before).is_err());
        let longer = format!("{text}{new}");
        prop_assert!(secrets.open_session(&longer).is_err());
    }
}
