//! What the product answers, beside what the oracle says: as values, and as JSON.

use crate::resolution::aims::aimed;
use crate::resolution::aims::aims;
use crate::resolution::decreed::open_lanes;
use crate::resolution::oracle::Granted;
use crate::resolution::oracle::Said;
use crate::resolution::oracle::said;
use crate::resolution::requests::Request;
use crate::resolution::requests::secrets;
use crate::resolution::shelves::Stock;
use crate::resolution::shelves::shelf;
use crate::resolution::shelves::stock;
use crate::resolution::wishes::requests;
use proptest::prelude::*;
use serde_json::Value;
use snapwise::backstore::Backstore;
use snapwise::catalogue::Catalogue;
use snapwise::http::Shelf;
use snapwise::http::answer_refresh;
use snapwise::refresh::Offer;
use snapwise::refresh::Policy;
use snapwise::refresh::Refusal;
use snapwise::refresh::parse;
use snapwise::refresh::resolve;
use snapwise::snap::Listing;
use std::collections::BTreeSet;

/// What the dry functions say to each action.
fn resolved(listings: &[Listing], catalogue: &Catalogue, request: &Request) -> Vec<Said> {
    let (device, cohorts) = (request.device(), secrets());
    let backstore = Backstore::default();
    let policy = Policy { cohorts: &cohorts, backstore: &backstore, now: request.now };
    let (context, asked) = (request.installed(), request.asked());
    let actions = parse(catalogue, &device.viewer, &context, &asked).unwrap();
    let keys: Vec<_> = actions.iter().map(|action| action.key).collect();
    assert_eq!(keys, request.actions.iter().map(|wish| &wish.key).collect::<Vec<_>>());
    let answer = |action| plain(listings, catalogue, resolve(catalogue, &device, &policy, action));
    actions.iter().map(answer).collect()
}

fn plain(listings: &[Listing], catalogue: &Catalogue, says: Result<Offer<'_>, Refusal>) -> Said {
    let offer = says.map_err(|refusal| refusal.code().to_owned())?;
    let snap = catalogue.snap(offer.snap);
    let listing = listings.iter().find(|listing| listing.id == snap.id).unwrap();
    let delta = |place: &usize| {
        let delta = &listing.deltas[*place];
        (delta.format.to_string(), delta.source.number(), delta.target.number())
    };
    let mut deltas: Vec<_> = offer.deltas.iter().map(delta).collect();
    deltas.sort();
    Ok(Granted {
        revision: snap.package(offer.package).revision.number(),
        effective: offer.source.map(|source| catalogue.channel_name(source.channel).to_string()),
        released_at: offer.source.map(|source| source.released_at),
        redirect: offer.redirect.map(|redirect| redirect.to_string()),
        deltas,
    })
}

/// The answer of the door, as JSON.
pub(super) fn shown(shelf: &Shelf, request: &Request) -> Value {
    serde_json::from_slice(&answered(shelf, request)).unwrap()
}

/// The answer of the door, as bytes.
pub(super) fn answered(shelf: &Shelf, request: &Request) -> Vec<u8> {
    answer_refresh(shelf, &secrets(), request.now, &request.headers(), &request.body())
}

/// A result of the door's answer in the oracle's words.
pub(super) fn read(result: &Value) -> Said {
    if result["result"] == "error" {
        return Err(result["error"]["code"].as_str().unwrap().to_owned());
    }
    let text = |name: &str| result[name].as_str().map(str::to_owned);
    let number = |value: &Value| u32::try_from(value.as_u64().unwrap()).unwrap();
    let deltas = result["snap"]["download"]["deltas"].as_array().unwrap().iter().map(|delta| {
        let format = delta["format"].as_str().unwrap().to_owned();
        (format, number(&delta["source"]), number(&delta["target"]))
    });
    let mut deltas: Vec<_> = deltas.collect();
    deltas.sort();
    Ok(Granted {
        revision: number(&result["snap"]["revision"]),
        effective: text("effective-channel"),
        released_at: text("released-at").map(|text| text.parse().unwrap()),
        redirect: text("redirect-channel"),
        deltas,
    })
}

/// Every open channel and architecture, as contract 4.2 wants them listed.
fn open_releases(listing: &Listing, request: &Request) -> BTreeSet<(String, String)> {
    let open = open_lanes(listing, request.now).into_iter();
    open.map(|(channel, own)| {
        let is_all = own.is_all();
        let architecture = if is_all { request.architecture.to_owned() } else { own.to_string() };
        (architecture, channel.to_string())
    })
    .collect()
}

fn check_releases(listings: &[Listing], request: &Request, result: &Value) {
    let listing = listings.iter().find(|listing| result["snap-id"] == listing.id.as_str());
    let listed: Vec<_> = result["error"]["extra"]["releases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|release| {
            let text = |name: &str| release[name].as_str().unwrap().to_owned();
            (text("architecture"), text("channel"))
        })
        .collect();
    let expected = open_releases(listing.unwrap(), request);
    assert_eq!(listed.len(), expected.len(), "no release is listed twice: {listed:?}");
    assert_eq!(listed.into_iter().collect::<BTreeSet<_>>(), expected);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_answers_are_those_of_a_second_reading_of_the_contract(
        Stock(listings) in stock(),
        request in requests(),
        aims in aims(),
    ) {
        let request = aimed(request, &listings, &aims);
        let shelf = shelf(&listings);
        let expected = said(&listings, &request);
        prop_assert_eq!(&resolved(&listings, &shelf.catalogue, &request), &expected);
        let answer = shown(&shelf, &request);
        let is_kept = |store| listings.iter().any(|one| one.stores.contains(&store));
        let store = request.store.filter(|store| *store != "ubuntu");
        if store.is_some_and(|store| !is_kept(store.parse().unwrap())) {
            prop_assert_eq!(&answer["error-list"][0]["code"], "store-disallowed");
            return Ok(());
        }
        let results = answer["results"].as_array().unwrap();
        let read: Vec<_> = results.iter().map(read).collect();
        prop_assert_eq!(&read, &expected);
        let missing = |result: &&Value| result["error"]["code"] == "revision-not-found";
        results.iter().filter(missing).for_each(|result| check_releases(&listings, &request, result));
    }
}
