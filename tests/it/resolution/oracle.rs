//! A second reading of contract 5.10, 6.4, 7 and 8: slow and plain, over listings, sharing nothing with the product
//! but the words a listing is made of.

use crate::resolution::decreed::Holds;
use crate::resolution::decreed::Who;
use crate::resolution::decreed::holds;
use crate::resolution::decreed::is_blocked;
use crate::resolution::decreed::is_chosen;
use crate::resolution::decreed::recency;
use crate::resolution::place::Place;
use crate::resolution::requests::Held;
use crate::resolution::requests::Request;
use crate::resolution::requests::Wish;
use snapwise::snap::Epoch;
use snapwise::snap::Instant;
use snapwise::snap::Listing;
use snapwise::snap::Package;
use snapwise::snap::Release;
use std::time::Duration;

/// What a device is to be given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Granted {
    pub(super) revision: u32,
    pub(super) effective: Option<String>,
    pub(super) released_at: Option<Instant>,
    pub(super) redirect: Option<String>,
    /// Format, source and target of each, in order.
    pub(super) deltas: Vec<(String, u32, u32)>,
}

/// An offer, or the code of a refusal.
pub(super) type Said = Result<Granted, String>;

/// What each action of a request is to be told.
pub(super) fn said(listings: &[Listing], request: &Request) -> Vec<Said> {
    let tell = |(place, wish): (usize, &Wish)| {
        if request.actions[..place].iter().any(|earlier| earlier.key == wish.key) {
            return Err("instance-key-not-unique".to_owned());
        }
        resolve(listings, request, wish).map_err(str::to_owned)
    };
    request.actions.iter().enumerate().map(tell).collect()
}

/// Whether a device of that store may know of the snap: absent means the store `ubuntu` (contract 1.1).
pub(super) fn is_visible(listing: &Listing, store: Option<&str>) -> bool {
    let store = store.unwrap_or("ubuntu");
    let is_kept_for_it = listing.stores.iter().any(|kept| kept.as_str() == store);
    !listing.private && (listing.stores.is_empty() || is_kept_for_it)
}

fn resolve(listings: &[Listing], request: &Request, wish: &Wish) -> Result<Granted, &'static str> {
    let held = request.held(wish);
    let snap = find(listings, request, wish)?;
    let place = requested(wish, held)?;
    let (place, redirect) = redirected(place, snap, request, wish);
    let at = seen_at(snap, request, wish, held)?;
    let data = installed_data(snap, wish, held);
    let fits = |package: &Package| {
        let builds = &package.architectures;
        let runs = builds.iter().any(|on| ["all", request.architecture].contains(&on.as_str()));
        runs && data.as_ref().is_none_or(|written| reads(&package.epoch, written))
    };
    let grant = |revision, effective, released_at, redirect| Granted {
        revision,
        effective,
        released_at,
        redirect,
        deltas: deltas(snap, request, held, revision),
    };
    let found = |place: &Place, release: &Release| {
        let effective = Some(place.short());
        let revision = release.revision.number();
        grant(revision, effective, Some(release.released_at), redirect.clone())
    };
    if let Some(number) = wish.revision {
        let asked = package(snap, number).filter(|package| fits(package));
        let asked = asked.filter(|asked| !is_blocked(snap, asked.revision.number().into()));
        let asked = asked.ok_or("revision-not-found")?;
        let of_it = |release: &&Release| release.revision == asked.revision;
        let Some(place) = place else {
            let known = Some(asked).filter(|asked| is_to_be_had(snap, asked, at));
            let known = known.ok_or("revision-not-found")?;
            return Ok(grant(known.revision.number(), None, None, None));
        };
        let held_there = holds(snap, &place.long(), request.architecture, at, None).ever;
        let there = held_there.iter().filter(of_it);
        let last = there.max_by_key(|release| release.released_at).ok_or("revision-not-found")?;
        return Ok(found(&place, last));
    }
    let place = place.expect("without a revision there is a channel");
    let cohort = wish.cohort.as_ref().or(held.and_then(|held| held.cohort.as_ref()));
    let key = cohort.map_or(&wish.key, |cohort| &cohort.text).clone();
    let who = Who { key, installed: held.map(|held| held.revision) };
    let held_in = |place: &Place| holds(snap, &place.long(), request.architecture, at, Some(&who));
    let mut one_was_open = false;
    for tried in walk(wish, held, &place, held_in) {
        let Holds { ever, tip, is_chosen } = held_in(&tried);
        let Some(tip) = tip else { continue };
        one_was_open = true;
        let of = |release: &Release| package(snap, release.revision.number().into()).unwrap();
        let writes = |release: &Release| *of(release).epoch.write().as_slice().last().unwrap();
        if is_chosen && fits(of(&tip)) {
            return Ok(found(&tried, &tip));
        }
        let is_beyond = |release: &Release| is_chosen && writes(release) > writes(&tip);
        let readable: Vec<_> =
            ever.iter().filter(|release| fits(of(release)) && !is_beyond(release)).collect();
        let Some(newest) = readable.iter().map(|release| writes(release)).max() else { continue };
        let best = readable.into_iter().filter(|release| writes(release) == newest);
        let chosen = best.max_by_key(|release| (**release == tip, recency(release))).unwrap();
        return Ok(found(&tried, chosen));
    }
    let held = held.filter(|_| one_was_open).ok_or("revision-not-found")?;
    let own = package(snap, held.revision).filter(|package| fits(package));
    let own = own.filter(|own| is_to_be_had(snap, own, request.now)).ok_or("revision-not-found")?;
    Ok(grant(own.revision.number(), None, None, None))
}

