//! What holds of every answer, whoever asks for what.

use crate::resolution::aims::aimed;
use crate::resolution::aims::aims;
use crate::resolution::decreed::is_blocked;
use crate::resolution::decreed::is_chosen;
use crate::resolution::offers::answered;
use crate::resolution::oracle::is_visible;
use crate::resolution::place::Place;
use crate::resolution::requests::Held;
use crate::resolution::requests::Request;
use crate::resolution::requests::Wish;
use crate::resolution::shelves::N_SNAPS;
use crate::resolution::shelves::Stock;
use crate::resolution::shelves::nameplate;
use crate::resolution::shelves::shelf;
use crate::resolution::shelves::stock;
use crate::resolution::shelves::text;
use crate::resolution::wishes::requests;
use proptest::prelude::*;
use serde_json::Value;
use snapwise::snap::Listing;
use snapwise::snap::Package;
use snapwise::snap::Release;

/// A snap for the stores that a device may name, so that they are known whatever else is there.
fn keeper() -> Listing {
    let stores = vec![text("acme"), text("lab")];
    Listing { stores, ..nameplate(N_SNAPS + 1) }
}

/// One result of an answer, with what it answers.
struct Judged<'a> {
    listings: &'a [Listing],
    request: &'a Request,
    wish: &'a Wish,
    held: Option<&'a Held>,
    result: &'a Value,
}

