//! Devices and ratings.

use crate::support::upstream::Upstream;
use crate::upstream::ids;
use crate::upstream::today;
use serde_json::json;
use snapwise::simulator::Snap;
use snapwise::snap::SnapId;
use snapwise::upstream::Client;
use snapwise::upstream::Devices;
use snapwise::upstream::Options;
use snapwise::upstream::Ratings;
use snapwise::upstream::Trouble;
use std::collections::BTreeMap;

const N: u64 = 250;

#[tokio::test]
async fn devices_are_matched_by_snap_and_not_by_place() {
    let upstream = Upstream::start(N);
    let devices = Devices::new(&upstream.client());
    let catalogue = Upstream::catalogue(N);
    let all = ids(&catalogue, usize::MAX);
    let mut found = BTreeMap::new();
    for ids in all.chunks(Devices::BATCH) {
        found.extend(devices.active_devices(ids, today()).await.unwrap());
    }
    // A snap without data is not in it; one without devices is.
    let expected: BTreeMap<SnapId, u64> =
        catalogue.snaps().filter_map(|snap| Some((snap.id(), snap.devices()?))).collect();
    assert_eq!(found, expected);
    assert!(found.len() < all.len(), "of some there is no data");
    assert!(found.values().any(|devices| *devices == 0));
    assert!(found.values().any(|devices| *devices > 1_000));
    let counts = upstream.counts().await;
    assert_eq!(counts["metrics"], all.len().div_ceil(15));
    assert_eq!(counts["metrics-snaps"], all.len());
}

#[tokio::test]
async fn without_a_token_the_metrics_are_not_asked() {
    let upstream = Upstream::start(5);
    let client = Client::new(Options { macaroon: None, ..upstream.options() }).unwrap();
    let some = ids(&Upstream::catalogue(5), 3);
    let error = Devices::new(&client).active_devices(&some, today()).await.unwrap_err();
    assert_eq!(*error.trouble(), Trouble::NoToken);
    assert!(error.to_string().contains("no token is configured"), "{error}");
    assert_eq!(upstream.counts().await["metrics"], 0);
}

#[tokio::test]
async fn a_token_that_is_refused_is_not_shown_again() {
    let upstream = Upstream::start(5);
    upstream.set(json!({"fail": {"metrics": "401", "login": "401"}})).await;
    let client = upstream.client();
    let some = ids(&Upstream::catalogue(5), 3);
    let error = Devices::new(&client).active_devices(&some, today()).await.unwrap_err();
    assert_eq!(*error.trouble(), Trouble::Unauthorized(401));
    assert!(error.to_string().contains("missing, expired or lacks the right"), "{error}");
    let error = Ratings::new(&client).unwrap().unwrap().authenticate().await.unwrap_err();
    assert_eq!(*error.trouble(), Trouble::Unauthorized(401));
    let counts = upstream.counts().await;
    assert_eq!((&counts["metrics"], &counts["login"]), (&json!(1), &json!(1)));
}

#[tokio::test]
async fn only_so_many_are_asked_for_at_once() {
    let upstream = Upstream::start(30);
    let client = upstream.client();
    let many = ids(&Upstream::catalogue(30), 21);
    let error = Devices::new(&client).active_devices(&many[..16], today()).await.unwrap_err();
    assert!(matches!(error.trouble(), Trouble::Misconfigured(_)), "{error}");
    let session = Ratings::new(&client).unwrap().unwrap().authenticate().await.unwrap();
    let error = session.bulk(&many).await.unwrap_err();
    assert!(matches!(error.trouble(), Trouble::Misconfigured(_)), "{error}");
    // And for nobody the services are not troubled.
    assert!(session.bulk(&[]).await.unwrap().is_empty());
    assert!(Devices::new(&client).active_devices(&[], today()).await.unwrap().is_empty());
    let counts = upstream.counts().await;
    assert_eq!((&counts["metrics"], &counts["ratings"]), (&json!(0), &json!(0)));
}

#[tokio::test]
async fn ratings_come_over_grpc_for_those_who_have_some() {
    let upstream = Upstream::start(N);
    let client = upstream.client();
    let session = Ratings::new(&client).unwrap().unwrap().authenticate().await.unwrap();
    let catalogue = Upstream::catalogue(N);
    let all = ids(&catalogue, usize::MAX);
    let mut found = BTreeMap::new();
    for ids in all.chunks(Ratings::BATCH) {
        found.extend(session.bulk(ids).await.unwrap());
    }
    let expected: BTreeMap<SnapId, (f64, u64)> =
        catalogue.snaps().filter_map(|snap| Some((snap.id(), snap.rating()?))).collect();
    let found: BTreeMap<SnapId, (f64, u64)> = found
        .into_iter()
        .map(|(id, rating)| (id, (rating.raw_rating, rating.total_votes)))
        .collect();
    assert_eq!(found, expected);
    let share = found.len() * 100 / all.len();
    assert!((5..=15).contains(&share), "about a tenth is rated: {share} in a hundred");
    let counts = upstream.counts().await;
    assert_eq!(counts["login"], 1);
    assert_eq!(counts["ratings"], all.len().div_ceil(20));
}

#[tokio::test]
async fn ratings_that_are_not_configured_are_not_there() {
    let options = Options { ratings_url: None, ..Upstream::start(1).options() };
    assert!(Ratings::new(&Client::new(options).unwrap()).unwrap().is_none());
}

#[tokio::test]
async fn one_bad_answer_of_a_batch_spoils_no_other() {
    let upstream = Upstream::start(60);
    let client = upstream.client();
    let catalogue = Upstream::catalogue(60);
    let with_data: Vec<_> = catalogue.snaps().filter(|snap| snap.devices().is_some()).collect();
    let some: Vec<SnapId> = with_data.iter().take(15).map(|snap| snap.id()).collect();
    upstream.set(json!({"fail": {"metrics": "null-column", "ratings": "null-column"}})).await;
    let devices = Devices::new(&client).active_devices(&some, today()).await.unwrap();
    assert_eq!(devices.len(), 14);
    let rated: Vec<SnapId> =
        catalogue.snaps().filter(|snap| snap.rating().is_some()).map(Snap::id).collect();
    let session = Ratings::new(&client).unwrap().unwrap().authenticate().await.unwrap();
    let ratings = session.bulk(&rated[..rated.len().min(20)]).await.unwrap();
    assert_eq!(ratings.len(), rated.len().min(20) - 1);
}
