//! How much the pipeline asks of the database: by the batch, never by the snap.

use crate::collector::Scene;
use crate::support::app::snapwise;
use crate::support::private;
use snapwise::postgres::Private;
use std::path::Path;

/// The statements in PostgreSQL's log from there on, but for those of the job, which go by the clock.
fn statements(log: &Path, from: usize) -> Vec<String> {
    let text = std::fs::read(log).unwrap();
    let text = String::from_utf8_lossy(&text[from..]).into_owned();
    let mut entries: Vec<String> = Vec::new();
    for line in text.lines() {
        match line.split_once("] LOG:  ") {
            Some((_, said)) => entries.push(said.to_owned()),
            None => {
                if let Some(entry) = entries.last_mut() {
                    entry.push_str(line);
                }
            }
        }
    }
    entries.retain(|entry| {
        (entry.starts_with("execute ") || entry.starts_with("statement: "))
            && !entry.contains("job")
            && !entry.contains("LISTEN")
    });
    entries
}

/// How many statements each stage takes for so many snaps, and how many snaps are listed.
async fn counts(n_snaps: u64) -> ([usize; 4], i64) {
    let folder = tempfile::tempdir().unwrap();
    let private = Private::start(folder.path(), &private::options()).unwrap();
    assert!(snapwise(private.url(), &["migrate"]).output().unwrap().status.success());
    let scene = Scene::on(private.url().to_owned(), n_snaps).await;
    let (_, name) = private.url().rsplit_once('/').unwrap();
    let name = name.split('?').next().unwrap();
    let told = format!("ALTER DATABASE \"{name}\" SET log_statement = 'all'");
    scene.client.batch_execute(&told).await.unwrap();
    let log = folder.path().join("postgres.log");
    let counts = ["initial", "filter", "extra-fields", "score"].map(|stage| {
        let from = usize::try_from(std::fs::metadata(&log).unwrap().len()).unwrap();
        scene.run(&[stage]);
        let statements = statements(&log, from);
        assert!(statements.len() > 3, "{stage}: {statements:?}");
        statements.len()
    });
    (counts, scene.number("SELECT count(*) FROM listed").await)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn statements_go_by_the_batch_and_not_by_the_snap() {
    let ([collect, filter, enrich, score], n) = counts(95).await;
    let ([collect_more, filter_more, enrich_more, score_more], n_more) = counts(380).await;
    assert!(n <= 100 && n_more > 300, "{n} {n_more}: one page, and four");
    // A page of 100 snaps and their channels is stored at once: some tables, some statements each.
    assert!(collect < 60, "{collect} statements for one page");
    assert!(collect_more <= 4 * collect, "{collect_more} for four pages, {collect} for one");
    assert_eq!(filter_more, filter);
    assert_eq!(enrich_more, enrich, "the answers of 32 batches are stored together");
    assert_eq!(score_more, score);
}
