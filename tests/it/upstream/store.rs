//! What a store lists, knows, features and finds.

use crate::support::upstream::Upstream;
use crate::upstream::HELLO;
use crate::upstream::ids;
use serde_json::Value;
use serde_json::json;
use snapwise::collector::Threshold;
use snapwise::exchange::Document;
use snapwise::ranking::Described;
use snapwise::ranking::Listed;
use snapwise::snap::Confinement;
use snapwise::snap::Listing;
use snapwise::snap::Release;
use snapwise::snap::SnapId;
use snapwise::snap::SnapName;
use snapwise::upstream::Info;
use snapwise::upstream::Store;
use std::collections::BTreeSet;

/// All pages, in order.
async fn all(store: &Store) -> Vec<Listed> {
    let mut listed = Vec::new();
    for number in 1.. {
        let page = store.search_page(number).await.unwrap();
        assert_eq!(page.rejected, []);
        listed.extend(page.listed);
        if !page.has_next {
            break;
        }
    }
    listed
}

async fn read(store: &Store, name: SnapName) -> (Listing, Option<String>) {
    match store.info(&name, None).await.unwrap() {
        Info::Document { bytes, etag } => (Document::parse(&bytes).unwrap().listing, etag),
        other => panic!("{name}: {other:?}"),
    }
}

#[tokio::test]
async fn the_pages_hold_every_public_snap_once() {
    let upstream = Upstream::start(350);
    let listed = all(&Store::new(&upstream.client())).await;
    let catalogue = Upstream::catalogue(350);
    let expected: Vec<SnapId> = catalogue
        .snaps()
        .filter(|snap| snap.confinement() != Confinement::Devmode)
        .map(snapwise::simulator::Snap::id)
        .collect();
    let found: Vec<SnapId> = listed.iter().map(|snap| snap.id).collect();
    assert_eq!(found, expected);
    assert_eq!(upstream.counts().await["search"], 4, "a hundred on a page");
    assert!(listed.iter().any(|snap| snap.date_published.is_none()));
    assert!(listed.iter().any(|snap| snap.license == "unset"));

    // So many are fit to be ranked that rankings are worth looking at, and so many are not that filters are.
    let now = listed.iter().map(|snap| snap.last_updated).max().unwrap();
    let is_fit = |snap: &&Listed| {
        let described = Described {
            has_icon: snap.icon.is_some(),
            n_media: snap.counts.n_media as usize,
            n_contacts: snap.counts.n_contacts as usize,
            n_description: snap.description.chars().count(),
            updated_at: snap.last_updated,
        };
        Threshold::default().passes(&described, now).is_ok()
    };
    let n_fit = listed.iter().filter(is_fit).count();
    assert!((6..=8).contains(&(n_fit * 10 / listed.len())), "{n_fit} of {}", listed.len());
}

#[tokio::test]
async fn what_is_known_of_a_snap_fits_what_is_listed() {
    let upstream = Upstream::start(60);
    let store = Store::new(&upstream.client());
    for listed in all(&store).await {
        let (listing, etag) = read(&store, listed.name).await;
        assert_eq!((listing.id, listing.name), (listed.id, listed.name));
        assert_eq!(listing.title.as_str(), listed.title);
        assert!(etag.is_some());
        let shown = listing.packages.iter();
        let mut shown =
            shown.filter(|package| i64::from(package.revision.number()) == listed.revision);
        assert_eq!(shown.next().unwrap().version.as_str(), listed.version);
        assert!(listing.releases.iter().all(Release::is_open));
        let links: Value = serde_json::from_str(listed.links.as_str()).unwrap();
        assert_eq!(links, serde_json::to_value(&listing.links).unwrap());
    }
}

