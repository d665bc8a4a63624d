//! The lease: without it nothing of a job is written, and what is written never goes back.

use crate::jobs::Place;
use crate::jobs::hours;
use crate::jobs::now;
use crate::jobs::plain;
use proptest::prelude::*;
use serde_json::Value;
use serde_json::json;
use snapwise::db::jobs;
use snapwise::db::jobs::Advance;
use snapwise::db::jobs::Heartbeat;
use snapwise::db::jobs::JobState;
use snapwise::db::jobs::Outcome;
use std::time::Duration;
use tokio::time::timeout;

const LEASE: Duration = Duration::from_secs(30);

#[tokio::test]
async fn an_owner_that_was_followed_by_another_writes_nothing() {
    let place = Place::new().await;
    let mut client = place.client().await;
    client.batch_execute("CREATE TABLE effect (owner text)").await.unwrap();
    let id = place.enqueue(&plain("a", None)).await.id;
    let (_, old) = jobs::claim(&client, &["a"], "old", 1, now()).await.unwrap().unwrap();
    jobs::expire(&client, LEASE, now().plus(hours(1))).await.unwrap();
    let taken = jobs::claim(&client, &["a"], "new", 2, now().plus(hours(1))).await.unwrap();
    let (job, new) = taken.unwrap();
    assert_eq!((job.id, job.attempt), (id, 2));

    let now = now();
    assert_eq!(jobs::heartbeat(&client, &old, now).await.unwrap(), Heartbeat::Lost);
    let far = Advance { progress: 0.9, ..Advance::default() };
    assert_eq!(jobs::progress(&client, &old, &far, now).await.unwrap(), Heartbeat::Lost);
    assert!(!jobs::retry_later(&client, &old, now, "no", now).await.unwrap());
    assert!(!jobs::release(&client, &old, now).await.unwrap());
    for (lease, is_held) in [(&old, false), (&new, true)] {
        let transaction = client.transaction().await.unwrap();
        let effect = "INSERT INTO effect VALUES ($1)";
        let owner = format!("{is_held}");
        transaction.execute(effect, &[&owner]).await.unwrap();
        assert_eq!(jobs::guard(&transaction, lease, now).await.unwrap(), is_held);
        let outcome = Outcome::Succeeded(Value::Null);
        assert_eq!(jobs::finish(&transaction, lease, &outcome, now).await.unwrap(), is_held);
        if is_held {
            transaction.commit().await.unwrap();
        }
    }
    let row = client.query_one("SELECT string_agg(owner, ',') FROM effect", &[]).await.unwrap();
    assert_eq!(row.get::<_, &str>(0), "true");
    let job = place.job(id).await;
    assert_eq!((job.state, job.locked_by.as_deref()), (JobState::Succeeded, Some("new")));
}

#[tokio::test]
async fn a_guarded_job_is_not_taken_and_its_owner_does_not_wait_for_itself() {
    let place = Place::new().await;
    let (mut client, other) = (place.client().await, place.client().await);
    let id = place.enqueue(&plain("a", None)).await.id;
    let (_, lease) = jobs::claim(&client, &["a"], "w", 1, now()).await.unwrap().unwrap();
    let transaction = client.transaction().await.unwrap();
    assert!(jobs::guard(&transaction, &lease, now()).await.unwrap());
    let soon = Duration::from_secs(20);
    let heard = timeout(soon, jobs::heartbeat(&other, &lease, now())).await.unwrap().unwrap();
    assert_eq!(heard, Heartbeat::Held);
    let advance = Advance::default();
    let heard = timeout(soon, jobs::progress(&other, &lease, &advance, now())).await.unwrap();
    assert_eq!(heard.unwrap(), Heartbeat::Held);
    let expired = jobs::expire(&other, LEASE, now().plus(hours(1)));
    assert_eq!(timeout(soon, expired).await.unwrap().unwrap(), []);
    transaction.commit().await.unwrap();
    assert_eq!(place.job(id).await.state, JobState::Running);
}

