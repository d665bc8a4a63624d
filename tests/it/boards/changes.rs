//! What becomes of pages when something changes: nothing is shown that should not be, and nothing is mixed.

use crate::boards::body;
use crate::boards::empty;
use crate::boards::popular;
use crate::boards::texts;
use crate::boards::with_popular;
use crate::support::app::Received;
use crate::support::app::TestApp;
use crate::support::app::ask;
use crate::support::app::get;
use crate::support::app::sent;
use crate::support::fixture::Change;
use crate::support::fixture::Listed;
use crate::support::fixture::id;
use crate::support::fixture::listed;
use serde_json::json;

async fn ids(app: &TestApp, path: &str) -> Vec<String> {
    texts(&body(app, path).await, "/snap_id")
}

fn numbers(numbers: &[usize]) -> Vec<String> {
    numbers.iter().map(|number| id(*number)).collect()
}

#[tokio::test]
async fn an_exclusion_counts_at_once_and_ends_at_once() {
    let app = with_popular(4).await;
    Change::default().excluded(&[id(1)]).publish(&app).await;
    let list = body(&app, "/api/category/popular").await;
    assert_eq!(texts(&list, "/snap_id"), numbers(&[0, 2, 3]));
    assert_eq!(list[1]["rank"], 2);
    let snaps = body(&app, "/api/snaps?category=popular").await;
    assert_eq!(texts(&snaps["snaps"], "/snap_id"), numbers(&[0, 2, 3]));
    let independent = body(&app, "/v2/rankings/recent?assignment=independent").await;
    assert_eq!(texts(&independent["results"], "/snap-id"), numbers(&[3, 2, 0]));
    let recent = body(&app, "/api/recently-updated").await;
    assert_eq!(recent["snaps"].as_array().unwrap().len(), 4);
    Change::default().excluded(&[]).publish(&app).await;
    assert_eq!(ids(&app, "/api/category/popular").await, numbers(&[0, 1, 2, 3]));
}

#[tokio::test]
async fn what_vanished_leaves_every_page_and_still_counts() {
    let app = empty().await;
    popular(4).slice("picks", "Picks", &numbers(&[2, 1])).publish(&app).await;
    let gone = "UPDATE listed SET vanished_at = now(), generation = $generation WHERE snap_id = ";
    Change::default().sql(format!("{gone}'{}'", id(1))).publish(&app).await;
    assert_eq!(ids(&app, "/api/category/popular").await, numbers(&[0, 2, 3]));
    let recent = body(&app, "/api/recently-updated").await;
    assert_eq!(texts(&recent["snaps"], "/snap_id"), numbers(&[0, 2, 3]));
    let slice = body(&app, "/api/slice/picks").await;
    assert_eq!(texts(&slice["snaps"], "/snap_id"), numbers(&[2]));
    assert_eq!(body(&app, "/api/stats").await["total_tracked"], 4);
    let history = get(&app, "/v2/rankings/popular/history?snap=snap-1").await;
    assert_eq!(history.status, 404);
    let back = "UPDATE listed SET vanished_at = NULL, generation = $generation";
    Change::default().sql(back).publish(&app).await;
    assert_eq!(ids(&app, "/api/category/popular").await, numbers(&[0, 1, 2, 3]));
    // And a server that starts with it gone has never shown it.
    Change::default().sql(format!("{gone}'{}'", id(3))).publish(&app).await;
    let other = TestApp::serve(&app.database_url, &[]);
    assert_eq!(ids(&other, "/api/category/popular").await, numbers(&[0, 1, 2]));
    assert_eq!(body(&other, "/api/stats").await["total_tracked"], 4);
}

#[tokio::test]
async fn equal_scores_keep_the_order_they_were_given() {
    let app = empty().await;
    let order = [3, 0, 2, 1];
    let places: Vec<_> = order
        .iter()
        .zip(1..)
        .map(|(number, rank)| ("popular", id(*number), rank, 0.5, Some(rank)))
        .collect();
    Change::default().listed((0..4).map(listed)).places(&places).publish(&app).await;
    assert_eq!(ids(&app, "/api/category/popular").await, numbers(&order));
}

