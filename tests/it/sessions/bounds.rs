//! Forged, truncated, repeated and huge: none of it is a credential, and none of it does harm.

use crate::sessions::Header;
use crate::sessions::PUBLISHER;
use crate::sessions::fresh;
use crate::sessions::in_store;
use crate::sessions::install;
use crate::sessions::installed;
use crate::sessions::server;
use crate::sessions::session;
use crate::sessions::user;
use crate::support::app::ask;
use std::slice::from_ref;

/// The header's value changed, in ways that leave it a header.
fn damaged((name, value): &Header) -> Vec<Header> {
    let mut values: Vec<String> =
        (1..8).map(|part| value.split_at(value.len() * part / 8).0.to_owned()).collect();
    values.extend((1..8).map(|part| {
        let mut bytes = value.clone().into_bytes();
        let place = 16 + (bytes.len() - 18) * part / 8;
        bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
        String::from_utf8(bytes).unwrap()
    }));
    let inside = value.trim_start_matches("Macaroon ");
    values.extend([
        String::new(),
        inside.to_owned(),
        format!("Bearer {inside}"),
        format!("{value}, root=\"x\""),
        format!("{value}, {inside}"),
        value.replace('"', ""),
        value.replace("root", "discharge"),
        format!("Macaroon root=\"{}\"", "QUFB".repeat(2_000)),
        format!("Macaroon root=\"\", discharge=\"{}\"", "'); DROP TABLE snap; --"),
    ]);
    values.into_iter().map(|value| (name.clone(), value)).collect()
}

#[tokio::test]
async fn what_was_changed_grants_nothing_and_stands_in_nobodys_way() {
    let app = server(&[]).await;
    let own = user(PUBLISHER, &[], &[], &fresh());
    assert_eq!(installed(&app, "hidden-box", from_ref(&own)).await, "ok 1");
    for header in damaged(&own) {
        let headers = [header];
        assert_eq!(installed(&app, "hidden-box", &headers).await, "name-not-found", "{headers:?}");
        assert_eq!(installed(&app, "lumen-notes", &headers).await, "ok 10", "{headers:?}");
    }
    let own = session(&["acme-lab"], &fresh());
    for header in damaged(&own) {
        let headers = [in_store("acme-lab"), header.clone()];
        let renew = "401 device-authentication-error";
        assert_eq!(installed(&app, "lab-probe", &headers).await, renew, "{headers:?}");
        // What still says what ours say is renewed; whatever else is nothing.
        let public = installed(&app, "lumen-notes", &[header]).await;
        assert!(["ok 10", renew].contains(&public.as_str()), "{headers:?}: {public}");
    }
}

#[tokio::test]
async fn a_credential_sent_twice_is_none() {
    let app = server(&[]).await;
    let own = user(PUBLISHER, &[], &[], &fresh());
    assert_eq!(installed(&app, "hidden-box", &[own.clone(), own]).await, "name-not-found");
}

#[tokio::test]
async fn long_headers_are_passed_over_and_huge_ones_refused() {
    let app = server(&[]).await;
    let of = |n: usize| {
        let value = format!("Macaroon root=\"{}\"", "A".repeat(n));
        [("Authorization".to_owned(), value.clone()), ("X-Device-Authorization".to_owned(), value)]
    };
    assert_eq!(installed(&app, "lumen-notes", &of(14_000)).await, "ok 10");
    let [long, _] = of(20 * 1_024);
    assert_eq!(installed(&app, "lumen-notes", &[long]).await, "ok 10");
    let [huge, _] = of(100 * 1_024);
    let refused = ask(&app.public, &install("lumen-notes", &[huge])).await;
    assert!(refused.is_err() || refused.is_ok_and(|received| received.status == 431));
    assert_eq!(installed(&app, "lumen-notes", &[]).await, "ok 10");
}