#[tokio::test]
async fn an_end_is_one_and_comes_with_its_effects() {
    let place = Place::new().await;
    let mut client = place.client().await;
    let id = place.enqueue(&plain("a", None)).await.id;
    let (_, lease) = jobs::claim(&client, &["a"], "w", 1, now()).await.unwrap().unwrap();
    let outcome = Outcome::Succeeded(json!({}));
    let transaction = client.transaction().await.unwrap();
    assert!(jobs::finish(&transaction, &lease, &outcome, now()).await.unwrap());
    transaction.rollback().await.unwrap();
    assert_eq!(place.job(id).await.state, JobState::Running, "the effects were not committed");
    let transaction = client.transaction().await.unwrap();
    assert!(jobs::finish(&transaction, &lease, &outcome, now()).await.unwrap());
    let failed = Outcome::Failed("no".to_owned());
    assert!(!jobs::finish(&transaction, &lease, &failed, now()).await.unwrap());
    transaction.commit().await.unwrap();
    assert_eq!(place.job(id).await.state, JobState::Succeeded);
}

/// What an owner may say, in any order.
#[derive(Debug, Clone)]
enum Said {
    Progress(Advance),
    Retry,
    Die,
    Release,
}

fn said() -> impl Strategy<Value = Said> {
    let stage = proptest::option::of(prop_oneof![Just("one"), Just("two")]);
    let total = proptest::option::of(0..100_i64);
    let advance =
        (stage, 0..100_i64, total, -0.5..1.5).prop_map(|(stage, done, total, progress)| {
            Said::Progress(Advance {
                stage: stage.map(str::to_owned),
                done,
                total,
                progress: f64::max(progress, 0.0),
            })
        });
    prop_oneof![8 => advance, 1 => Just(Said::Retry), 1 => Just(Said::Die), 1 => Just(Said::Release)]
}

#[test]
fn progress_never_decreases() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let place = runtime.block_on(Place::new());
    let cases = proptest::test_runner::Config::with_cases(40);
    proptest!(cases, |(sequence in proptest::collection::vec(said(), 1..25))| {
        runtime.block_on(progress_of(&place, sequence));
    });
}

async fn progress_of(place: &Place, sequence: Vec<Said>) {
    let client = place.client().await;
    let new = jobs::NewJob { max_attempts: 100, ..plain("a", None) };
    let id = place.enqueue(&new).await.id;
    let mut now = now();
    let mut lease = None;
    let (mut progress, mut in_stage) = (0.0, (0, None, 0));
    let mut n_claims = 0;
    for said in sequence {
        let held = if let Some(held) = lease.take() {
            held
        } else {
            n_claims += 1;
            jobs::claim(&client, &["a"], "w", 1, now).await.unwrap().unwrap().1
        };
        match &said {
            Said::Progress(advance) => {
                jobs::progress(&client, &held, advance, now).await.unwrap();
                lease = Some(held);
            }
            Said::Retry => {
                assert!(jobs::retry_later(&client, &held, now, "again", now).await.unwrap());
            }
            Said::Release => assert!(jobs::release(&client, &held, now).await.unwrap()),
            Said::Die => {
                now = now.plus(LEASE);
                assert_eq!(jobs::expire(&client, LEASE, now).await.unwrap().len(), 1);
            }
        }
        let job = place.job(id).await;
        assert!(job.progress >= progress && job.progress <= 1.0, "{said:?}: {job:?}");
        progress = job.progress;
        if (n_claims, &job.stage) == (in_stage.0, &in_stage.1) {
            assert!(job.done >= in_stage.2, "{said:?}: {job:?}");
        }
        in_stage = (n_claims, job.stage, job.done);
    }
    if let Some(held) = lease {
        assert!(jobs::retry_later(&client, &held, now, "over", now).await.unwrap());
    }
    jobs::cancel(&client, id, now).await.unwrap();
}
