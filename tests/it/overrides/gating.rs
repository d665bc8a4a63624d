//! Validation sets bind what is offered, unless they are ignored.

use crate::overrides::Asking;
use crate::overrides::LUMEN;
use crate::overrides::SHELF;
use crate::overrides::STEPDB;
use crate::overrides::check;
use crate::overrides::install;
use crate::overrides::install_number;
use crate::overrides::refresh;
use crate::overrides::run;
use crate::support::app::TestApp;
use serde_json::Value;
use serde_json::json;

/// Takes in a validation set that says this of snaps.
async fn import(app: &TestApp, name: &str, sequence: u32, revision: u32, snaps: &str) {
    let revision = if revision == 0 { String::new() } else { format!("revision: {revision}\n") };
    let entries: Vec<String> = snaps
        .lines()
        .map(|line| {
            let mut parts = line.split_whitespace();
            let first = parts.next().unwrap();
            let rest = parts.map(|part| format!("    {}\n", part.replace('=', ": ")));
            format!("  -\n    name: {first}\n{}", rest.collect::<String>())
        })
        .collect();
    let text = format!(
        "type: validation-set\nauthority-id: lab\n{revision}series: 16\naccount-id: lab\nname: {name}\n\
         sequence: {sequence}\nsnaps:\n{}timestamp: 2026-11-21T09:00:00Z\nsign-key-sha3-384: key\n\nAXNpZ25lZA==\n",
        entries.concat(),
    );
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    let said = run(app, &format!("assertions import {}", file.path().display())).await;
    assert!(said.contains("1 added"), "{said}");
}

fn sets(names: &[(&str, &str)]) -> Value {
    let set = |(name, sequence): &(&str, &str)| match *sequence {
        "" => json!(["16", "lab", name]),
        sequence => json!(["16", "lab", name, sequence]),
    };
    names.iter().map(set).collect()
}

/// The same of a device on which these sets govern the snap.
fn governed(mut asking: Asking, names: &[(&str, &str)]) -> Asking {
    asking.installed.as_mut().unwrap()["validation-sets"] = sets(names);
    asking
}

