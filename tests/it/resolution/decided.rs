//! Corners that random requests seldom reach and that were decided once: given and expected as text.

use crate::resolution::offers::read;
use crate::resolution::offers::shown;
use crate::resolution::oracle::said;
use crate::resolution::requests::Held;
use crate::resolution::requests::Key;
use crate::resolution::requests::Request;
use crate::resolution::requests::Wish;
use crate::resolution::requests::secrets;
use crate::resolution::shelves::id_of;
use crate::resolution::shelves::nameplate;
use crate::resolution::shelves::package;
use crate::resolution::shelves::revision;
use crate::resolution::shelves::shelf;
use crate::resolution::shelves::text;
use crate::resolution::shelves::tick;
use snapwise::device::Cohort;
use snapwise::snap::Listing;
use snapwise::snap::Package;
use snapwise::snap::Release;

/// The snap `ant`: `packages` as `number=epoch`, `releases` as `channel=number@tick` with `!` and an architecture
/// when it is not for all.
fn ant(packages: &str, releases: &str) -> Listing {
    let two = |text: &str, by: char| {
        let (one, other) = text.split_once(by).unwrap();
        (one.to_owned(), other.to_owned())
    };
    let packages = packages.split(' ').map(|one| {
        let (number, epoch) = two(one, '=');
        package(number.parse().unwrap(), vec![text("all")], text(&epoch))
    });
    let releases = releases.split(' ').map(|one| {
        let (channel, rest) = two(one, '=');
        let (number, rest) = two(&rest, '@');
        let (at, architecture) = rest.split_once('!').unwrap_or((&rest, "all"));
        Release {
            channel: text(&channel),
            architecture: text(architecture),
            revision: revision(number.parse().unwrap()),
            released_at: tick(at.parse().unwrap()),
            closed_at: None,
        }
    });
    let (packages, releases): (Vec<Package>, Vec<Release>) =
        (packages.collect(), releases.collect());
    let mut listing = Listing { packages, releases, ..nameplate(0) };
    for place in 1..listing.releases.len() {
        let (earlier, later) = listing.releases.split_at_mut(place);
        let before = earlier.iter_mut().rev().find(|before| before.shares_lane(&later[0]));
        if let Some(before) = before {
            before.closed_at = Some(later[0].released_at);
        }
    }
    listing.checked().unwrap()
}

fn install() -> Wish {
    let (key, verb, name) = ("a".to_owned(), "install", Some("ant".to_owned()));
    Wish { key, verb, name, id: None, channel: None, revision: None, epoch: None, cohort: None }
}

fn refresh() -> Wish {
    Wish { verb: "refresh", name: None, id: Some(id_of(0)), ..install() }
}

fn request(wish: Wish, installed: i64, tracking: &str) -> Request {
    let held = Held {
        key: "a".to_owned(),
        id: id_of(0),
        revision: installed,
        tracking: tracking.to_owned(),
        epoch: None,
        cohort: None,
    };
    Request {
        architecture: "amd64",
        store: None,
        default_tracks: true,
        formats: "",
        now: tick(9),
        context: vec![held],
        actions: vec![wish],
    }
}

/// `revision channel`, or the code of the refusal; the oracle and the product are of one mind.
fn check(listing: &Listing, request: &Request, expected: &str) {
    let listings = std::slice::from_ref(listing);
    let answer = shown(&shelf(listings), request);
    let said_by_product = read(&answer["results"][0]);
    assert_eq!(said(listings, request).first(), Some(&said_by_product));
    let told = match said_by_product {
        Ok(granted) => {
            let effective = granted.effective.map(|effective| format!(" {effective}"));
            format!("{}{}", granted.revision, effective.unwrap_or_default())
        }
        Err(code) => code,
    };
    assert_eq!(told, expected);
}

#[test]
fn an_open_branch_that_cannot_be_read_is_passed_like_any_other_channel() {
    let ant = ant("1=0 2=0 3=5", "stable=2@1 edge/fix=3@2");
    let fix = || Some("edge/fix".to_owned());
    let amend = Wish { epoch: Some(text("0")), channel: fix(), ..install() };
    check(&ant, &request(amend, 1, "stable"), "2 stable");
    check(&ant, &request(Wish { channel: fix(), ..install() }, 1, "stable"), "3 edge/fix");
    check(&ant, &request(Wish { channel: fix(), ..refresh() }, 1, "stable"), "2 stable");
    check(&ant, &request(refresh(), 1, "edge/fix"), "2 stable");
    let closed = Some("edge/no".to_owned());
    check(&ant, &request(Wish { channel: closed, ..refresh() }, 1, "stable"), "revision-not-found");
    check(&ant, &request(refresh(), 1, "edge/no"), "2 stable");
}

#[test]
fn a_revision_that_is_yet_to_be_released_was_not_released() {
    let ant = ant("1=0 2=0", "stable=1@1 stable=2@10");
    let second = || Wish { revision: Some(2), ..install() };
    check(&ant, &request(second(), 1, "stable"), "revision-not-found");
    check(&ant, &Request { now: tick(10), ..request(second(), 1, "stable") }, "2");
}

#[test]
fn what_nothing_can_read_stays_even_where_its_cohort_is_older() {
    let ant = ant("1=0 2=0 4=5", "stable=4@1 beta=1@8");
    let cohort = Cohort { snap: ant.id, created_at: tick(7) };
    let text = secrets().key(&cohort).unwrap();
    let key = Some(Key { text, made: Some((id_of(0), tick(7))) });
    check(&ant, &request(Wish { cohort: key, ..refresh() }, 1, "stable"), "1");
    check(&ant, &request(refresh(), 1, "stable"), "1");
    check(&ant, &request(refresh(), 2, "stable"), "revision-not-found");
    check(&ant, &request(refresh(), 1, "9.9/stable"), "revision-not-found");
}

#[test]
fn a_snap_kept_for_the_public_store_is_public() {
    let ant = Listing { stores: vec![text("ubuntu")], ..ant("1=0", "stable=1@1") };
    for store in [None, Some("ubuntu")] {
        check(&ant, &Request { store, ..request(install(), 1, "stable") }, "1 stable");
    }
}

#[test]
fn a_refresh_is_known_by_its_id() {
    let ant = ant("1=0", "stable=1@1");
    let named = |wish: Wish, name: &str| Wish { name: Some(name.to_owned()), ..wish };
    check(&ant, &request(named(refresh(), "bee"), 1, "stable"), "id-not-found");
    check(&ant, &request(named(refresh(), "ant"), 1, "stable"), "1 stable");
    check(&ant, &request(named(install(), "bee"), 1, "stable"), "name-not-found");
    let other = Wish { id: Some(id_of(1)), ..install() };
    check(&ant, &request(other, 1, "stable"), "id-not-found");
}

#[test]
fn of_two_releases_of_one_instant_that_for_the_architecture_goes_first() {
    let ant =
        ant("1=0 2=0 3=5", "stable=1@1!amd64 stable=2@1 stable=3@2!amd64 beta=2@2 beta=1@2!amd64");
    check(&ant, &request(refresh(), 1, "stable"), "1 stable");
    let beta = Some("beta".to_owned());
    check(&ant, &request(Wish { channel: beta, ..install() }, 1, "stable"), "1 beta");
}