#[tokio::test]
async fn a_server_that_grew_answers_like_one_that_starts() {
    let app = with_popular(30).await;
    let renamed = Listed { name: "snap-other".to_owned(), ..listed(40) };
    Change::default().listed([listed(41), renamed]).publish(&app).await;
    Change::default()
        .slice("picks", "Picks", &numbers(&[4, 2]))
        .excluded(&[id(5)])
        .publish(&app)
        .await;
    popular(20).publish(&app).await;
    let gone = "UPDATE listed SET vanished_at = now(), generation = $generation WHERE snap_id = ";
    Change::default().sql(format!("{gone}'{}'", id(7))).publish(&app).await;
    let fresh = TestApp::serve(&app.database_url, &[]);
    for path in [
        "/api/category/popular",
        "/api/category/recent",
        "/api/slices",
        "/api/slice/picks",
        "/api/snaps?category=popular&limit=500",
        "/api/recently-updated?size=50",
        "/api/stats",
        "/v2/rankings?limit=100",
        "/v2/rankings/recent?limit=100&assignment=independent",
        "/v2/rankings/popular/history?snap=snap-other",
    ] {
        let (grown, fresh) = (get(&app, path).await, get(&fresh, path).await);
        assert_eq!(grown.body, fresh.body, "{path}");
        assert_eq!(grown.header("etag"), fresh.header("etag"), "{path}");
    }
}

#[tokio::test]
async fn a_ranking_is_never_empty_or_mixed_while_others_are_published() {
    let app = with_popular(60).await;
    let url = app.database_url.clone();
    let publishing = tokio::spawn(async move {
        for n in 0..12_usize {
            // Every time all of the ranking is others: even numbers, or odd ones.
            let places: Vec<_> = (0..50)
                .map(|place| ("popular", id(place + 10 * (n % 2)), place + 1, 0.5, Some(place + 1)))
                .collect();
            Change::default().places(&places).write(&url).await;
        }
    });
    let path = "/api/category/popular";
    let mut n_seen = 0;
    while !publishing.is_finished() {
        let received: Received = ask(&app.public, &sent("GET", path, &[])).await.unwrap();
        assert_eq!(received.status, 200);
        let ids = texts(&received.json(), "/snap_id");
        let from = usize::from(ids[0] == id(10)) * 10;
        assert_eq!(ids, (from..from + 50).map(id).collect::<Vec<_>>());
        n_seen += 1;
    }
    publishing.await.unwrap();
    assert!(n_seen > 10, "only {n_seen} answers were looked at");
}

#[tokio::test]
async fn pages_go_on_without_the_database() {
    let app = with_popular(3).await;
    let before = get(&app, "/api/category/popular").await.body;
    let client = crate::support::database::connect(&app.database_url).await;
    // Nobody may connect again, and who is connected is not.
    let name = app.database_url.rsplit('/').next().unwrap();
    let other = app.database_url.replace(name, "postgres");
    drop(client);
    let admin = crate::support::database::connect(&other).await;
    admin.batch_execute(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false")).await.unwrap();
    let end =
        format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
    admin.batch_execute(&end).await.unwrap();
    for _ in 0..20 {
        assert_eq!(get(&app, "/api/category/popular").await.body, before);
    }
    assert_eq!(body(&app, "/api/stats").await["total_tracked"], json!(3));
}

#[tokio::test]
async fn metrics_tell_how_old_is_what_each_step_brought() {
    let app = empty().await;
    let step = |step: &str, success: bool, ago: &str| {
        format!(
            "INSERT INTO step_run (step, success, message, started_at, ended_at, n_in, n_out, rejected)
             VALUES ('{step}', {success}, '', now(), now() - interval '{ago}', 0, 0, '{{}}')"
        )
    };
    Change::default()
        .sql(step("collect", true, "2 hours"))
        .sql(step("collect", false, "1 hour"))
        .sql(step("score", true, "1 hour"))
        .publish(&app)
        .await;
    let value = |text: &str, metric: &str, step: &str| {
        let name = format!("snapwise_pipeline_{metric}{{step=\"{step}\"}} ");
        let line = text.lines().find_map(|line| line.strip_prefix(&name));
        line.unwrap().parse::<f64>().unwrap()
    };
    let since = std::time::Instant::now();
    let text = loop {
        let text = String::from_utf8(app.ask_operator("/metrics").await.body).unwrap();
        if value(&text, "up", "score") > 0.0 {
            break text;
        }
        assert!(since.elapsed() < crate::support::app::PATIENCE, "{text}");
    };
    for (step, up, age) in [
        ("collect", 0.0, 7_200.0),
        ("filter", -1.0, -1.0),
        ("extra_fields", -1.0, -1.0),
        ("score", 1.0, 3_600.0),
    ] {
        assert!((value(&text, "up", step) - up).abs() < 0.5, "{step}");
        assert!((0.0..120.0).contains(&(value(&text, "age_seconds", step) - age)), "{step}");
    }
}
