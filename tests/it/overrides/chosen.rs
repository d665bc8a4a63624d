//! Overrides and blocks: what devices are given, and what commands say.

use crate::overrides::LUMEN;
use crate::overrides::SHELF;
use crate::overrides::STEPDB;
use crate::overrides::channel_map;
use crate::overrides::check;
use crate::overrides::fail;
use crate::overrides::install;
use crate::overrides::install_number;
use crate::overrides::refresh;
use crate::overrides::run;
use crate::overrides::sent;
use crate::overrides::standing;
use crate::overrides::told;
use crate::support::app::TestApp;
use serde_json::json;

#[tokio::test]
async fn a_channel_gives_out_what_an_operator_chose() {
    let app = TestApp::start(SHELF).await;
    let said = run(&app, "override lumen-notes stable=9").await;
    assert!(said.starts_with("published generation 2\n"), "{said}");
    assert!(said.contains("lumen-notes stable amd64: 9 since 20"), "{said}");
    assert!(said.contains("(upstream: 10)"), "{said}");
    check(
        &app,
        &[
            (install("lumen-notes", "stable"), "9 stable"),
            (install("lumen-notes", "candidate"), "9 stable"),
            (refresh(LUMEN, 10, "latest/stable"), "9 stable"),
            (install("lumen-notes", "beta"), "12 beta"),
            // Who asks for a revision gets it, whatever the channel gives out.
            (install_number("lumen-notes", 10), "10 -"),
            (install_number("lumen-notes", 10).with("channel", "stable"), "10 stable"),
            (install("lumen-notes", "stable").on("arm64"), "11 stable"),
        ],
    )
    .await;
    assert!(channel_map(&app, "lumen-notes").await.contains(&"stable amd64 9".to_owned()));

    let before = standing(&app).await;
    let said = run(&app, "override set lumen-notes latest/stable=9 --architecture amd64").await;
    assert!(said.starts_with("it is so already: nothing to publish\n"), "{said}");
    assert_eq!(standing(&app).await, before);

    let said = run(&app, "override delete lumen-notes stable").await;
    assert!(said.ends_with("nothing is decided about lumen-notes\n"), "{said}");
    assert_eq!(told(&app, install("lumen-notes", "stable")).await, "10 stable");
    let said = run(&app, "override delete lumen-notes stable").await;
    assert!(said.starts_with("it is so already"), "{said}");
}

#[tokio::test]
async fn an_override_opens_a_channel_that_was_closed_or_never_there() {
    let app = TestApp::start(SHELF).await;
    run(&app, "override lumen-notes candidate=12").await;
    run(&app, "override lumen-notes 9.9/beta/try=13").await;
    run(&app, "override anyarch edge=1").await;
    check(
        &app,
        &[
            (install("lumen-notes", "candidate"), "12 candidate"),
            (install("lumen-notes", "candidate").on("arm64"), "11 stable"),
            (install("lumen-notes", "9.9/beta/try"), "13 9.9/beta/try"),
            (install("lumen-notes", "9.9/edge"), "revision-not-found"),
            // It was never released, but somebody chose it.
            (install_number("lumen-notes", 13), "13 -"),
            (refresh(LUMEN, 13, "9.9/beta/try"), "13 9.9/beta/try"),
            (install("anyarch", "edge").on("riscv64"), "1 edge"),
        ],
    )
    .await;
    let map = channel_map(&app, "lumen-notes").await;
    assert_eq!(
        map[..4],
        ["stable amd64 10", "stable arm64 11", "candidate amd64 12", "beta amd64 12"]
    );
    run(&app, "override delete lumen-notes 9.9/beta/try").await;
    assert_eq!(told(&app, install_number("lumen-notes", 13)).await, "revision-not-found");
}

