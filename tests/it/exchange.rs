//! Catalogue documents into a real database and out of it.

use crate::support::TestDatabase;
use crate::support::app::snapwise;
use crate::support::database;
use crate::support::listings::listing;
use crate::support::listings::listings;
use deadpool_postgres::Object;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use snapwise::db::Database;
use snapwise::db::generations;
use snapwise::db::migrate;
use snapwise::exchange::ChangeRefusal;
use snapwise::exchange::Document;
use snapwise::exchange::Documents;
use snapwise::exchange::ImportReport;
use snapwise::exchange::Outcome;
use snapwise::exchange::close;
use snapwise::exchange::export;
use snapwise::exchange::generate;
use snapwise::exchange::import;
use snapwise::exchange::load_generated;
use snapwise::exchange::merge;
use snapwise::exchange::release;
use snapwise::snap::Instant;
use snapwise::snap::Revision;
use std::io::Write;
use std::path::PathBuf;

/// A migrated database without a snap; it lasts as long as this value.
struct Shelf {
    client: Object,
    database: TestDatabase,
}

impl Shelf {
    async fn empty() -> Self {
        let test_database = database().await;
        let database = Database::new(&test_database.url, 2).unwrap();
        migrate(&database).await.unwrap();
        Self { client: database.client().await.unwrap(), database: test_database }
    }

    async fn import(&mut self, text: &[u8]) -> ImportReport {
        let documents = Documents::new(text).unwrap();
        import(&mut self.client, documents, now(), &mut |_| ()).await.unwrap()
    }

    async fn export(&mut self) -> Vec<u8> {
        let mut out = Vec::new();
        let report = export(&mut self.client, None, &mut out).await.unwrap();
        assert_eq!(report.spoilt, Vec::<String>::new());
        out
    }

    async fn generation(&self) -> Option<i64> {
        generations::latest(&self.client).await.unwrap().map(|(number, _)| number)
    }

    async fn clear(&self) {
        let sql = "TRUNCATE generation, snap, publisher, store CASCADE";
        self.client.batch_execute(sql).await.unwrap();
    }
}

