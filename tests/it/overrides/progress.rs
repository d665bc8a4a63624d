//! Progressive releases: who is given them, when, and who keeps them.

use crate::overrides::Asking;
use crate::overrides::LUMEN;
use crate::overrides::SHELF;
use crate::overrides::channel_map;
use crate::overrides::check;
use crate::overrides::fail;
use crate::overrides::install;
use crate::overrides::install_number;
use crate::overrides::refresh;
use crate::overrides::run;
use crate::overrides::sent;
use crate::overrides::told_all;
use crate::support::app::TestApp;
use crate::support::app::snapwise;
use serde_json::json;

/// Devices that are told apart by their keys, and have revision 9.
const N_DEVICES: usize = 1_000;

/// Which of the devices are given revision 12 in the stable channel; the others get 10.
async fn given(app: &TestApp, installed: u32) -> Vec<bool> {
    let device =
        |number| refresh(LUMEN, installed, "latest/stable").keyed(&format!("device-{number}"));
    let asked: Vec<Asking> = (0..N_DEVICES).map(device).collect();
    let told = told_all(app, &asked).await;
    let mut given = Vec::new();
    for told in told {
        assert!(["12 stable", "10 stable"].contains(&told.as_str()), "{told}");
        given.push(told == "12 stable");
    }
    given
}

fn count(given: &[bool]) -> usize {
    given.iter().filter(|is_given| **is_given).count()
}

#[tokio::test]
async fn a_release_comes_to_more_and_more_devices() {
    let app = TestApp::start(SHELF).await;
    let said = run(&app, "catalogue release lumen-notes 12 stable --percentage 0").await;
    assert!(said.contains("is in stable for 0 % of the devices now, for amd64"), "{said}");
    let mut before = given(&app, 9).await;
    assert_eq!(count(&before), 0);
    // What is shown of the channel is what it is coming to.
    assert!(channel_map(&app, "lumen-notes").await.contains(&"stable amd64 12".to_owned()));
    // The salt is drawn: wide bounds, six deviations around what is to be expected of 1,000.
    for (percentage, least, most) in
        [("1", 0, 40), ("20", 120, 280), ("50", 400, 600), ("100", 1_000, 1_000)]
    {
        run(&app, &format!("catalogue progress lumen-notes stable --percentage {percentage}"))
            .await;
        let now = given(&app, 9).await;
        let n = count(&now);
        assert!((least..=most).contains(&n), "{n} of 1000 are {percentage} %");
        assert!(before.iter().zip(&now).all(|(before, now)| !before || *now), "nobody goes back");
        assert_eq!(given(&app, 9).await, now, "the same devices each time");
        before = now;
    }
    let said = run(&app, "catalogue progress lumen-notes stable --complete").await;
    assert!(said.contains("what lumen-notes has in stable is for all now, for amd64"), "{said}");
    assert_eq!(count(&given(&app, 9).await), N_DEVICES);
    let said = fail(&app, "catalogue progress lumen-notes stable --pause").await;
    assert!(
        said.contains("no release in stable that only a part of the devices is given"),
        "{said}"
    );
}

#[tokio::test]
async fn every_server_gives_it_to_the_same_devices() {
    let app = TestApp::start(SHELF).await;
    run(&app, "catalogue release lumen-notes 12 stable --percentage 30").await;
    let here = given(&app, 9).await;
    assert!((200..=400).contains(&count(&here)));
    let there = TestApp::serve(&app.database_url, &[]);
    assert_eq!(given(&there, 9).await, here);
    drop(app);
    let again = TestApp::serve(&there.database_url, &[]);
    assert_eq!(given(&again, 9).await, here);
}

#[tokio::test]
async fn who_has_it_keeps_it_and_while_it_is_paused_nobody_new_is_given_it() {
    let app = TestApp::start(SHELF).await;
    run(&app, "catalogue release lumen-notes 12 stable --percentage 50").await;
    let chosen = given(&app, 9).await;
    run(&app, "catalogue progress lumen-notes stable --pause").await;
    assert_eq!(count(&given(&app, 9).await), 0);
    assert_eq!(count(&given(&app, 12).await), N_DEVICES);
    // From a riskier channel: what they have is beyond it already.
    assert_eq!(count(&given(&app, 15).await), N_DEVICES);
    let said = run(&app, "catalogue progress lumen-notes stable --pause").await;
    assert!(said.contains("nothing to publish"), "{said}");
    run(&app, "catalogue progress lumen-notes stable --resume").await;
    assert_eq!(given(&app, 9).await, chosen);
    run(&app, "catalogue progress lumen-notes stable --percentage 0").await;
    assert_eq!(count(&given(&app, 9).await), 0);
    assert_eq!(count(&given(&app, 12).await), N_DEVICES);
}

