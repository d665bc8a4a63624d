//! Requests that are repeated: the same job, for a day, unless it came to nothing.

use crate::jobs::Place;
use crate::jobs::at;
use crate::jobs::hours;
use crate::jobs::plain;
use snapwise::db::Database;
use snapwise::db::jobs;
use snapwise::db::jobs::Enqueued;
use snapwise::db::jobs::Request;
use snapwise::db::jobs::Requested;
use snapwise::snap::Instant;
use std::collections::BTreeSet;
use tokio::task::JoinSet;

fn asked<'r>(idempotency_key: &'r str, digest: &'r [u8]) -> Request<'r> {
    Request { idempotency_key, digest, is_anew: false }
}

/// Asks, and commits.
async fn ask(database: &Database, request: Request<'_>, now: Instant) -> Requested {
    let mut client = database.client().await.unwrap();
    let transaction = client.transaction().await.unwrap();
    let requested = jobs::request(&transaction, request, &plain("a", None), now).await.unwrap();
    transaction.commit().await.unwrap();
    requested
}

fn job(requested: Requested) -> (Enqueued, Instant) {
    let Requested::Job(enqueued, first) = requested else { panic!("another digest") };
    (*enqueued, first)
}

#[tokio::test]
async fn a_request_is_the_same_for_a_day() {
    let place = Place::new().await;
    let begin = at("2026-11-21T09:00:00Z");
    let (first, _) = job(ask(&place.database, asked("k", b"1"), begin).await);
    assert!(first.is_new);
    let later = begin.plus(hours(23));
    let (again, since) = job(ask(&place.database, asked("k", b"1"), later).await);
    assert_eq!((again.job.id, again.is_new, since), (first.job.id, false, begin));
    assert_eq!(ask(&place.database, asked("k", b"2"), later).await, Requested::Mismatch);
    let (other, _) = job(ask(&place.database, asked("l", b"2"), later).await);
    assert!(other.is_new);
    let (next_day, _) = job(ask(&place.database, asked("k", b"2"), begin.plus(hours(24))).await);
    assert!(next_day.is_new, "the first is forgotten, and with it its digest");
}

#[tokio::test]
async fn what_failed_or_is_wanted_anew_is_not_the_same() {
    let place = Place::new().await;
    let begin = at("2026-11-21T09:00:00Z");
    let (first, _) = job(ask(&place.database, asked("k", b"1"), begin).await);
    jobs::cancel(&place.client().await, first.job.id, begin).await.unwrap();
    let (second, _) = job(ask(&place.database, asked("k", b"1"), begin).await);
    assert!(second.is_new);
    let anew = Request { is_anew: true, ..asked("k", b"1") };
    let (third, _) = job(ask(&place.database, anew, begin).await);
    assert!(third.is_new);
    let (fourth, _) = job(ask(&place.database, asked("k", b"1"), begin).await);
    assert_eq!((fourth.job.id, fourth.is_new), (third.job.id, false));
}

#[tokio::test]
async fn fifty_equal_requests_at_once_are_one_job() {
    let place = Place::new().await;
    let begin = at("2026-11-21T09:00:00Z");
    let mut asking = JoinSet::new();
    for _ in 0..50 {
        let database = place.database.clone();
        asking.spawn(async move { job(ask(&database, asked("k", b"1"), begin).await).0 });
    }
    let answers = asking.join_all().await;
    assert_eq!(answers.iter().filter(|one| one.is_new).count(), 1);
    assert_eq!(answers.iter().map(|one| one.job.id).collect::<BTreeSet<_>>().len(), 1);
}
