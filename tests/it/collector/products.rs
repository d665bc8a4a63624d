//! What the pipeline is for: snaps that can be installed, and rankings of them.

use crate::collector::ALL_DUE;
use crate::collector::Scene;
use crate::rankings::oracle;
use crate::support::app::Sent;
use crate::support::app::TestApp;
use crate::support::database;
use crate::support::upstream::Upstream;
use serde_json::Value;
use serde_json::json;
use snapwise::exchange::Document;
use snapwise::exchange::generate;
use snapwise::ranking::Candidate;
use snapwise::ranking::Category;
use snapwise::snap::Listing;
use snapwise::snap::Publisher;
use std::collections::BTreeMap;

/// The revision in the channel that an install gets without being asked, if the store has one for this architecture.
fn stable(info: &Value) -> Option<u64> {
    let entries = info["channel-map"].as_array()?;
    let is_it = |entry: &&Value| {
        let channel = &entry["channel"];
        (&channel["architecture"], &channel["track"], &channel["risk"])
            == (&json!("amd64"), &json!("latest"), &json!("stable"))
            && channel["name"].as_str().is_some_and(|name| name.matches('/').count() == 0)
    };
    let found = entries.iter().find(is_it).filter(|_| info["default-track"].is_null());
    found?["revision"].as_u64()
}

