//! The queue: one job for equal work, one owner for a job, and nothing kept for ever.

use crate::jobs::Place;
use crate::jobs::at;
use crate::jobs::hours;
use crate::jobs::now;
use crate::jobs::plain;
use serde_json::Value;
use serde_json::json;
use snapwise::db::jobs;
use snapwise::db::jobs::Cancelling;
use snapwise::db::jobs::Filter;
use snapwise::db::jobs::JobState;
use snapwise::db::jobs::Outcome;
use snapwise::db::jobs::Pruned;
use snapwise::snap::Instant;
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::task::JoinSet;

const LEASE: Duration = Duration::from_secs(30);

#[tokio::test]
async fn equal_keys_make_one_job_however_many_ask_at_once() {
    let place = Place::new().await;
    let mut asking = JoinSet::new();
    for _ in 0..50 {
        let database = place.database.clone();
        asking.spawn(async move {
            let client = database.client().await.unwrap();
            jobs::enqueue(&client, &plain("pipeline", Some("pipeline")), now()).await.unwrap()
        });
    }
    let enqueued = asking.join_all().await;
    assert_eq!(enqueued.iter().filter(|one| one.is_new).count(), 1);
    let ids: BTreeSet<_> = enqueued.iter().map(|one| one.job.id).collect();
    assert_eq!(ids.len(), 1);
    let other = place.enqueue(&plain("pipeline", Some("other"))).await;
    let (one, two) = (plain("pipeline", None), plain("pipeline", None));
    let ids: BTreeSet<_> = [place.enqueue(&one).await.id, place.enqueue(&two).await.id, other.id]
        .into_iter()
        .chain(ids)
        .collect();
    assert_eq!(ids.len(), 4, "work with another key, or with none, is other work");
}

#[tokio::test]
async fn a_key_is_free_when_its_job_is_over() {
    let place = Place::new().await;
    let mut client = place.client().await;
    let first = place.enqueue(&plain("a", Some("k"))).await;
    let (job, lease) = jobs::claim(&client, &["a"], "w", 1, now()).await.unwrap().unwrap();
    assert_eq!((job.id, job.attempt, job.state), (first.id, 1, JobState::Running));
    assert_eq!(place.enqueue(&plain("a", Some("k"))).await.id, first.id, "it is under way");
    let transaction = client.transaction().await.unwrap();
    let outcome = Outcome::Succeeded(json!({"n": 1}));
    assert!(jobs::finish(&transaction, &lease, &outcome, now()).await.unwrap());
    transaction.commit().await.unwrap();
    let next = place.enqueue(&plain("a", Some("k"))).await;
    assert_ne!(next.id, first.id);
    let ended = place.job(first.id).await;
    assert_eq!((ended.state, ended.progress), (JobState::Succeeded, 1.0));
    assert_eq!(ended.result, Some(json!({"n": 1})));
}

#[tokio::test]
async fn a_claim_takes_the_job_that_waits_longest_of_the_kinds_known() {
    let place = Place::new().await;
    let client = place.client().await;
    let begin = at("2026-11-21T09:00:00Z");
    let mut ids = Vec::new();
    for (minute, kind) in [(2, "a"), (0, "unknown"), (1, "b"), (9, "a")] {
        let when = begin.plus(Duration::from_mins(minute));
        ids.push(jobs::enqueue(&client, &plain(kind, None), when).await.unwrap().job.id);
    }
    let now = begin.plus(Duration::from_mins(5));
    let mut claimed = Vec::new();
    while let Some((job, _)) = jobs::claim(&client, &["a", "b"], "w", 7, now).await.unwrap() {
        claimed.push(job.id);
    }
    assert_eq!(claimed, [ids[2], ids[0]], "the last one's time has not come");
}

#[tokio::test]
async fn among_ten_thousand_jobs_a_claim_goes_by_the_index() {
    let place = Place::new().await;
    let client = place.client().await;
    let fill = "INSERT INTO job (job_id, kind, state, args, stages, max_attempts, created_at, run_after)
                SELECT 'j-' || lpad(to_hex(n), 16, '0'), 'a', 'queued', '{}', '{}', 5, at, at
                FROM generate_series(1, 10000) AS n,
                    LATERAL (SELECT '2026-11-21 09:00:00+00'::timestamptz + n * interval '1 ms') AS t (at)";
    client.execute(fill, &[]).await.unwrap();
    client.batch_execute("ANALYZE job").await.unwrap();
    let claim = include_str!("../../../src/db/jobs/claim.sql");
    let explain = format!("EXPLAIN (FORMAT JSON) {claim}");
    let values: [&(dyn tokio_postgres::types::ToSql + Sync); 4] =
        [&vec!["a"], &at("2026-11-22T00:00:00Z"), &"w", &"t"];
    let row = client.query_one(&explain, &values).await.unwrap();
    let plan: Json = row.get(0);
    assert!(plan.0.contains("\"job_waiting\""), "{}", plan.0);
    assert!(!plan.0.contains("Seq Scan") && !plan.0.contains("\"Sort\""), "{}", plan.0);
    let claimed = jobs::claim(&client, &["a"], "w", 1, at("2026-11-22T00:00:00Z")).await.unwrap();
    assert_eq!(claimed.unwrap().0.id.to_string(), "j-0000000000000001");
}

/// JSON as its text.
struct Json(String);

impl<'a> tokio_postgres::types::FromSql<'a> for Json {
    fn from_sql(
        _: &tokio_postgres::types::Type,
        raw: &'a [u8],
    ) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(String::from_utf8(raw.to_vec())?))
    }

    fn accepts(sql_type: &tokio_postgres::types::Type) -> bool {
        *sql_type == tokio_postgres::types::Type::JSON
    }
}

