//! Who sees what; and that what is hidden cannot be told from what is not there.

use crate::sessions::Header;
use crate::sessions::PUBLISHER;
use crate::sessions::fresh;
use crate::sessions::in_store;
use crate::sessions::install;
use crate::sessions::installed;
use crate::sessions::sent;
use crate::sessions::server;
use crate::sessions::session;
use crate::sessions::session_of;
use crate::sessions::user;
use crate::sessions::user_of;
use crate::support::app::Received;
use crate::support::app::TestApp;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use snapwise::credentials::CredentialSecrets;
use std::io::Write;
use std::slice::from_ref;

const HIDDEN: &str = "Hb0Qa1Ws2Ed3Rf4Tg5Yh6Uj7Ik8Ol9Pz";

/// Cases 29 and 60.
#[tokio::test]
async fn a_private_snap_is_shown_to_whom_a_credential_shows_it() {
    let app = server(&[]).await;
    let hidden = async |headers: &[_]| installed(&app, "hidden-box", headers).await;
    assert_eq!(hidden(&[]).await, "name-not-found");
    let garbage = ("Authorization".into(), r#"Macaroon root="x", discharge="y""#.into());
    assert_eq!(installed(&app, "lumen-notes", from_ref(&garbage)).await, "ok 10");
    assert_eq!(hidden(&[garbage]).await, "name-not-found");
    assert_eq!(hidden(&[user(PUBLISHER, &[], &[], &fresh())]).await, "ok 1");
    assert_eq!(hidden(&[user("eve", &[], &[HIDDEN], &fresh())]).await, "ok 1");
    assert_eq!(hidden(&[user("eve", &[], &[], &fresh())]).await, "name-not-found");
    let another = "Lp0La1Lb2Lc3Ld4Le5Lf6Lg7Lh8Li9Lj";
    assert_eq!(hidden(&[user("eve", &[], &[another], &fresh())]).await, "name-not-found");
    assert_eq!(hidden(&[session(&["acme-lab"], &fresh())]).await, "name-not-found");
    let others = CredentialSecrets::new([&b"the secret of another store"[..]]);
    let forged = user_of(&others, (PUBLISHER, &[], &[]), &fresh());
    assert_eq!(hidden(&[forged]).await, "name-not-found");
}

#[tokio::test]
async fn the_viewers_of_a_document_see_a_private_snap_and_survive_an_export() {
    let app = server(&[]).await;
    let bob = [user("bob", &[], &[], &fresh())];
    assert_eq!(installed(&app, "hidden-box", &bob).await, "name-not-found");
    let exported = app.run(&["catalogue", "export", "--snap", "hidden-box"]).await;
    let mut document: serde_json::Value = serde_json::from_slice(&exported.stdout).unwrap();
    assert_eq!(document["viewers"], serde_json::json!([]));
    document["viewers"] = serde_json::json!(["bob", "ann"]);
    let mut file = tempfile::NamedTempFile::new().unwrap();
    writeln!(file, "{document}").unwrap();
    let path = file.path().to_str().unwrap();
    assert!(app.run(&["catalogue", "import", path]).await.status.success());
    assert_eq!(installed(&app, "hidden-box", &bob).await, "ok 1");
    let eve = [user("eve", &[], &[], &fresh())];
    assert_eq!(installed(&app, "hidden-box", &eve).await, "name-not-found");
    let exported = app.run(&["catalogue", "export", "--snap", "hidden-box"]).await;
    let document: serde_json::Value = serde_json::from_slice(&exported.stdout).unwrap();
    assert_eq!(document["viewers"], serde_json::json!(["ann", "bob"]));
}

/// Case 31.
#[tokio::test]
async fn a_store_is_entered_with_a_credential_that_opens_it() {
    let app = server(&[]).await;
    let lab = async |name: &str, headers: &[_]| {
        installed(&app, name, &[&[in_store("acme-lab")], headers].concat()).await
    };
    assert_eq!(lab("lab-probe", &[]).await, "403 store-disallowed");
    assert_eq!(lab("lab-probe", &[session(&["acme-lab"], &fresh())]).await, "ok 1");
    assert_eq!(lab("lumen-notes", &[session(&["acme-lab"], &fresh())]).await, "ok 10");
    assert_eq!(lab("lab-probe", &[user("eve", &["acme-lab"], &[], &fresh())]).await, "ok 1");
    for other in [
        session(&[], &fresh()),
        session(&["other-lab"], &fresh()),
        user(PUBLISHER, &["other-lab"], &[], &fresh()),
    ] {
        assert_eq!(lab("lab-probe", &[other]).await, "403 store-disallowed");
    }
    let others = CredentialSecrets::new([&b"the secret of another store"[..]]);
    let foreign = session_of(&others, &["acme-lab"], &fresh());
    let renew = "401 device-authentication-error";
    assert_eq!(lab("lab-probe", from_ref(&foreign)).await, renew, "it is to get one of ours");
    let nowhere = [in_store("no-such-store"), foreign.clone()];
    assert_eq!(
        installed(&app, "lumen-notes", &nowhere).await,
        renew,
        "as of a store that is there"
    );
    // In the public store nobody asks for a session, and what is of the lab is not there.
    let opens = session(&["acme-lab"], &fresh());
    assert_eq!(installed(&app, "lab-probe", from_ref(&opens)).await, "name-not-found");
    let older = ("X-Device-Authorization".to_owned(), opens.1.clone());
    let older = [("X-Ubuntu-Store".to_owned(), "acme-lab".to_owned()), older];
    assert_eq!(installed(&app, "lab-probe", &older).await, "ok 1");
}

#[tokio::test]
async fn a_store_that_is_left_open_takes_no_credential() {
    let app = server(&[("SNAPWISE_OPEN_STORES", "acme-lab, no-such-store")]).await;
    assert_eq!(installed(&app, "lab-probe", &[in_store("acme-lab")]).await, "ok 1");
    let nowhere = [in_store("no-such-store")];
    assert_eq!(installed(&app, "lumen-notes", &nowhere).await, "403 store-disallowed");
}

/// Everything of an answer that a caller can look at, but for what differs between any two.
fn looks(received: &Received) -> (u16, Vec<(String, String)>, String) {
    let differing = ["x-request-id", "date"];
    let headers = received.headers.iter().filter(|(name, _)| !differing.contains(&name.as_str()));
    let body = String::from_utf8(received.body.clone()).unwrap();
    (received.status, headers.cloned().collect(), body)
}

#[tokio::test]
async fn what_is_hidden_cannot_be_told_from_what_is_not_there() {
    let app = server(&[]).await;
    let others = CredentialSecrets::new([&b"the secret of another store"[..]]);
    for headers in [
        vec![],
        vec![user("eve", &[], &[], &fresh())],
        vec![session(&["acme-lab"], &fresh())],
        vec![user_of(&others, (PUBLISHER, &[], &[]), &fresh())],
    ] {
        for hidden in ["hidden-box", "lab-probe"] {
            let nobody = "x".repeat(hidden.len());
            let same = async |of: &dyn Fn(&str) -> crate::support::app::Sent| {
                let (there, nowhere) = (app.send(&of(hidden)).await, app.send(&of(&nobody)).await);
                let (status, kinds, body) = looks(&nowhere);
                assert_eq!(looks(&there), (status, kinds, body.replace(&nobody, hidden)));
            };
            same(&|name| install(name, &headers)).await;
            same(&|name| sent("GET", &format!("/v2/snaps/info/{name}"), &headers, "")).await;
            let cohorts = |name: &str| {
                let body = serde_json::json!({"snaps": ["lumen-notes", name]}).to_string();
                sent("POST", "/v2/cohorts", &headers, &body)
            };
            same(&cohorts).await;
        }
        let store = async |store: &str, headers: &[_]| {
            let headers = [&[in_store(store)], headers].concat();
            looks(&app.send(&install("lumen-notes", &headers)).await)
        };
        let headers: Vec<_> =
            headers.into_iter().filter(|(name, _)| name == "Authorization").collect();
        let (known, unknown) =
            (store("acme-lab", &headers).await, store("no-such-store", &headers).await);
        assert_eq!(known, unknown);
    }
}

#[tokio::test]
async fn no_credential_and_no_account_is_logged() {
    let app = server(&[]).await;
    let carried = [user(PUBLISHER, &["acme-lab"], &[], &fresh()), session(&["acme-lab"], &fresh())];
    let mut sent = install("hidden-box", &carried);
    sent.headers.push(("X-Request-Id".to_owned(), "the-last-one".to_owned()));
    assert_eq!(app.send(&sent).await.status, 200);
    let log = app.log_with("the-last-one").await;
    let texts =
        carried.iter().flat_map(|(_, value)| value.split('"')).filter(|text| text.len() > 40);
    for secret in texts.chain([PUBLISHER, "acme-lab", super::SECRET]) {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
}

/// The information of a snap follows the same rule as its installation.
#[tokio::test]
async fn info_and_cohorts_are_shown_to_whom_the_snap_is() {
    let app = server(&[]).await;
    let status = async |app: &TestApp, headers: &[_]| {
        let info = app.send(&sent("GET", "/v2/snaps/info/hidden-box", headers, "")).await.status;
        let body = r#"{"snaps": ["hidden-box"]}"#;
        (info, app.send(&sent("POST", "/v2/cohorts", headers, body)).await.status)
    };
    assert_eq!(status(&app, &[]).await, (404, 404));
    assert_eq!(status(&app, &[user(PUBLISHER, &[], &[], &fresh())]).await, (200, 200));
}

/// A session as the store of a stock snapd gives it out, and one that says what ours say.
#[tokio::test]
async fn a_session_of_another_store_is_none_and_one_we_no_longer_know_is_renewed() {
    let app = server(&[]).await;
    let of = |location: &str| {
        let value: String = [("location", location), ("identifier", "{\"secret\": \"x\"}")]
            .map(|(name, value)| format!("{:04x}{name} {value}\n", name.len() + value.len() + 6))
            .concat();
        let mut bytes = value.into_bytes();
        bytes.extend(b"002fsignature 0123456789abcdef0123456789abcdef\n");
        let root = URL_SAFE_NO_PAD.encode(bytes);
        ("Snap-Device-Authorization".to_owned(), format!("Macaroon root=\"{root}\""))
    };
    for foreign in [of("api.store.example"), of("snapwise"), garbage()] {
        assert_eq!(installed(&app, "lumen-notes", &[foreign]).await, "ok 10");
    }
    let others = CredentialSecrets::new([&b"the secret before this one"[..]]);
    let unsigned = session_of(&others, &[], &fresh());
    let renew = "401 device-authentication-error";
    assert_eq!(installed(&app, "lumen-notes", from_ref(&unsigned)).await, renew);
    // Where the upstream store opens sessions it may be one of those.
    let settings =
        [("SNAPWISE_UPSTREAM", "http://127.0.0.1:9"), ("SNAPWISE_UPSTREAM_SESSIONS", "on")];
    let relaying = TestApp::serve(&app.database_url, &settings);
    assert_eq!(installed(&relaying, "lumen-notes", &[unsigned]).await, "ok 10");
}

fn garbage() -> Header {
    ("Snap-Device-Authorization".to_owned(), "Macaroon root=\"AAAA\"".to_owned())
}