#[tokio::test]
async fn an_architecture_of_its_own_goes_before_all() {
    let app = TestApp::start(SHELF).await;
    // Built for arm64 alone, so only that is overridden.
    let said = run(&app, "override lumen-notes beta=11").await;
    assert!(said.contains("lumen-notes beta arm64: 11"), "{said}");
    assert!(said.contains("(upstream: nothing)"), "{said}");
    let said = fail(&app, "override lumen-notes beta=11 --architecture amd64").await;
    assert!(said.contains("revision 11 of lumen-notes is not built for amd64"), "{said}");
    check(
        &app,
        &[
            (install("lumen-notes", "beta"), "12 beta"),
            (install("lumen-notes", "beta").on("arm64"), "11 beta"),
        ],
    )
    .await;
    run(&app, "override lumen-notes beta=10").await;
    let said = run(&app, "override delete lumen-notes beta --architecture arm64").await;
    assert!(said.contains("lumen-notes beta amd64: 10") && !said.contains("arm64"), "{said}");
    check(
        &app,
        &[
            (install("lumen-notes", "beta"), "10 beta"),
            (install("lumen-notes", "beta").on("arm64"), "11 stable"),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_blocked_revision_is_given_to_nobody() {
    let app = TestApp::start(SHELF).await;
    let said = run(&app, "override block lumen-notes 10").await;
    assert!(said.contains("lumen-notes: 10 is blocked since 20"), "{said}");
    check(
        &app,
        &[
            // The release before it.
            (install("lumen-notes", "stable"), "9 stable"),
            (refresh(LUMEN, 10, "latest/stable"), "9 stable"),
            (install_number("lumen-notes", 10), "revision-not-found"),
            (install_number("lumen-notes", 10).with("channel", "stable"), "revision-not-found"),
            (refresh(LUMEN, 12, "latest/beta").with("revision", 10), "revision-not-found"),
        ],
    )
    .await;
    assert!(channel_map(&app, "lumen-notes").await.contains(&"stable amd64 9".to_owned()));
    run(&app, "override block lumen-notes 9").await;
    // The beta has nothing before it: the next safer channel, and that has nothing either.
    run(&app, "override block lumen-notes 12").await;
    check(
        &app,
        &[
            (install("lumen-notes", "stable"), "revision-not-found"),
            (install("lumen-notes", "beta"), "revision-not-found"),
            (install("lumen-notes", "edge"), "15 edge"),
            (install("lumen-notes", "stable").on("arm64"), "11 stable"),
        ],
    )
    .await;
    run(&app, "override delete lumen-notes 10").await;
    check(
        &app,
        &[
            (install("lumen-notes", "beta"), "10 stable"),
            (install_number("lumen-notes", 10), "10 -"),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_snap_whose_only_revision_is_blocked_has_nothing_to_give() {
    let app = TestApp::start(SHELF).await;
    run(&app, "override block anyarch 1").await;
    assert_eq!(told(&app, install("anyarch", "stable")).await, "revision-not-found");
    assert_eq!(channel_map(&app, "anyarch").await, [""; 0]);
    let body = json!({
        "context": [], "fields": ["revision"],
        "actions": [{"action": "install", "instance-key": "a", "name": "anyarch"}],
    });
    let answer = app.send(&sent("/v2/snaps/refresh", "amd64", &body)).await.json();
    assert_eq!(answer["results"][0]["error"]["extra"]["releases"], json!([]));
    run(&app, "override delete anyarch 1").await;
    assert_eq!(told(&app, install("anyarch", "stable")).await, "1 stable");
}

#[tokio::test]
async fn a_block_goes_before_an_override() {
    let app = TestApp::start(SHELF).await;
    run(&app, "override lumen-notes stable=12").await;
    assert_eq!(told(&app, install("lumen-notes", "stable")).await, "12 stable");
    run(&app, "override block lumen-notes 12").await;
    check(
        &app,
        &[
            (install("lumen-notes", "stable"), "10 stable"),
            (install("lumen-notes", "beta"), "10 stable"),
        ],
    )
    .await;
    let said = fail(&app, "override lumen-notes edge=12").await;
    assert!(said.contains("revision 12 of lumen-notes is blocked"), "{said}");
    run(&app, "override delete lumen-notes 12").await;
    assert_eq!(told(&app, install("lumen-notes", "stable")).await, "12 stable");
}

#[tokio::test]
async fn stepping_stones_lead_up_to_what_was_chosen_and_never_beyond() {
    let app = TestApp::start(SHELF).await;
    check(&app, &[(install("stepdb", "stable"), "3 stable")]).await;
    run(&app, "override stepdb stable=4").await;
    check(
        &app,
        &[
            (install("stepdb", "stable"), "4 stable"),
            (refresh(STEPDB, 1, "stable"), "4 stable"),
            // The chosen one cannot read what they have: they stay.
            (refresh(STEPDB, 3, "stable"), "3 -"),
        ],
    )
    .await;
    run(&app, "override stepdb stable=3").await;
    check(
        &app,
        &[(refresh(STEPDB, 1, "stable"), "2 stable"), (refresh(STEPDB, 2, "stable"), "3 stable")],
    )
    .await;
    run(&app, "override delete stepdb stable").await;
    run(&app, "override block stepdb 2").await;
    // The stone is gone: the newest that can read the data is in its own epoch.
    check(
        &app,
        &[(refresh(STEPDB, 1, "stable"), "4 stable"), (refresh(STEPDB, 3, "stable"), "3 stable")],
    )
    .await;
}

#[tokio::test]
async fn a_cohort_sees_the_past_with_what_is_decided_now() {
    let app = TestApp::start(SHELF).await;
    let body = json!({"snaps": ["lumen-notes"]});
    let keys = app.send(&sent("/v2/cohorts", "amd64", &body)).await.json();
    let key = keys["cohort-keys"]["lumen-notes"].as_str().unwrap().to_owned();
    run(&app, "catalogue release lumen-notes 12 stable").await;
    let cohort = || install("lumen-notes", "stable").with("cohort-key", key.clone());
    check(&app, &[(install("lumen-notes", "stable"), "12 stable"), (cohort(), "10 stable")]).await;
    run(&app, "override block lumen-notes 10").await;
    check(&app, &[(install("lumen-notes", "stable"), "12 stable"), (cohort(), "9 stable")]).await;
    run(&app, "override lumen-notes stable=15").await;
    check(&app, &[(install("lumen-notes", "stable"), "15 stable"), (cohort(), "15 stable")]).await;
}

#[tokio::test]
async fn what_is_decided_is_listed_by_snap() {
    let app = TestApp::start(SHELF).await;
    run(&app, "override stepdb stable=2").await;
    run(&app, "override lumen-notes edge=12").await;
    run(&app, "override block lumen-notes 16").await;
    let said = run(&app, "override list").await;
    let lines: Vec<_> = said.lines().map(|line| line.split(" since ").next().unwrap()).collect();
    let expected =
        ["lumen-notes edge amd64: 12", "lumen-notes: 16 is blocked", "stepdb stable amd64: 2"];
    assert_eq!(lines, expected);
    assert!(said.contains("(upstream: 15)"), "{said}");
    let said = run(&app, "override list stepdb").await;
    assert_eq!(said.lines().count(), 1, "{said}");
    let said = run(&app, "override list anyarch").await;
    assert_eq!(said, "nothing is decided about anyarch\n");
}

#[tokio::test]
async fn what_cannot_be_decided_is_refused_in_words() {
    let app = TestApp::start(SHELF).await;
    for (command, words) in [
        ("override no-such-snap stable=1", "there is no snap no-such-snap"),
        ("override list no-such-snap", "there is no snap no-such-snap"),
        ("override lumen-notes stable=99", "lumen-notes has no revision 99"),
        ("override block lumen-notes 99", "lumen-notes has no revision 99"),
        ("override No_Name stable=1", "not a valid snap name"),
        ("override lumen-notes stable", "a channel and a revision, such as stable=10"),
        ("override lumen-notes stable=0", "not a valid revision"),
        ("override lumen-notes a/b/c/d=10", "not a valid channel"),
        ("override lumen-notes =10", "not a valid channel"),
        ("override block lumen-notes stable", "not a valid revision"),
        ("override delete lumen-notes 10 --architecture amd64", "leave --architecture out"),
        ("override lumen-notes", "required"),
        ("override", "Usage: snapwise override"),
    ] {
        let said = fail(&app, command).await;
        assert!(said.contains(words), "{command}: {said}");
    }
}