#[tokio::test]
async fn what_did_not_change_is_not_sent_again() {
    let upstream = Upstream::start(20);
    let store = Store::new(&upstream.client());
    let name = HELLO.parse().unwrap();
    let (before, etag) = read(&store, name).await;
    let again = store.info(&name, etag.as_deref()).await.unwrap();
    assert_eq!(again, Info::NotModified);
    let counts = upstream.counts().await;
    assert_eq!((&counts["info"], &counts["not-modified"]), (&json!(2), &json!(1)));

    let listed_before = all(&store).await[0].clone();
    upstream.set(json!({"updated": [HELLO]})).await;
    upstream.set(json!({})).await;
    let Info::Document { bytes, etag: newer } = store.info(&name, etag.as_deref()).await.unwrap()
    else {
        panic!("it changed")
    };
    assert_ne!(newer, etag);
    let after = Document::parse(&bytes).unwrap().listing;
    let newest = |listing: &Listing| listing.packages.last().unwrap().revision;
    assert!(newest(&after) > newest(&before));
    let listed = all(&store).await[0].clone();
    assert_eq!(listed.revision, i64::from(newest(&after).number()));
    assert!(listed.last_updated > listed_before.last_updated);
}

#[tokio::test]
async fn a_snap_that_vanished_is_not_found_and_not_listed() {
    let upstream = Upstream::start(20);
    let store = Store::new(&upstream.client());
    upstream.set(json!({"vanished": [HELLO]})).await;
    assert_eq!(store.info(&HELLO.parse().unwrap(), None).await.unwrap(), Info::NotFound);
    assert!(all(&store).await.iter().all(|snap| snap.name.as_str() != HELLO));
    upstream.set(json!({})).await;
    assert_eq!(all(&store).await[0].name.as_str(), HELLO);
    let nobody = "no-such-snap".parse().unwrap();
    assert_eq!(store.info(&nobody, None).await.unwrap(), Info::NotFound);
}

#[tokio::test]
async fn one_bad_snap_is_rejected_alone() {
    let upstream = Upstream::start(20);
    let store = Store::new(&upstream.client());
    let good = store.search_page(1).await.unwrap();
    upstream.set(json!({"fail": {"search": "null-column"}})).await;
    let page = store.search_page(1).await.unwrap();
    assert_eq!(page.listed, good.listed[1..]);
    assert_eq!(page.rejected.len(), 1);
    let (name, reason) = &page.rejected[0];
    assert_eq!(name, HELLO);
    assert!(reason.starts_with("summary: ") && reason.contains("null"), "{reason}");
}

#[tokio::test]
async fn the_featured_list_is_read_and_changed() {
    let upstream = Upstream::start(200);
    let store = Store::new(&upstream.client());
    let featured = async || -> Vec<String> {
        let featured = store.featured().await.unwrap();
        featured.iter().map(|snap| snap["snap_id"].as_str().unwrap().to_owned()).collect()
    };
    let first = store.featured().await.unwrap();
    assert_eq!(first.len(), 16);
    for member in [
        "package_name",
        "title",
        "summary",
        "architecture",
        "media",
        "developer_name",
        "developer_id",
        "developer_validation",
        "origin",
        "apps",
        "sections",
        "snap_id",
    ] {
        assert!(first.iter().all(|snap| snap.contains_key(member)), "{member}");
    }
    let before = featured().await;
    let other = ids(&Upstream::catalogue(200), 200);
    let other = other.into_iter().find(|id| !before.contains(&id.to_string())).unwrap();
    store.save_featured(&[other]).await.unwrap();
    // It adds, and it replaces nothing.
    assert_eq!(featured().await, [&before[..], &[other.to_string()]].concat());
    let old: Vec<SnapId> = before.iter().map(|id| id.parse().unwrap()).collect();
    store.delete_featured(&old).await.unwrap();
    assert_eq!(featured().await, [other.to_string()]);

    // A long list is read to its end.
    store.save_featured(&ids(&Upstream::catalogue(200), 200)).await.unwrap();
    let all: BTreeSet<String> = featured().await.into_iter().collect();
    assert_eq!(all.len(), Upstream::catalogue(200).snaps().count());
}

#[tokio::test]
async fn a_search_for_words_finds_them_whatever_they_are() {
    let upstream = Upstream::start(50);
    let store = Store::new(&upstream.client());
    let found = store.find("Says HELLO from").await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["name"], HELLO);
    assert!(found[0]["snap"]["publisher"]["display-name"].is_string());
    for odd in ["", "a&b=c#d?e/f", "%", "ü 名"] {
        store.find(odd).await.unwrap();
    }
    assert_eq!(store.find("no words like these").await.unwrap(), []);
}
