//! The contract's cases, played: every scenario file against a real server on a real database.
//!
//! Scenarios that only ask share one server a shelf; one that changes the catalogue has its own.
//! A failing run names every scenario that failed, with step, place, expectation and answer.

use crate::support::app::TestApp;
use crate::support::pattern::Mismatch;
use crate::support::rules;
use crate::support::scenario::Expected;
use crate::support::scenario::Saved;
use crate::support::scenario::Scenario;
use crate::support::scenario::Step;
use crate::support::scenario::folder;
use crate::support::shelf::Shelf;
use crate::support::shelf::component_file;
use crate::support::shelf::delta_file;
use crate::support::shelf::describes;
use crate::support::shelf::revisions_of;
use crate::support::shelf::snap_file;
use serde_json::Value;
use std::any::Any;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::future::Future;
use std::future::poll_fn;
use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::task::Poll;

const DOORS: [&str; 4] = ["refresh", "info", "cohorts", "draft"];

#[tokio::test]
async fn every_refresh_scenario_holds() {
    play("refresh").await;
}

#[tokio::test]
async fn every_draft_scenario_holds() {
    play("draft").await;
}

#[tokio::test]
async fn every_info_scenario_holds() {
    play("info").await;
}

#[tokio::test]
async fn every_cohorts_scenario_holds() {
    play("cohorts").await;
}

/// The cases the store door owes. 65–67 are played with credentials, 104–112 and 120 with assertions of their own; 113
/// holds where no assertions are fetched, and here they are.
#[test]
fn no_case_is_lost() {
    let numbers = (1..=64).chain(68..=103).chain(114..=117).chain([119]);
    let owed: BTreeSet<String> = numbers
        .map(|number| number.to_string())
        .chain(["103a".to_owned(), "103b".to_owned()])
        .collect();
    let all = DOORS.iter().flat_map(|door| Scenario::of(door));
    let mut had = BTreeSet::new();
    for scenario in all {
        let stem = scenario.file.split('/').nth(1).unwrap_or_default().trim_start_matches('0');
        let named = stem.strip_prefix(&scenario.case).is_some_and(|rest| rest.starts_with('-'));
        assert!(named || scenario.case == "2.6", "{}: is case {}", scenario.file, scenario.case);
        had.insert(scenario.case);
    }
    let lost: Vec<_> = owed.difference(&had).collect();
    assert!(lost.is_empty(), "no scenario file for the cases {lost:?}");
    let strays: Vec<_> = had.difference(&owed).filter(|case| *case != "2.6").collect();
    assert!(strays.is_empty(), "scenario files for cases nobody owes: {strays:?}");
}

/// A folder no test plays would be a promise nobody keeps.
#[test]
fn every_folder_of_scenarios_is_a_door() {
    let entries = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap());
    let folders = entries.filter(|entry| entry.path().is_dir());
    let found: BTreeSet<_> =
        folders.map(|entry| entry.file_name().into_string().unwrap()).collect();
    assert_eq!(found, DOORS.iter().map(|door| (*door).to_owned()).collect());
}

/// The digests on the shelves are those of the files they stand for.
#[test]
fn the_shelves_describe_their_files() {
    for shelf in ["shelf.jsonl", "shelf-cohort.jsonl"] {
        for document in &Shelf::read(shelf).documents {
            let name = document["name"].as_str().unwrap();
            for entry in revisions_of(document) {
                let file = snap_file(name, entry["revision"].as_u64().unwrap());
                assert!(describes(&entry["download"], &file), "{shelf}: {file}");
                for delta in rules::list(&entry["download"]["deltas"]) {
                    assert!(describes(delta, &delta_file(name, delta)), "{shelf}: {delta}");
                }
                for resource in rules::list(&entry["resources"]) {
                    let file = component_file(name, resource);
                    assert!(describes(&resource["download"], &file), "{shelf}: {file}");
                }
            }
        }
    }
}