impl Judged<'_> {
    fn check(&self) {
        assert_eq!(self.result["instance-key"], self.wish.key.as_str());
        if self.result["result"] == "error" {
            self.check_refusal();
            return;
        }
        assert_eq!(self.result["result"], self.wish.verb);
        let listing = self.listings.iter().find(|one| self.result["snap-id"] == one.id.as_str());
        let listing = listing.expect("the snap of an offer is there");
        assert!(is_visible(listing, self.request.store));
        assert_eq!(self.result["name"], listing.name.as_str());
        let number = &self.result["snap"]["revision"];
        let package = listing.packages.iter().find(|one| *number == one.revision.number());
        let package = package.expect("the revision of an offer is there");
        self.check_package(listing, package);
        self.check_reading(listing, package);
        self.check_deltas();
        self.check_channel(listing, package);
    }

    fn check_refusal(&self) {
        let error = &self.result["error"];
        for member in ["code", "message"] {
            assert!(error[member].as_str().is_some_and(|text| !text.is_empty()), "{error}");
        }
        assert!(error.get("extra").is_none_or(Value::is_object));
        let absent = ["snap", "effective-channel", "redirect-channel", "released-at"];
        assert!(absent.iter().all(|member| self.result.get(member).is_none()));
        if let Some(name) = &self.wish.name {
            assert_eq!(&self.result["name"], name.as_str());
        }
    }

    /// It runs on the device, was released or chosen, and is not blocked.
    fn check_package(&self, listing: &Listing, package: &Package) {
        let own: snapwise::snap::Architecture = text(self.request.architecture);
        assert!(package.architectures.iter().any(|built| built.is_all() || *built == own));
        let keys = [self.wish.cohort.as_ref(), self.held.and_then(|held| held.cohort.as_ref())];
        let made = keys.into_iter().flatten().filter_map(|key| key.made.as_ref());
        let by = made.map(|(_, at)| *at).chain([self.request.now]).max().unwrap();
        let of_it = |release: &Release| release.revision == package.revision;
        let number = package.revision.number().into();
        let was_released = listing.releases.iter().any(|one| of_it(one) && one.released_at <= by);
        assert!(was_released || is_chosen(listing, number));
        assert!(!is_blocked(listing, number));
    }

    /// Contract case 87: it can read what is installed.
    fn check_reading(&self, listing: &Listing, package: &Package) {
        let Some(held) = self.held else { return };
        let own = |package: &&Package| i64::from(package.revision.number()) == held.revision;
        let known = listing.packages.iter().find(own).map(|package| package.epoch.clone());
        let installed = held.epoch.clone().or(known).unwrap_or_else(|| text("0"));
        let written = installed.write().as_slice();
        let said = self.result["snap"]["epoch"]["read"].as_array().unwrap();
        assert!(said.iter().any(|number| written.iter().any(|one| *number == *one)));
        assert_eq!(said.len(), package.epoch.read().as_slice().len());
    }

    /// Only from what is installed, only what the device can apply, each once.
    fn check_deltas(&self) {
        let deltas = self.result["snap"]["download"]["deltas"].as_array().unwrap();
        let mut formats = Vec::new();
        for delta in deltas {
            let held = self.held.expect("only a refresh gets deltas");
            assert_eq!(delta["source"], held.revision);
            assert_eq!(delta["target"], self.result["snap"]["revision"]);
            formats.push(delta["format"].as_str().unwrap());
        }
        let accepted: Vec<_> = self.request.formats.split(',').map(str::trim).collect();
        assert!(formats.iter().all(|format| accepted.contains(format)));
        formats.sort_unstable();
        assert!(formats.windows(2).all(|pair| pair[0] != pair[1]));
    }

    /// Never a less stable risk nor another track, save by redirection; and it did hold the revision.
    fn check_channel(&self, listing: &Listing, package: &Package) {
        let text = |name: &str| self.result.get(name).map(|text| text.as_str().unwrap());
        let Some(effective) = text("effective-channel") else {
            assert!(self.result["released-at"].is_null() && text("redirect-channel").is_none());
            return;
        };
        let tracked = self.held.map_or("stable", |held| held.tracking.as_str());
        let asked = self.wish.channel.as_deref().unwrap_or(tracked);
        let asked = Place::read(asked).unwrap_or_else(|| Place::read("stable").unwrap());
        let aimed = match text("redirect-channel") {
            Some(redirect) => {
                let default = listing.default_track.as_ref().unwrap();
                let redirected = Place { track: Some(default.to_string()), ..asked.clone() };
                assert_eq!(redirect, redirected.short());
                assert!(self.held.is_none() && asked.track.is_none() && !default.is_latest());
                assert!(self.request.default_tracks);
                redirected
            }
            None => asked,
        };
        let found = Place::read(effective).unwrap();
        assert_eq!((found.short().as_str(), found.track()), (effective, aimed.track()));
        assert!(found.risk <= aimed.risk);
        assert!(found.branch.is_none() || found == Place::read(&aimed.short()).unwrap());
        let held_it = |release: &&Release| {
            release.revision == package.revision && release.channel.to_string() == effective
        };
        let releases = listing.releases.iter().filter(held_it);
        let chosen =
            listing.decisions.overrides.iter().filter(|one| {
                one.revision == package.revision && one.channel.to_string() == effective
            });
        let times = releases.map(|release| release.released_at);
        let times = times.chain(chosen.map(|one| one.decided_at));
        let times: Vec<_> = times.map(|time| time.to_string()).collect();
        assert!(times.iter().any(|time| self.result["released-at"] == time.as_str()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_action_has_one_lawful_result(
        Stock(mut listings) in stock(),
        request in requests(),
        aims in aims(),
    ) {
        let request = aimed(request, &listings, &aims);
        listings.push(keeper());
        let shelf = shelf(&listings);
        let body = answered(&shelf, &request);
        prop_assert_eq!(&body, &answered(&shelf, &request), "an answer is the same when asked twice");
        let answer: Value = serde_json::from_slice(&body).unwrap();
        prop_assert_eq!(answer.as_object().unwrap().len(), 2);
        prop_assert_eq!(&answer["error-list"], &serde_json::json!([]));
        let results = answer["results"].as_array().unwrap();
        prop_assert_eq!(results.len(), request.actions.len());
        for (wish, result) in request.actions.iter().zip(results) {
            let held = request.held(wish);
            Judged { listings: &listings, request: &request, wish, held, result }.check();
        }
    }

    #[test]
    fn what_a_device_may_not_see_is_not_there(
        Stock(mut listings) in stock(),
        request in requests(),
        aims in aims(),
    ) {
        let request = aimed(request, &listings, &aims);
        listings.push(keeper());
        let all = shelf(&listings);
        listings.retain(|listing| listing.id == keeper().id || is_visible(listing, request.store));
        prop_assert_eq!(answered(&all, &request), answered(&shelf(&listings), &request));
    }
}