#[tokio::test]
async fn a_silent_owner_loses_its_job_and_at_last_the_job_fails() {
    let place = Place::new().await;
    let client = place.client().await;
    let id = place.enqueue(&plain("a", None)).await.id;
    let mut now = now();
    for attempt in 1..=3 {
        let (job, _) = jobs::claim(&client, &["a"], "w", attempt, now).await.unwrap().unwrap();
        assert_eq!(u64::try_from(job.attempt).unwrap(), attempt);
        now = now.plus(Duration::from_secs(29));
        assert_eq!(jobs::expire(&client, LEASE, now).await.unwrap(), []);
        now = now.plus(Duration::from_secs(1));
        let expired = jobs::expire(&client, LEASE, now).await.unwrap();
        assert_eq!(expired.iter().map(|job| job.id).collect::<Vec<_>>(), [id]);
    }
    let job = place.job(id).await;
    assert_eq!((job.state, job.attempt, job.ended_at), (JobState::Failed, 3, Some(now)));
    let reason = "the worker w was not heard of any more in attempt 3";
    assert_eq!(job.error.as_deref(), Some(reason));
}

#[tokio::test]
async fn a_job_is_cancelled_at_once_or_its_owner_is_told() {
    let place = Place::new().await;
    let client = place.client().await;
    let waiting = place.enqueue(&plain("a", None)).await.id;
    let Cancelling::Cancelled(job) = jobs::cancel(&client, waiting, now()).await.unwrap() else {
        panic!("it waited")
    };
    assert_eq!(job.state, JobState::Cancelled);
    let again = jobs::cancel(&client, waiting, now()).await.unwrap();
    assert!(matches!(again, Cancelling::AlreadyFinished(_)));
    let gone = jobs::cancel(&client, crate::jobs::id(), now()).await.unwrap();
    assert_eq!(gone, Cancelling::NotFound);

    let running = place.enqueue(&plain("a", None)).await.id;
    let (_, lease) = jobs::claim(&client, &["a"], "w", 1, now()).await.unwrap().unwrap();
    let told = jobs::cancel(&client, running, now()).await.unwrap();
    assert!(matches!(told, Cancelling::Requested(_)));
    let heard = jobs::heartbeat(&client, &lease, now()).await.unwrap();
    assert_eq!(heard, jobs::Heartbeat::CancelRequested);
    // Its owner dies: nobody begins it again.
    jobs::expire(&client, LEASE, now().plus(hours(1))).await.unwrap();
    assert_eq!(place.job(running).await.state, JobState::Cancelled);
}

#[tokio::test]
async fn the_list_is_in_order_and_goes_on_where_it_ended() {
    let place = Place::new().await;
    let client = place.client().await;
    let mut made = Vec::new();
    for n in 0..7_u64 {
        // Some at the same instant.
        let when = at("2026-11-21T09:00:00Z").plus(Duration::from_secs(n / 3));
        let kind = if n % 2 == 0 { "even" } else { "odd" };
        made.push(jobs::enqueue(&client, &plain(kind, None), when).await.unwrap().job);
    }
    made.sort_by_key(|job| (std::cmp::Reverse(job.created_at), job.id));
    let mut listed = Vec::new();
    let mut after = None;
    loop {
        let page = jobs::list(&client, &Filter::default(), after, 2).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(jobs::Place { created_at: last.created_at, id: last.id });
        listed.extend(page);
    }
    assert_eq!(listed, made);
    let odd = Filter { kind: Some("odd".to_owned()), state: Some(JobState::Queued) };
    assert_eq!(jobs::list(&client, &odd, None, 100).await.unwrap().len(), 3);
    let running = Filter { state: Some(JobState::Running), ..odd };
    assert_eq!(jobs::list(&client, &running, None, 100).await.unwrap(), []);
}

#[tokio::test]
async fn results_are_forgotten_after_a_day_and_jobs_after_thirty() {
    let place = Place::new().await;
    let mut client = place.client().await;
    let begin = at("2026-11-21T09:00:00Z");
    let mut ended = Vec::new();
    for _ in 0..2 {
        jobs::enqueue(&client, &plain("a", None), begin).await.unwrap();
        let (job, lease) = jobs::claim(&client, &["a"], "w", 1, begin).await.unwrap().unwrap();
        let transaction = client.transaction().await.unwrap();
        let outcome = Outcome::Partial(Value::from(1));
        assert!(jobs::finish(&transaction, &lease, &outcome, begin).await.unwrap());
        transaction.commit().await.unwrap();
        ended.push(job.id);
    }
    let waiting = jobs::enqueue(&client, &plain("a", None), begin).await.unwrap().job.id;
    let pruned = |jobs, results| Pruned { jobs, results, requests: 0 };
    for (age, expected) in [
        (hours(23), pruned(0, 0)),
        (hours(24), pruned(0, 2)),
        (hours(25), pruned(0, 0)),
        (hours(30 * 24), pruned(2, 0)),
    ] {
        if age == hours(25) {
            let job = place.job(ended[0]).await;
            assert_eq!((job.state, job.result), (JobState::Partial, None));
            assert!(job.result_expired);
        }
        let now: Instant = begin.plus(age);
        assert_eq!(jobs::prune(&client, now).await.unwrap(), expected, "{age:?}");
    }
    assert_eq!(place.job(waiting).await.state, JobState::Queued);
    assert_eq!(jobs::find(&client, ended[0]).await.unwrap(), None);
}
