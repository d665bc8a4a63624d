//! `snapwise credential`: what it makes is good at the door, and it tells what a credential grants.

use crate::sessions::Header;
use crate::sessions::SECRET;
use crate::sessions::expired;
use crate::sessions::fresh;
use crate::sessions::in_store;
use crate::sessions::installed;
use crate::sessions::server;
use crate::sessions::session;
use crate::sessions::user;
use crate::support::app::TestApp;
use crate::support::app::snapwise;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::io::Write;
use std::process::Output;
use std::process::Stdio;
use std::slice::from_ref;

/// Runs `snapwise credential …` with the secret of the servers, or another.
fn credential(app: &TestApp, secret: Option<&str>, arguments: &[&str], input: &str) -> Output {
    let mut command = snapwise(&app.database_url, &[&["credential"], arguments].concat());
    command.envs(secret.map(|secret| ("SNAPWISE_CREDENTIAL_KEY", secret)));
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = piped.spawn().unwrap();
    let mut stdin = process.stdin.take().unwrap();
    // It may not want any.
    drop(stdin.write_all(input.as_bytes()));
    drop(stdin);
    process.wait_with_output().unwrap()
}

#[track_caller]
fn said(output: &Output) -> String {
    let (out, error) = (&output.stdout, &output.stderr);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(error));
    String::from_utf8(out.clone()).unwrap()
}

#[track_caller]
fn refused(output: &Output) -> String {
    assert!(!output.status.success());
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn header(said: &str) -> Header {
    let value = said.lines().find_map(|line| line.trim().strip_prefix("Macaroon ")).unwrap();
    ("Authorization".to_owned(), format!("Macaroon {value}"))
}

#[tokio::test]
async fn an_issued_credential_is_good_at_the_door() {
    let app = server(&[]).await;
    let arguments = [
        "issue",
        "--account",
        "eve",
        "--snap",
        "hidden-box",
        "--store",
        "acme-lab",
        "--soft",
        "60",
    ];
    let said = said(&credential(&app, Some(SECRET), &arguments, ""));
    let header = header(&said);
    assert_eq!(installed(&app, "hidden-box", from_ref(&header)).await, "ok 1");
    let lab = [in_store("acme-lab"), header.clone()];
    assert_eq!(installed(&app, "lab-probe", &lab).await, "ok 1");
    // What snap's own tools take: the root, and the discharge as they bind it themselves.
    let exported = said.lines().last().unwrap().trim();
    let exported = STANDARD.decode(exported).unwrap();
    let exported: serde_json::Value = serde_json::from_slice(&exported).unwrap();
    assert!(header.1.contains(exported["r"].as_str().unwrap()));
    assert!(!header.1.contains(exported["d"].as_str().unwrap()), "it is not bound yet");
    let none = refused(&credential(
        &app,
        Some(SECRET),
        &["issue", "--account", "eve", "--snap", "no-such-snap"],
        "",
    ));
    assert!(none.contains("no snap has the name no-such-snap"), "{none}");
}

#[tokio::test]
async fn a_credential_is_explained() {
    let app = server(&[]).await;
    let hidden = "Hb0Qa1Ws2Ed3Rf4Tg5Yh6Uj7Ik8Ol9Pz";
    let check = |(_, value): &Header| credential(&app, Some(SECRET), &["check"], value);
    let told = said(&check(&user("eve", &["acme-lab"], &[hidden], &fresh())));
    for expected in [
        "account      eve",
        "store        acme-lab",
        &format!("snap         {hidden}"),
        "now          good",
    ] {
        assert!(told.lines().any(|line| line == expected), "{expected}: {told}");
    }
    let told = said(&check(&session(&["acme-lab"], &expired())));
    assert!(told.starts_with("a device's session\nstore        acme-lab\n"), "{told}");
    assert!(told.ends_with("now          expired\n"), "{told}");
    let other =
        credential(&app, Some("a secret of somebody else"), &["check"], &session(&[], &fresh()).1);
    assert!(refused(&other).contains("was not made by this store"));
    let garbage = credential(&app, Some(SECRET), &["check"], "Bearer x");
    assert!(refused(&garbage).contains("expected Macaroon"));
}

#[tokio::test]
async fn a_credential_that_no_server_would_know_is_not_made() {
    let app = server(&[]).await;
    let issue = ["issue", "--account", "eve"];
    let unknown = refused(&credential(&app, None, &issue, ""));
    assert!(unknown.contains("SNAPWISE_CREDENTIAL_KEY"), "{unknown}");
    let short = refused(&credential(&app, Some("short"), &issue, ""));
    assert!(short.contains("at least 16 characters") && !short.contains("short\n"), "{short}");
}