fn now() -> Instant {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

fn counts(report: &ImportReport) -> [u64; 5] {
    [report.n_read, report.n_added, report.n_changed, report.n_unchanged, report.n_rejected]
}

/// A document of a snap of that number that is called so.
fn line(number: u32, name: &str) -> String {
    format!(r#"{{"name": "{name}", "snap-id": "{number:032}"}}"#)
}

#[test]
fn what_was_exported_is_imported_as_it_was() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let shelf = std::cell::RefCell::new(runtime.block_on(Shelf::empty()));
    let mut runner = TestRunner::new(ProptestConfig { cases: 48, ..ProptestConfig::default() });
    let checked = runner.run(&listings(4), |listings| {
        let shelf = &mut *shelf.borrow_mut();
        runtime.block_on(async {
            shelf.clear().await;
            let expected = listings.len() as u64;
            let given = listings.into_iter();
            load_generated(&mut shelf.client, given, now(), &mut |_| ()).await.unwrap();
            let first = shelf.export().await;
            shelf.clear().await;
            let report = shelf.import(&first).await;
            prop_assert_eq!(
                counts(&report),
                [expected, expected, 0, 0, 0],
                "{:?}",
                report.rejected
            );
            let second = shelf.export().await;
            prop_assert_eq!(String::from_utf8_lossy(&second), String::from_utf8_lossy(&first));
            let again = shelf.import(&first).await;
            prop_assert_eq!(counts(&again), [expected, 0, 0, expected, 0]);
            prop_assert_eq!((again.generation, shelf.generation().await), (None, Some(1)));
            Ok(())
        })
    });
    checked.unwrap();
}

proptest! {
    #[test]
    fn a_document_is_read_as_it_was_written(listing in listing(0)) {
        let text = serde_json::to_vec(&Document::of(&listing)).unwrap();
        let statement = Document::parse(&text).unwrap();
        let fresh = merge(None, &statement, now()).unwrap();
        prop_assert_eq!(&fresh, &listing);
        prop_assert_eq!(merge(Some(&listing), &statement, now()).unwrap(), listing);
    }

    #[test]
    fn merging_again_changes_nothing(
        stored in listing(0),
        stated in listing(0),
        tells_history in any::<bool>(),
    ) {
        let mut document = serde_json::to_value(Document::of(&stated)).unwrap();
        if !tells_history {
            document.as_object_mut().unwrap().remove("releases");
        }
        let statement = Document::parse(document.to_string().as_bytes()).unwrap();
        // Two random snaps may not fit: the same revision may be built for something else.
        let Ok(once) = merge(Some(&stored), &statement, now()) else { return Ok(()) };
        let later = "2030-01-01T00:00:00Z".parse().unwrap();
        prop_assert_eq!(merge(Some(&once), &statement, later).unwrap(), once);
    }
}

#[tokio::test]
async fn the_same_file_twice_changes_nothing() {
    let mut shelf = Shelf::empty().await;
    let text = documents(300);
    assert_eq!(counts(&shelf.import(&text).await), [300, 300, 0, 0, 0]);
    let report = shelf.import(&text).await;
    assert_eq!(counts(&report), [300, 0, 0, 300, 0]);
    assert_eq!((report.generation, shelf.generation().await), (None, Some(1)));
}

fn documents(n: u64) -> Vec<u8> {
    let mut text = Vec::new();
    for listing in generate(n, 1) {
        serde_json::to_writer(&mut text, &Document::of(&listing)).unwrap();
        text.push(b'\n');
    }
    text
}

#[tokio::test]
async fn a_poisoned_line_harms_only_itself() {
    let mut shelf = Shelf::empty().await;
    let lines = [line(1, "one"), "{\"name\":".into(), line(2, "UPPER"), line(3, "three")];
    let report = shelf.import(lines.join("\n").as_bytes()).await;
    assert_eq!(counts(&report), [4, 2, 0, 0, 2]);
    let rejected: Vec<_> = report
        .rejected
        .iter()
        .map(|rejected| (rejected.line, rejected.rejection.reason.as_str()))
        .collect();
    let expected = [
        (2, "not JSON: EOF while parsing a value at line 1 column 8"),
        (3, "name: not a valid snap name: lower-case letters, digits and dashes only"),
    ];
    assert_eq!(rejected, expected);
    assert_eq!(report.generation, Some(1));
}

#[tokio::test]
async fn a_taken_name_is_rejected_alone() {
    let mut shelf = Shelf::empty().await;
    shelf.import(line(1, "one").as_bytes()).await;
    let lines = [line(2, "two"), line(3, "one"), line(4, "four"), line(5, "four"), line(2, "two")];
    let report = shelf.import(lines.join("\n").as_bytes()).await;
    assert_eq!(counts(&report), [5, 2, 0, 1, 2]);
    for (rejected, line) in report.rejected.iter().zip([2, 4]) {
        assert_eq!(rejected.line, line);
        assert_eq!(rejected.rejection.reason, "the name is taken by another snap");
    }
}

#[tokio::test]
async fn a_file_of_rubbish_leaves_no_trace() {
    let mut shelf = Shelf::empty().await;
    let report = shelf.import("x\n".repeat(60_000).as_bytes()).await;
    assert_eq!(counts(&report), [60_000, 0, 0, 0, 60_000]);
    assert_eq!((report.rejected.len(), shelf.generation().await), (50_000, None));
}

/// The command accounts for every line: what it took in, and line by line what it did not, and why.
#[tokio::test]
async fn every_line_that_is_rejected_is_named_with_its_reason() {
    let shelf = Shelf::empty().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("catalogue.jsonl");
    let lines: Vec<_> = (1..=3_000_u32)
        .map(|n| if n % 3 == 0 { line(n, &format!("snap-{n}")) } else { "x".to_owned() })
        .collect();
    std::fs::write(&file, lines.join("\n")).unwrap();
    let import = ["catalogue", "import", file.to_str().unwrap()];
    let output = snapwise(&shelf.database.url, &import).output().unwrap();
    let [out, err] = [output.stdout, output.stderr].map(|said| String::from_utf8(said).unwrap());
    assert!(
        out.starts_with("read 3000: 1000 added, 0 changed, 0 unchanged, 2000 rejected"),
        "{out}"
    );
    let rejected: Vec<_> = err.lines().filter(|line| line.starts_with("line ")).collect();
    assert_eq!(rejected.len(), 2_000);
    for (said, line) in rejected.iter().zip((1..).filter(|n| n % 3 != 0)) {
        assert!(said.starts_with(&format!("line {line}: not a JSON object")), "{said}");
    }
}

#[tokio::test]
async fn publishers_told_in_two_ways_come_to_rest() {
    let mut shelf = Shelf::empty().await;
    let with = |number, name: &str| {
        let publisher =
            format!(r#""snap": {{"publisher": {{"id": "p", "username": "{name}"}}}}, "snap-id""#);
        line(number, name).replace("\"snap-id\"", &publisher)
    };
    let text = [with(1, "one"), with(2, "two")].join("\n");
    assert_eq!(counts(&shelf.import(text.as_bytes()).await), [2, 2, 0, 0, 0]);
    assert_eq!(counts(&shelf.import(text.as_bytes()).await), [2, 0, 0, 2, 0]);
}

#[tokio::test]
async fn a_changed_channel_map_becomes_history() {
    let mut shelf = Shelf::empty().await;
    let document = |revision: u32, day: u32| {
        serde_json::json!({
            "name": "one", "snap-id": format!("{:032}", 1), "channel-map": [{
                "channel": {"architecture": "amd64", "name": "stable",
                            "released-at": format!("2026-05-{day:02}T12:00:00Z")},
                "download": {"url": "https://a.example/1", "size": 1, "sha3-384": "00".repeat(48)},
                "revision": revision, "version": "1",
            }],
        })
    };
    shelf.import(document(1, 1).to_string().as_bytes()).await;
    let report = shelf.import(document(2, 2).to_string().as_bytes()).await;
    assert_eq!(counts(&report), [1, 0, 1, 0, 0]);
    let text = String::from_utf8(shelf.export().await).unwrap();
    let told: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(told["releases"][0]["closed-at"], "2026-05-02T12:00:00.000000+00:00");
    assert_eq!(told["revisions"][0]["revision"], 1);
}

#[tokio::test]
async fn releases_by_hand_are_published() {
    let mut shelf = Shelf::empty().await;
    load_generated(&mut shelf.client, generate(1, 1), now(), &mut |_| ()).await.unwrap();
    let name = "hello-snapwise".parse().unwrap();
    let stable = "stable".parse().unwrap();
    let two = Revision::new(2).unwrap();
    let client = &mut shelf.client;
    let both = vec!["amd64".parse().unwrap(), "arm64".parse().unwrap()];
    let published = |architectures, generation| Outcome::Published { architectures, generation };
    let outcome = release(client, name, two, &stable, None, now()).await.unwrap();
    assert_eq!(outcome, published(both.clone(), 2));
    let outcome = release(client, name, two, &stable, Some(both[0]), now()).await.unwrap();
    assert_eq!(outcome, Outcome::Already);
    let outcome = close(client, name, &stable, Some(both[1]), now()).await.unwrap();
    assert_eq!(outcome, published(vec![both[1]], 3));
    let unknown = "no-such-snap".parse().unwrap();
    let outcome = close(client, unknown, &stable, None, now()).await.unwrap();
    assert_eq!(outcome, Outcome::Refused(ChangeRefusal::UnknownSnap(unknown)));
    assert_eq!(shelf.generation().await, Some(3));
}

/// Where the shared real data is; `None`, with a word about it, on a desk without.
#[expect(
    clippy::disallowed_methods,
    reason = "CI is a fact about the test run, no setting of ours"
)]
fn shared(path: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(path);
    if path.exists() {
        return Some(path);
    }
    let is_ci = std::env::var("CI").is_ok_and(|value| value == "true");
    assert!(!is_ci, "{} is missing, and CI has to have it", path.display());
    writeln!(std::io::stderr().lock(), "SKIPPED: {} is missing", path.display()).unwrap();
    None
}

