//! Every route, and who may ask it.

use crate::editors::ADMIN;
use crate::editors::MEMBER;
use crate::editors::app;
use crate::editors::tokens;
use crate::support::app::Received;
use crate::support::app::Sent;
use crate::support::app::TestApp;
use crate::support::app::ask;
use crate::support::app::assert_spec;
use crate::support::raw::Raw;
use crate::support::raw::head;
use std::collections::BTreeSet;
use std::process::Command;

/// Who may ask a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    /// Everybody, on the public listener.
    Open,
    /// Who has a token.
    Member,
    /// Who has the token of an admin.
    Admin,
    /// Everybody who reaches the internal listener.
    Internal,
}

use Class::Admin;
use Class::Internal;
use Class::Member;
use Class::Open;

/// Every method of every route. A route that is not here fails the test below: whoever adds one says who may ask it.
const MATRIX: &[(&str, &str, Class)] = &[
    ("POST", "/v2/snaps/refresh", Open),
    ("POST", "/snaps/refresh", Open),
    ("POST", "/v2/cohorts", Open),
    ("GET HEAD", "/v2/snaps/info/{name}", Open),
    ("GET HEAD", "/v2/snaps/find", Open),
    ("GET HEAD", "/v2/snaps/categories", Open),
    ("GET HEAD", "/api/v1/snaps/sections", Open),
    ("GET HEAD", "/api/v1/snaps/names", Open),
    ("GET HEAD", "/v2/assertions/{type}/{key}", Open),
    ("GET HEAD", "/api/v1/snaps/assertions/{type}/{key}", Open),
    ("GET HEAD", "/v2/assertion-streams/{token}", Open),
    ("POST", "/api/v1/snaps/auth/nonces", Open),
    ("POST", "/api/v1/snaps/auth/sessions", Open),
    ("POST", "/api/v1/snaps/auth/request-id", Open),
    ("POST", "/api/v1/snaps/auth/devices", Open),
    ("GET HEAD", "/api/v1/snaps/purchases/orders", Open),
    ("POST", "/api/v1/snaps/purchases/buy", Open),
    ("GET HEAD", "/api/v1/snaps/purchases/customers/me", Open),
    ("POST", "/v2/messages", Open),
    ("GET HEAD", "/v2/repairs/{brand}/{number}", Open),
    ("GET HEAD", "/api/v1/snaps/download/{file}", Open),
    ("GET HEAD", "/v2/overrides", Internal),
    ("DELETE GET HEAD POST", "/v2/overrides/{name}", Internal),
    ("GET HEAD OPTIONS", "/_status/check", Open),
    ("GET HEAD OPTIONS", "/", Open),
    ("GET HEAD OPTIONS", "/api/stats", Open),
    ("GET HEAD OPTIONS", "/api/categories", Open),
    ("GET HEAD OPTIONS", "/api/category/{id}", Open),
    ("GET HEAD OPTIONS", "/api/slices", Open),
    ("GET HEAD OPTIONS", "/api/slice/{id}", Open),
    ("GET HEAD OPTIONS", "/api/snaps", Open),
    ("GET HEAD OPTIONS", "/api/recently-updated", Open),
    ("GET HEAD OPTIONS", "/v2/rankings", Open),
    ("GET HEAD OPTIONS", "/v2/rankings/{category}", Open),
    ("GET HEAD OPTIONS", "/v2/rankings/{category}/history", Open),
    ("GET HEAD OPTIONS", "/featured", Open),
    ("POST", "/featured", Admin),
    ("GET HEAD OPTIONS", "/store/store.json", Open),
    ("GET HEAD", "/api/excluded_snaps", Member),
    ("OPTIONS", "/api/excluded_snaps", Open),
    ("POST", "/api/exclude_snap", Member),
    ("OPTIONS", "/api/exclude_snap", Open),
    ("POST", "/api/include_snap", Member),
    ("OPTIONS", "/api/include_snap", Open),
    ("GET HEAD", "/api/editorial_slices", Member),
    ("OPTIONS", "/api/editorial_slices", Open),
    ("POST", "/api/editorial_slice", Member),
    ("OPTIONS", "/api/editorial_slice", Open),
    ("GET HEAD POST DELETE", "/api/editorial_slice/{id}", Member),
    ("OPTIONS", "/api/editorial_slice/{id}", Open),
    ("POST", "/api/editorial_slice/{id}/snaps", Member),
    ("OPTIONS", "/api/editorial_slice/{id}/snaps", Open),
    ("POST", "/api/editorial_slice/{id}/remove_snap", Member),
    ("OPTIONS", "/api/editorial_slice/{id}/remove_snap", Open),
    ("PUT", "/api/editorial_slice/{id}/order", Member),
    ("OPTIONS", "/api/editorial_slice/{id}/order", Open),
    ("GET HEAD", "/api/settings", Member),
    ("OPTIONS", "/api/settings", Open),
    ("POST", "/api/run_pipeline_step", Member),
    ("OPTIONS", "/api/run_pipeline_step", Open),
    ("GET HEAD", "/api/collected_snaps/search", Member),
    ("OPTIONS", "/api/collected_snaps/search", Open),
    ("GET HEAD", "/v2/audit", Admin),
    ("OPTIONS", "/v2/audit", Open),
    ("GET HEAD POST", "/v2/jobs", Internal),
    ("GET HEAD", "/v2/jobs/{id}", Internal),
    ("GET HEAD", "/v2/jobs/{id}/events", Internal),
    ("POST", "/v2/jobs/{id}/cancel", Internal),
    ("GET HEAD", "/health/live", Internal),
    ("GET HEAD", "/health/ready", Internal),
    ("GET HEAD", "/metrics", Internal),
    ("GET HEAD", "/version", Internal),
];