#[tokio::test]
async fn a_refresh_never_leaves_what_its_sets_allow() {
    let app = TestApp::start(SHELF).await;
    let entries = format!("lumen-notes id={LUMEN} revision=9\nstepdb presence=optional revision=2");
    import(&app, "pins", 1, 0, &entries).await;
    let lumen = || refresh(LUMEN, 9, "latest/stable");
    check(
        &app,
        &[
            (lumen(), "10 stable"),
            (governed(lumen(), &[("pins", "1")]), "9 -"),
            (governed(refresh(LUMEN, 12, "beta"), &[("pins", "1")]), "9 -"),
            (governed(lumen(), &[("pins", "1")]).with("revision", 9), "9 -"),
            (governed(lumen(), &[("pins", "1")]).with("revision", 10), "revision-not-found"),
            // By its name, for the set does not say its id; and wherever the revision was released.
            (governed(refresh(STEPDB, 2, "edge"), &[("pins", "1")]), "2 -"),
            // Backwards, as long as it can read what is there.
            (governed(refresh(STEPDB, 3, "stable"), &[("pins", "1")]), "2 -"),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_set_that_says_nothing_of_a_snap_or_is_not_known_binds_nothing() {
    let app = TestApp::start(SHELF).await;
    import(
        &app,
        "pins",
        1,
        0,
        "stepdb revision=1\nlumen-notes id=00000000000000000000000000000000 revision=9",
    )
    .await;
    import(&app, "loose", 1, 0, "lumen-notes presence=required\nanyarch presence=optional").await;
    let lumen = |names: &[(&str, &str)]| governed(refresh(LUMEN, 9, "stable"), names);
    check(
        &app,
        &[
            (lumen(&[("pins", "1")]), "10 stable"),
            (lumen(&[("loose", "1")]), "10 stable"),
            (lumen(&[("pins", "2")]), "10 stable"),
            (
                lumen(&[("nobody-knows", "1"), ("loose", "x"), ("loose", "99999999999")]),
                "10 stable",
            ),
            (
                refresh(LUMEN, 9, "stable")
                    .with("validation-sets", json!([["16"], [], ["a/b", "c"]])),
                "10 stable",
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_snap_that_may_not_be_there_is_not_offered() {
    let app = TestApp::start(SHELF).await;
    import(&app, "bans", 1, 0, "lumen-notes presence=invalid").await;
    let banned = sets(&[("bans", "1")]);
    check(
        &app,
        &[
            (governed(refresh(LUMEN, 9, "stable"), &[("bans", "1")]), "revision-not-found"),
            (
                install("lumen-notes", "stable").with("validation-sets", banned.clone()),
                "revision-not-found",
            ),
            (
                install_number("lumen-notes", 10).with("validation-sets", banned.clone()),
                "revision-not-found",
            ),
            (install("anyarch", "stable").with("validation-sets", banned), "1 stable"),
        ],
    )
    .await;
}

#[tokio::test]
async fn several_sets_must_agree() {
    let app = TestApp::start(SHELF).await;
    import(&app, "one", 1, 0, "lumen-notes revision=9").await;
    import(&app, "two", 1, 0, "lumen-notes revision=12").await;
    import(&app, "loose", 1, 0, "lumen-notes").await;
    let lumen = |names: &[(&str, &str)]| governed(refresh(LUMEN, 10, "stable"), names);
    check(
        &app,
        &[
            (lumen(&[("one", "1"), ("loose", "1")]), "9 -"),
            (lumen(&[("one", "1"), ("two", "1")]), "revision-not-found"),
            (lumen(&[("two", "1")]), "12 -"),
        ],
    )
    .await;
}

#[tokio::test]
async fn the_newest_counts_where_no_place_is_named_and_the_last_word_of_each_place() {
    let app = TestApp::start(SHELF).await;
    import(&app, "pins", 1, 0, "lumen-notes revision=9").await;
    import(&app, "pins", 3, 0, "lumen-notes revision=12").await;
    let lumen = |names: &[(&str, &str)]| governed(refresh(LUMEN, 10, "stable"), names);
    check(
        &app,
        &[
            (lumen(&[("pins", "")]), "12 -"),
            (lumen(&[("pins", "1")]), "9 -"),
            (lumen(&[("pins", "3")]), "12 -"),
            (lumen(&[("pins", "2")]), "10 stable"),
        ],
    )
    .await;
    import(&app, "pins", 1, 2, "lumen-notes revision=15").await;
    import(&app, "pins", 1, 1, "lumen-notes revision=16").await;
    check(&app, &[(lumen(&[("pins", "1")]), "15 -"), (lumen(&[("pins", "")]), "12 -")]).await;
    // Another server learns it from the database.
    let other = TestApp::serve(&app.database_url, &[]);
    check(&other, &[(lumen(&[("pins", "1")]), "15 -")]).await;
}

#[tokio::test]
async fn what_an_action_says_goes_before_what_is_installed() {
    let app = TestApp::start(SHELF).await;
    import(&app, "one", 1, 0, "lumen-notes revision=9").await;
    import(&app, "two", 1, 0, "lumen-notes revision=12").await;
    let lumen = || governed(refresh(LUMEN, 10, "stable"), &[("one", "1")]);
    let ignoring = |mut asking: Asking| {
        asking.installed.as_mut().unwrap()["ignore-validation"] = true.into();
        asking
    };
    check(
        &app,
        &[
            (lumen().with("validation-sets", sets(&[("two", "1")])), "12 -"),
            (lumen().with("ignore-validation", true), "10 stable"),
            (lumen().with("ignore-validation", false), "9 -"),
            (ignoring(lumen()), "10 stable"),
            (ignoring(lumen()).with("ignore-validation", false), "9 -"),
            (ignoring(lumen()).with("ignore-validation", true), "10 stable"),
        ],
    )
    .await;
}

#[tokio::test]
async fn what_is_blocked_or_not_there_is_not_had_through_a_set() {
    let app = TestApp::start(SHELF).await;
    import(&app, "pins", 1, 0, "lumen-notes revision=9\nanyarch revision=2\nstepdb revision=4")
        .await;
    run(&app, "override block lumen-notes 9").await;
    let bound =
        |id, installed, tracking| governed(refresh(id, installed, tracking), &[("pins", "1")]);
    let pins = sets(&[("pins", "1")]);
    check(
        &app,
        &[
            (bound(LUMEN, 10, "stable"), "revision-not-found"),
            (install("anyarch", "stable").with("validation-sets", pins), "revision-not-found"),
            // Revision 4 cannot read the data of revision 3.
            (bound(STEPDB, 3, "stable"), "revision-not-found"),
        ],
    )
    .await;
    // The one that is allowed is what an operator chose, too.
    run(&app, "override delete lumen-notes 9").await;
    run(&app, "override lumen-notes stable=9").await;
    check(&app, &[(bound(LUMEN, 10, "stable"), "9 stable")]).await;
}