#[tokio::test]
async fn real_listings_are_accounted_for() {
    let Some(path) = shared("snaps.jsonl") else { return };
    let mut shelf = Shelf::empty().await;
    let text = std::fs::read(path).unwrap();
    let n_lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count() as u64;
    let documents = Documents::new(text.as_slice()).unwrap();
    let rejections = documents.filter_map(|found| found.unwrap().statement.err());
    let mut by_reason = std::collections::BTreeMap::<String, u64>::new();
    for rejection in rejections {
        assert!(rejection.snap.is_some() || rejection.reason.starts_with("name: "), "{rejection}");
        *by_reason.entry(rejection.reason).or_default() += 1;
    }
    let report = shelf.import(&text).await;
    assert_eq!(report.n_read, n_lines);
    assert_eq!(report.n_added + report.n_rejected, n_lines);
    assert_eq!(by_reason.values().sum::<u64>(), report.n_rejected);
    assert!(by_reason["snap-id: missing"] > 7_000, "{by_reason:?}");
    assert!(report.n_added >= 60, "{}", report.n_added);
    let again = shelf.import(&text).await;
    assert_eq!([again.n_unchanged, again.n_rejected], [report.n_added, report.n_rejected]);
    let exported = shelf.export().await;
    shelf.clear().await;
    shelf.import(&exported).await;
    assert!(shelf.export().await == exported, "import of the export is the identity");
}

#[tokio::test]
async fn real_answers_are_imported_completely() {
    let mut shelf = Shelf::empty().await;
    for (name, n_entries) in [("convertermulti", 6), ("freecad_snap", 4), ("store_tui", 4)] {
        let file = format!("real-responses/{name}_info_response.json");
        let Some(path) = shared(&file) else { return };
        let text = std::fs::read(path).unwrap();
        let report = shelf.import(&text).await;
        assert_eq!(counts(&report), [1, 1, 0, 0, 0], "{:?}", report.rejected);
        let original: serde_json::Value = serde_json::from_slice(&text).unwrap();
        let mut out = Vec::new();
        let name = original["name"].as_str().unwrap().parse().unwrap();
        export(&mut shelf.client, Some(&name), &mut out).await.unwrap();
        let told: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(told["channel-map"].as_array().map(Vec::len), Some(n_entries));
        for (own, theirs) in told["channel-map"]
            .as_array()
            .into_iter()
            .flatten()
            .zip(original["channel_map"].as_array().into_iter().flatten())
        {
            for (kebab, snake) in
                [("revision", "revision"), ("snap-yaml", "snap_yaml"), ("version", "version")]
            {
                assert_eq!(own[kebab], theirs[snake]);
            }
            assert_eq!(own["download"]["sha3-384"], theirs["download"]["sha3_384"]);
            assert_eq!(own["channel"]["name"], theirs["channel"]["name"]);
            assert_eq!(own["channel"]["architecture"], theirs["channel"]["architecture"]);
        }
        for member in ["description", "license", "title", "summary", "contact", "website"] {
            assert_eq!(told["snap"][member], original["snap"][member], "{member}");
        }
    }
}