fn matrix() -> impl Iterator<Item = (&'static str, &'static str, Class)> {
    MATRIX.iter().flat_map(|(methods, path, class)| {
        methods.split(' ').map(move |method| (method, *path, *class))
    })
}

#[test]
fn every_route_says_who_may_ask_it() {
    let served: BTreeSet<_> = snapwise::http::routes().into_iter().collect();
    let said: BTreeSet<_> = matrix().map(|(method, path, _)| (method, path)).collect();
    let (unsaid, gone) = (served.difference(&said), said.difference(&served));
    assert_eq!((unsaid.count(), gone.count()), (0, 0), "{:?}", served.symmetric_difference(&said));
    assert_eq!(matrix().count(), said.len(), "a route is there twice");
}

fn request(method: &str, path: &str, authorization: Option<&str>) -> Sent {
    let headers = [("Content-Type", Some("application/json")), ("Authorization", authorization)];
    let headers = headers.iter().filter_map(|(name, value)| Some((*name, (*value)?)));
    Sent {
        method: method.to_owned(),
        path: path
            .replace("{id}", "no_such_slice")
            .replace("{name}", "no-such-snap")
            .replace("{category}", "popular")
            .replace("{type}", "account")
            .replace("{key}", "nobody")
            .replace("{token}", "AAAA")
            .replace("{brand}", "generic")
            .replace("{number}", "1")
            .replace("{file}", "nothing.snap"),
        headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        body: if ["POST", "PUT"].contains(&method) { b"{}".to_vec() } else { Vec::new() },
    }
}

#[tokio::test]
async fn every_route_is_for_whom_it_says() {
    let app = app().await;
    let (member, admin) = (format!("Bearer {MEMBER}"), format!("Bearer {ADMIN}"));
    let callers = [None, Some("Bearer wrong"), Some("Basic YTpi"), Some(&*member), Some(&*admin)];
    for (method, path, class) in matrix() {
        let mut statuses = Vec::new();
        for caller in callers {
            let sent = request(method, path, caller);
            let address = if class == Internal { &app.internal } else { &app.public };
            let received = ask(address, &sent).await.unwrap();
            assert_spec(method, &sent.path, &received);
            assert_guarded_well(&received, path, method);
            statuses.push(received.status);
        }
        let n_turned_away =
            statuses.iter().take_while(|status| [401, 403].contains(*status)).count();
        let expected: &[u16] = match class {
            Open | Internal => &[],
            Member => &[401, 401, 401],
            Admin => &[401, 401, 401, 403],
        };
        assert_eq!(statuses[..n_turned_away], *expected, "{method} {path}: {statuses:?}");
        let asked = &statuses[n_turned_away..];
        assert!(!asked.contains(&401) && !asked.contains(&403), "{method} {path}: {statuses:?}");
        if class == Internal {
            let received = ask(&app.public, &request(method, path, Some(&admin))).await.unwrap();
            assert_eq!(received.status, 404, "{method} {path} on the public listener");
        }
    }
    let log = app.log_with("/v2/audit").await;
    let digest = tokens().rsplit(':').next().unwrap().to_owned();
    for secret in [MEMBER, ADMIN, &digest] {
        assert!(!log.contains(secret), "a token is in the log");
    }
}