async fn offered(app: &TestApp, names: &[String]) -> Vec<(String, Value)> {
    let action = |name: &String| json!({"action": "install", "instance-key": name, "name": name, "channel": "stable"});
    let actions: Vec<Value> = names.iter().map(action).collect();
    let body =
        json!({"context": [], "actions": actions, "fields": ["revision", "download", "version"]});
    let headers = [
        ("Snap-Device-Series", "16"),
        ("Snap-Device-Architecture", "amd64"),
        ("Content-Type", "application/json"),
    ];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let (method, path) = ("POST".to_owned(), "/v2/snaps/refresh".to_owned());
    let received =
        app.send(&Sent { method, path, headers, body: body.to_string().into_bytes() }).await;
    let results = received.json()["results"].as_array().unwrap().clone();
    let told = |result: &Value| match result["result"].as_str() {
        Some("error") => result["error"]["code"].clone(),
        _ => result["snap"]["revision"].clone(),
    };
    results
        .iter()
        .map(|result| (result["instance-key"].as_str().unwrap().to_owned(), told(result)))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_collected_can_be_installed_from_a_server_that_was_there_before() {
    let scene = Scene::new(40).await;
    let app = TestApp::serve(&scene.url, &[]);
    scene.run(&["start"]);
    let generation = scene.generation().await;
    app.wait_for_generation(generation).await;
    assert_eq!(scene.number("SELECT generation FROM part WHERE name = 'places'").await, generation);
    assert!(scene.number("SELECT count(*) FROM placed").await > 0);
    let names = scene.texts("SELECT name FROM listed ORDER BY name").await;
    let mut expected = Vec::new();
    for name in &names {
        if let Some(revision) = stable(&scene.info(name).await) {
            expected.push((name.clone(), json!(revision)));
        }
    }
    assert!(expected.len() > 5, "{expected:?}");
    let names: Vec<String> = expected.iter().map(|(name, _)| name.clone()).collect();
    assert_eq!(offered(&app, &names).await, expected);
    // What the store lists no more is not there, and is when it is listed again.
    let gone = &names[..2];
    scene.upstream.set(json!({"vanished": gone})).await;
    scene.run(&["initial"]);
    let marked = "SELECT listed.name::text FROM listed JOIN snap USING (snap_id)
                  WHERE vanished_at IS NOT NULL AND withdrawn_at IS NOT NULL ORDER BY listed.name";
    assert_eq!(scene.texts(marked).await, gone);
    assert_eq!(scene.last_step().await.3["vanished"], 2);
    app.wait_for_generation(scene.generation().await).await;
    let refused = gone.iter().map(|name| (name.clone(), json!("name-not-found")));
    assert_eq!(offered(&app, gone).await, refused.collect::<Vec<_>>());
    assert_eq!(offered(&app, &names[2..]).await, expected[2..]);
    scene.run(&["filter"]);
    scene.run(&["score"]);
    let ranked =
        "SELECT count(*) FROM placed JOIN listed USING (snap_id) WHERE vanished_at IS NOT NULL";
    assert_eq!(scene.number(ranked).await, 0, "what is gone is ranked");
    scene.upstream.set(json!({})).await;
    scene.run(&["initial"]);
    assert_eq!(scene.texts(marked).await, [""; 0]);
    app.wait_for_generation(scene.generation().await).await;
    assert_eq!(offered(&app, &names).await, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_what_is_due_is_asked_for_and_only_what_is_new_is_a_generation() {
    let scene = Scene::new(120).await;
    scene.run(&["initial"]);
    let n = scene.number("SELECT count(*) FROM listed").await;
    assert!(n > 100, "{n} snaps: more than a page");
    let count = |kind: &'static str| scene.count(kind);
    assert_eq!(count("info").await, n.unsigned_abs());
    let generation = scene.generation().await;
    let rows = "SELECT md5(string_agg(listed::text, ' ' ORDER BY snap_id)) FROM listed";
    let before = scene.texts(rows).await;

    scene.upstream.clear().await;
    scene.run(&["initial"]);
    assert_eq!(count("info").await, 0, "nothing was due");
    assert_eq!((scene.generation().await, scene.texts(rows).await), (generation, before.clone()));

    // All are due, and the store says that nothing changed.
    scene.run_with(&["initial"], &[crate::collector::ALL_DUE]);
    assert_eq!(count("info").await, n.unsigned_abs());
    assert_eq!(count("not-modified").await, n.unsigned_abs());
    assert_eq!((scene.generation().await, scene.texts(rows).await), (generation, before));

    // Two are updated: they are asked for, and no others.
    let updated = scene.texts("SELECT name FROM listed ORDER BY name LIMIT 2").await;
    scene.upstream.clear().await;
    scene.upstream.set(json!({"updated": updated})).await;
    scene.run(&["initial"]);
    assert_eq!((count("info").await, count("not-modified").await), (2, 0));
    assert!(scene.generation().await > generation);
    let changed =
        format!("SELECT name::text FROM listed WHERE generation > {generation} ORDER BY name");
    assert_eq!(scene.texts(&changed).await, updated);
}

/// One publisher is told of in two ways on two pages: which of them is believed does not change from run to run.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_word_on_a_publisher_holds_for_the_whole_run() {
    let mut listings: Vec<Listing> =
        generate(300, 1).filter(|snap| !snap.private && snap.stores.is_empty()).collect();
    let publisher = listings[0].publisher.clone().unwrap();
    let last = listings.last_mut().unwrap();
    last.publisher = Some(Publisher { display_name: "Otherwise".parse().unwrap(), ..publisher });
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("snaps.jsonl");
    let documents = listings.iter().map(|snap| serde_json::to_string(&Document::of(snap)).unwrap());
    std::fs::write(&path, documents.collect::<Vec<_>>().join("\n")).unwrap();
    let upstream = Upstream::with(&["--file", path.to_str().unwrap()]);
    let scene = Scene::before(database::migrated().await.url, upstream).await;
    scene.run(&["initial"]);
    assert!(scene.count("search").await > 1, "more than a page");
    let told = "SELECT count(*) FROM publisher WHERE display_name = 'Otherwise'";
    let (generation, n_told) = (scene.generation().await, scene.number(told).await);
    scene.client.execute("UPDATE info_read SET etag = NULL", &[]).await.unwrap();
    scene.upstream.clear().await;
    scene.run_with(&["initial"], &[ALL_DUE]);
    let n_read = scene.count("info").await;
    assert!(n_read > 100 && scene.count("not-modified").await == 0, "{n_read}");
    assert_eq!((scene.generation().await, scene.number(told).await), (generation, n_told));
}

/// The eligible snaps that no editor keeps out, counted by the database from what the store sent.
async fn population(scene: &Scene) -> Vec<Candidate> {
    let sql = "SELECT snap_id, coalesce(active_devices, 0), last_updated,
                   (SELECT count(*) FROM jsonb_array_elements(media) AS item
                    WHERE item->>'type' IN ('icon', 'screenshot', 'video', 'banner', 'logo')),
                   (SELECT count(*) FROM jsonb_each(links) AS kind
                    WHERE jsonb_typeof(kind.value) = 'array' AND kind.value <> '[]'),
                   license <> 'unset', developer_validation IN ('verified', 'starred'), raw_rating
               FROM listed LEFT JOIN measure USING (snap_id)
               WHERE icon IS NOT NULL AND char_length(description) > 50
                   AND last_updated > now() - interval '180 days'
                   AND (links->'contact' <> '[]' OR links->'issues' <> '[]')
                   AND snap_id NOT IN (SELECT snap_id FROM exclusion)
               ORDER BY snap_id";
    let rows = scene.client.query(sql, &[]).await.unwrap();
    let count = |n: i64| usize::try_from(n).unwrap();
    let candidate = |row: &tokio_postgres::Row| Candidate {
        snap: row.get(0),
        n_devices: row.get::<_, i64>(1).unsigned_abs(),
        updated_at: row.get(2),
        n_media: count(row.get(3)),
        n_links: count(row.get(4)),
        has_license: row.get(5),
        is_vouched_for: row.get(6),
        rating: row.get(7),
    };
    rows.iter().map(candidate).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_rankings_are_those_of_an_independent_reckoning() {
    let scene = Scene::new(150).await;
    scene.run(&["start"]);
    let exclude = "INSERT INTO exclusion (snap_id, excluded_at)
                   SELECT DISTINCT snap_id, now() FROM placed WHERE rank <= 2";
    let n_excluded = scene.client.execute(exclude, &[]).await.unwrap();
    assert!(n_excluded > 2, "{n_excluded}");
    let tally = scene.run(&["score"]);
    let population = population(&scene).await;
    let n = population.len();
    assert!(n > 60 && tally.contains(&format!("{n} in, {n} out")), "{n}: {tally}");
    assert!(population.iter().filter(|one| one.rating.is_some()).count() > 2);
    let mut scores = vec![BTreeMap::new(); n];
    let mut shown = vec![None; n];
    for category in Category::ALL {
        let sql =
            "SELECT snap_id, score, rank, shown_rank FROM placed WHERE category = $1 ORDER BY rank";
        let rows = scene.client.query(sql, &[&category.as_str()]).await.unwrap();
        assert_eq!(rows.len(), n, "all are ranked in {category}");
        let mut before = f64::INFINITY;
        let mut next_shown = 1;
        for (place, row) in (1..).zip(&rows) {
            let one = population.iter().position(|one| one.snap == row.get(0)).unwrap();
            let (score, rank, shown_rank): (f64, i32, Option<i32>) =
                (row.get(1), row.get(2), row.get(3));
            let expected = oracle::scores(&population, &population[one])[&category];
            assert!((score - expected).abs() < 1e-9, "{category}: {score}, not {expected}");
            assert!(rank == place && score <= before, "{category}: rank {rank} at {place}");
            before = score;
            if let Some(shown_rank) = shown_rank {
                assert_eq!(shown_rank, next_shown, "{category}");
                next_shown += 1;
                assert_eq!(shown[one].replace(category), None, "a snap is shown once");
            }
            scores[one].insert(category, score);
        }
        assert!(
            usize::try_from(next_shown - 1).unwrap() <= n.div_ceil(4),
            "{category} is too full"
        );
    }
    let shown: Vec<Category> = shown.into_iter().map(Option::unwrap).collect();
    assert_eq!(shown, oracle::assignment(&scores, &population));
}