/// Whether a revision was released until then, or chosen, and may be given out.
fn is_to_be_had(snap: &Listing, package: &Package, at: Instant) -> bool {
    let was_out = |one: &Release| one.revision == package.revision && one.released_at <= at;
    let number = package.revision.number().into();
    !is_blocked(snap, number) && (snap.releases.iter().any(was_out) || is_chosen(snap, number))
}

/// Step 1.
fn find<'l>(
    listings: &'l [Listing],
    request: &Request,
    wish: &Wish,
) -> Result<&'l Listing, &'static str> {
    let agrees = |listing: &&Listing| {
        wish.id.as_ref().is_none_or(|id| id == listing.id.as_str())
            && wish.name.as_ref().is_none_or(|name| name == listing.name.as_str())
    };
    let visible: Vec<_> =
        listings.iter().filter(|listing| is_visible(listing, request.store)).collect();
    // Which of the two words fits a name and an id that are not one snap's, the contract leaves half open: a name
    // nobody knows is not found, and so is an id beside the name of another snap.
    let is_known = |name: &String| visible.iter().any(|listing| name == listing.name.as_str());
    let unknown_name = wish.name.as_ref().is_some_and(|name| !is_known(name));
    let no = if unknown_name && wish.verb != "refresh" { "name-not-found" } else { "id-not-found" };
    visible.into_iter().find(agrees).ok_or(no)
}

/// Step 2.
fn requested(wish: &Wish, held: Option<&Held>) -> Result<Option<Place>, &'static str> {
    let text = match (&wish.channel, wish.revision, held) {
        (Some(channel), ..) => channel,
        (None, Some(_), _) => return Ok(None),
        (None, None, Some(held)) if !held.tracking.is_empty() => &held.tracking,
        (None, None, _) => "stable",
    };
    Place::read(text).map(Some).ok_or("invalid-channel")
}

/// Step 3, contract 5.4.
fn redirected(
    place: Option<Place>,
    snap: &Listing,
    request: &Request,
    wish: &Wish,
) -> (Option<Place>, Option<String>) {
    let Some(mut place) = place else { return (None, None) };
    let default = snap.default_track.as_ref().map(ToString::to_string);
    let default = default.filter(|track| track != "latest");
    if default.is_none()
        || place.track.is_some()
        || wish.verb == "refresh"
        || !request.default_tracks
    {
        return (Some(place), None);
    }
    place.track = default;
    let redirect = place.short();
    (Some(place), Some(redirect))
}

/// The instant as of which the channels are read (contract section 8).
fn seen_at(
    snap: &Listing,
    request: &Request,
    wish: &Wish,
    held: Option<&Held>,
) -> Result<Instant, &'static str> {
    let key = wish.cohort.as_ref().or(held.and_then(|held| held.cohort.as_ref()));
    let (Some(key), None) = (key, wish.revision) else { return Ok(request.now) };
    let (id, mut at) = key.made.clone().ok_or("invalid-cohort-key")?;
    if id != snap.id.as_str() {
        return Err("invalid-cohort-key");
    }
    let window = Duration::from_hours(90 * 24);
    while at.plus(window) <= request.now {
        at = at.plus(window);
    }
    Ok(at)
}

/// The formats the data on the device is in, if there is data (contract 6.4).
fn installed_data(snap: &Listing, wish: &Wish, held: Option<&Held>) -> Option<Vec<u32>> {
    let written = |epoch: &Epoch| epoch.write().as_slice().to_vec();
    let Some(held) = held else { return wish.epoch.as_ref().map(written) };
    let known = package(snap, held.revision).map(|package| &package.epoch);
    Some(held.epoch.as_ref().or(known).map_or(vec![0], written))
}

fn reads(epoch: &Epoch, written: &[u32]) -> bool {
    epoch.read().as_slice().iter().any(|number| written.contains(number))
}

fn package(snap: &Listing, number: i64) -> Option<&Package> {
    snap.packages.iter().find(|package| i64::from(package.revision.number()) == number)
}

/// The channels to try, in order (contract 5.3 and 5.6).
fn walk(
    wish: &Wish,
    held: Option<&Held>,
    place: &Place,
    held_in: impl Fn(&Place) -> Holds,
) -> Vec<Place> {
    let mut tried = Vec::new();
    if place.branch.is_some() {
        tried.push(place.clone());
        let tracked = held.and_then(|held| Place::read(&held.tracking));
        let is_tracked = tracked.is_some_and(|tracked| tracked.long() == place.long());
        let is_followed = held.is_some() && (wish.channel.is_none() || is_tracked);
        let is_open = held_in(place).tip.is_some();
        if !is_open && !is_followed {
            return tried;
        }
    }
    let risks = (0..=place.risk).rev();
    tried.extend(risks.map(|risk| Place { track: place.track.clone(), risk, branch: None }));
    tried
}

/// Contract section 7.
fn deltas(
    snap: &Listing,
    request: &Request,
    held: Option<&Held>,
    target: u32,
) -> Vec<(String, u32, u32)> {
    let Some(held) = held else { return Vec::new() };
    let accepted: Vec<&str> = request.formats.split(',').map(str::trim).collect();
    let all = snap
        .deltas
        .iter()
        .map(|delta| (delta.format.to_string(), delta.source.number(), delta.target.number()));
    let mut deltas: Vec<_> = all
        .filter(|(format, source, to)| {
            let fits = i64::from(*source) == held.revision && *to == target;
            fits && accepted.contains(&format.as_str())
        })
        .collect();
    deltas.sort();
    deltas
}