/// A refusal says how to come back and is kept by nobody.
#[track_caller]
fn assert_guarded_well(received: &Received, path: &str, method: &str) {
    let said = |text: &str| {
        let body = String::from_utf8_lossy(&received.body);
        method == "HEAD" || path == "/v2/audit" || body == format!("{text}\n")
    };
    match received.status {
        401 => {
            assert!(said(r#"{"error":"Unauthorized","success":false}"#), "{method} {path}");
            assert_eq!(received.header("www-authenticate"), Some("Bearer"));
            assert_eq!(received.header("cache-control"), Some("no-store"));
        }
        403 => {
            let text = r#"{"error":"Admin permissions needed","success":false}"#;
            assert!(said(text), "{method} {path}");
            assert_eq!(received.header("cache-control"), Some("no-store"));
        }
        _ => assert_eq!(received.header("www-authenticate"), None),
    }
}

/// Who has no token learns nothing: not whether the body is good, nor whether what it names is there.
#[tokio::test]
async fn who_asks_is_looked_at_before_what() {
    let app = app().await;
    let mut bad = request("POST", "/api/editorial_slice/nothing/snaps", None);
    bad.headers.clear();
    bad.body = b"{".to_vec();
    assert_eq!(app.send(&bad).await.status, 401);
    // The body never comes, and is not waited for.
    let mut raw = Raw::connect(&app.public).await;
    let head = head("POST", "/api/exclude_snap", &[("Content-Length", "100")]);
    raw.send(head).await.unwrap();
    assert_eq!(raw.receive().await.unwrap().status, 401);
}

#[tokio::test]
async fn without_tokens_nobody_is_an_editor() {
    let app = TestApp::with(None, &[]).await;
    let caller = format!("Bearer {ADMIN}");
    assert_eq!(app.send(&request("GET", "/api/settings", Some(&caller))).await.status, 401);
    assert_eq!(app.send(&request("GET", "/api/settings", Some("Bearer "))).await.status, 401);
}

fn run(arguments: &[&str], entries: &str) -> (bool, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_snapwise"));
    command.args(arguments).env("SNAPWISE_EDITOR_TOKENS", entries);
    let output = command.env("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/x").output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.success(), text(output.stdout), text(output.stderr))
}

#[test]
fn a_bad_entry_keeps_the_server_from_starting_and_is_not_shown() {
    let serve = ["serve", "--listen", "127.0.0.1:0", "--internal-listen", "127.0.0.1:0"];
    let (is_well, _, said) = run(&serve, "carol:admin:s3cret");
    assert!(!is_well && said.contains("carol") && !said.contains("s3cret"), "{said}");
    let (is_well, shown, said) = run(&["config"], "carol:admin:s3cret");
    assert!(is_well && shown.contains("editor-tokens") && !shown.contains("s3cret"), "{said}");
}

#[tokio::test]
async fn a_token_that_is_drawn_opens_the_door() {
    let (is_well, shown, said) = run(&["token", "dora", "admin"], "");
    assert!(is_well, "{said}");
    let lines: Vec<&str> = shown.lines().map(str::trim).collect();
    let (token, entry) = (lines[1], lines[3]);
    assert!(token.len() == 64 && entry.starts_with("dora:admin:"), "{shown}");
    let app = TestApp::with(None, &[("SNAPWISE_EDITOR_TOKENS", entry)]).await;
    let caller = format!("Bearer {token}");
    assert_eq!(app.send(&request("GET", "/v2/audit", Some(&caller))).await.status, 200);
    assert!(!run(&["token", "a name", "admin"], "").0);
    assert!(!run(&["token", "dora", "owner"], "").0);
}