async fn play(door: &str) {
    let scenarios = Scenario::of(door);
    assert!(!scenarios.is_empty(), "no scenarios for {door}");
    let n_scenarios = scenarios.len();
    let mut by_shelf: BTreeMap<String, Vec<Scenario>> = BTreeMap::new();
    for scenario in scenarios {
        by_shelf.entry(scenario.shelf.clone()).or_default().push(scenario);
    }
    let mut failed = Vec::new();
    for (name, scenarios) in by_shelf {
        let shelf = Shelf::read(&name);
        let (changing, asking): (Vec<_>, Vec<_>) =
            scenarios.into_iter().partition(Scenario::changes_the_shelf);
        if !asking.is_empty() {
            let app = TestApp::start(&name).await;
            for scenario in &asking {
                failed.extend(failures(&app, &shelf, scenario).await);
            }
        }
        for scenario in &changing {
            let app = TestApp::start(&name).await;
            failed.extend(failures(&app, &shelf, scenario).await);
        }
    }
    let n_failed = failed.len();
    assert!(
        failed.is_empty(),
        "{n_failed} of {n_scenarios} scenarios failed\n{}",
        failed.join("\n")
    );
}

/// What went wrong in a scenario as one text, or nothing.
async fn failures(app: &TestApp, shelf: &Shelf, scenario: &Scenario) -> Option<String> {
    let mut wrong = Vec::new();
    let mut past = Past::default();
    for index in 0..scenario.n_steps() {
        let step = scenario.step(index, &past.saved);
        let found = match step {
            Err(error) => Err(error),
            Ok(step) => caught(take(app, shelf, step, &mut past)).await,
        };
        match found {
            Err(error) => wrong.push(format!("  step {index}: {error}")),
            Ok(found) => wrong.extend(found.into_iter().map(|mismatch| {
                let Mismatch { pointer, expected, got } = mismatch;
                format!("  step {index} at \"{pointer}\": expected {expected}, got {}", short(&got))
            })),
        }
        past.bodies.resize(index + 1, Vec::new());
    }
    let Scenario { file, promise, .. } = scenario;
    (!wrong.is_empty()).then(|| format!("{file}: {promise}\n{}", wrong.join("\n")))
}

/// What earlier steps left behind.
#[derive(Default)]
struct Past {
    saved: Saved,
    bodies: Vec<Vec<u8>>,
}

async fn take(app: &TestApp, shelf: &Shelf, step: Step, past: &mut Past) -> Vec<Mismatch> {
    let (sent, expected, save) = match step {
        Step::Run(words) => {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let output = app.run(&words).await;
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{words:?} ended with {}: {said}", output.status);
            return Vec::new();
        }
        Step::Ask { sent, expected, save } => (sent, expected, save),
    };
    let received = app.send(&sent).await;
    let Expected { status, headers, body, same_as } = *expected;
    let mut found = Vec::new();
    let got = serde_json::from_slice::<Value>(&received.body).ok();
    if status != received.status {
        let answer = format!("{} {}", received.status, String::from_utf8_lossy(&received.body));
        found.push(Mismatch::new("status", &status, Some(&answer.into())));
    }
    for (name, pattern) in headers {
        let value = received.header(&name).map(Value::from);
        let at_header = |mismatch| Mismatch { pointer: format!("header {name}"), ..mismatch };
        found.extend(pattern.mismatches(value.as_ref()).into_iter().map(at_header));
    }
    if let Some(pattern) = body.filter(|_| status == received.status) {
        found.extend(pattern.mismatches(got.as_ref()));
    }
    if same_as.is_some_and(|earlier| past.bodies[earlier] != received.body) {
        found.push(Mismatch::new("", &format!("the bytes of step {same_as:?}"), got.as_ref()));
    }
    found.extend(rules::broken(shelf, &sent, &received));
    for (name, pointer) in save {
        match got.as_ref().and_then(|got| got.pointer(&pointer)).and_then(Value::as_str) {
            Some(text) => drop(past.saved.insert(name, text.to_owned())),
            None => found.push(Mismatch::new(&pointer, &"a string to save", got.as_ref())),
        }
    }
    past.bodies.push(received.body);
    found
}

/// Runs to the end or to the panic of one step, so that the others still have their turn.
async fn caught<F: Future>(future: F) -> Result<F::Output, String> {
    let mut future = Box::pin(future);
    poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
        Ok(poll) => poll.map(Ok),
        Err(panic) => Poll::Ready(Err(text_of(&*panic))),
    })
    .await
}

fn text_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic").to_owned()
}

fn short(text: &str) -> String {
    let cut: String = text.chars().take(600).collect();
    if cut.len() < text.len() { format!("{cut} … ({} bytes)", text.len()) } else { cut }
}