#[tokio::test]
async fn the_others_get_what_the_channel_held_before() {
    let app = TestApp::start(SHELF).await;
    run(&app, "catalogue release lumen-notes 12 stable --percentage 0").await;
    run(&app, "catalogue release lumen-notes 15 beta --percentage 0").await;
    run(&app, "catalogue release lumen-notes 12 candidate --percentage 0").await;
    check(
        &app,
        &[
            (install("lumen-notes", "stable"), "10 stable"),
            (install("lumen-notes", "beta"), "12 beta"),
            // Revision 10 was there once.
            (install("lumen-notes", "candidate"), "10 candidate"),
            (install_number("lumen-notes", 12), "12 -"),
            (install_number("lumen-notes", 12).with("channel", "stable"), "12 stable"),
        ],
    )
    .await;
    // A channel that never held anything falls to the safer one.
    run(&app, "catalogue release lumen-notes 15 2.0/beta --percentage 0").await;
    check(&app, &[(install("lumen-notes", "2.0/beta"), "20 2.0/stable")]).await;
    // A second one on top of the first: each release for itself.
    run(&app, "catalogue release lumen-notes 15 stable --percentage 0").await;
    check(&app, &[(install("lumen-notes", "stable"), "10 stable")]).await;
    check(&app, &[(refresh(LUMEN, 12, "stable"), "12 stable")]).await;
    // To release it to all is to complete it.
    let said = run(&app, "catalogue release lumen-notes 15 stable").await;
    assert!(said.contains("is in stable now, for amd64"), "{said}");
    check(&app, &[(install("lumen-notes", "stable"), "15 stable")]).await;
    let said = run(&app, "catalogue release lumen-notes 15 stable").await;
    assert!(said.contains("already"), "{said}");
}

#[tokio::test]
async fn overrides_and_blocks_go_before_progress() {
    let app = TestApp::start(SHELF).await;
    run(&app, "catalogue release lumen-notes 12 stable --percentage 100").await;
    run(&app, "override block lumen-notes 12").await;
    check(
        &app,
        &[
            (install("lumen-notes", "stable"), "10 stable"),
            (refresh(LUMEN, 12, "stable"), "10 stable"),
        ],
    )
    .await;
    run(&app, "override lumen-notes stable=9").await;
    check(&app, &[(install("lumen-notes", "stable"), "9 stable")]).await;
}

#[tokio::test]
async fn the_devices_of_a_cohort_are_given_the_same() {
    let app = TestApp::start(SHELF).await;
    run(&app, "catalogue release lumen-notes 12 stable --percentage 50").await;
    let alone = given(&app, 9).await;
    assert!(count(&alone) > 0 && count(&alone) < N_DEVICES);
    for _ in 0..3 {
        let body = json!({"snaps": ["lumen-notes"]});
        let keys = app.send(&sent("/v2/cohorts", "amd64", &body)).await.json();
        let key = &keys["cohort-keys"]["lumen-notes"];
        let device = |number| {
            let one = refresh(LUMEN, 9, "latest/stable").keyed(&format!("device-{number}"));
            one.with("cohort-key", key.clone())
        };
        let told = told_all(&app, &(0..100).map(device).collect::<Vec<_>>()).await;
        assert!(told.iter().all(|one| *one == told[0]), "{told:?}");
    }
}

#[tokio::test]
async fn what_is_no_step_is_refused_in_words() {
    let app = TestApp::start(SHELF).await;
    for (command, words) in [
        ("catalogue progress lumen-notes stable --percentage 5", "no release in stable"),
        ("catalogue progress no-such-snap stable --complete", "there is no snap no-such-snap"),
        ("catalogue progress lumen-notes stable", "required"),
        ("catalogue progress lumen-notes stable --pause --resume", "cannot be used with"),
        ("catalogue release lumen-notes 12 stable --percentage 101", "from 0 to 100"),
        ("catalogue release lumen-notes 12 stable --percentage -1", "unexpected argument"),
        ("catalogue release lumen-notes 12 stable --percentage half", "from 0 to 100"),
        ("catalogue release lumen-notes 99 stable --percentage 5", "no revision 99"),
    ] {
        let said = fail(&app, command).await;
        assert!(said.contains(words), "{command}: {said}");
    }
    // Of another architecture than the one under way.
    run(&app, "catalogue release lumen-notes 12 stable --percentage 5").await;
    let said =
        fail(&app, "catalogue progress lumen-notes stable --pause --architecture arm64").await;
    assert!(said.contains("no release in stable"), "{said}");
}

#[tokio::test]
async fn documents_leave_progress_where_it_is() {
    let app = TestApp::start(SHELF).await;
    run(&app, "catalogue release lumen-notes 12 stable --percentage 0").await;
    run(&app, "override lumen-notes edge=13").await;
    let exported = snapwise(&app.database_url, &["catalogue", "export"]).output().unwrap();
    let mut documents = String::from_utf8(exported.stdout).unwrap();
    // Something changed, so that everything of the snap is stored anew.
    assert!(documents.contains("\"Lumen Notes\""), "the title stands in the document");
    documents = documents.replace("\"Lumen Notes\"", "\"Lumen Notes II\"");
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), documents).unwrap();
    let said = run(&app, &format!("catalogue import {}", file.path().display())).await;
    assert!(said.contains(" 1 changed"), "{said}");
    check(
        &app,
        &[
            (install("lumen-notes", "stable"), "10 stable"),
            (install("lumen-notes", "edge"), "13 edge"),
        ],
    )
    .await;
}
