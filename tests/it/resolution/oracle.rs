//! A second reading of contract 5.10, 6.4, 7 and 8: slow and plain, over listings, sharing nothing with the product
//! but the words a listing is made of.

use crate::resolution::place::Place;
use crate::resolution::requests::Held;
use crate::resolution::requests::Request;
use crate::resolution::requests::Wish;
use snapwise::snap::Channel;
use snapwise::snap::Epoch;
use snapwise::snap::Instant;
use snapwise::snap::Listing;
use snapwise::snap::Package;
use snapwise::snap::Release;
use std::time::Duration;

fn long_name(channel: &Channel) -> String {
    let branch = channel.branch.as_ref().map(|branch| format!("/{branch}"));
    format!("{}/{}{}", channel.track, channel.risk, branch.unwrap_or_default())
}

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
        package(snap, number).filter(|package| fits(package)).ok_or("revision-not-found")?;
        let of_it = |release: &&Release| i64::from(release.revision.number()) == number;
        let Some(place) = place else {
            let ever = snap.releases.iter().filter(of_it).find(|one| one.released_at <= at);
            let ever = ever.ok_or("revision-not-found")?;
            return Ok(grant(ever.revision.number(), None, None, None));
        };
        let there = history(snap, request, &place, at).into_iter().filter(of_it);
        let last = there.max_by_key(|release| release.released_at).ok_or("revision-not-found")?;
        return Ok(found(&place, last));
    }
    let place = place.expect("without a revision there is a channel");
    let mut one_was_open = false;
    for tried in walk(snap, request, wish, held, &place, at) {
        let ever = history(snap, request, &tried, at);
        let Some(tip) = tip(&ever, at) else { continue };
        one_was_open = true;
        let of = |release: &Release| package(snap, release.revision.number().into()).unwrap();
        let writes = |release: &Release| *of(release).epoch.write().as_slice().last().unwrap();
        let readable: Vec<_> = ever.into_iter().filter(|release| fits(of(release))).collect();
        let Some(newest) = readable.iter().map(|release| writes(release)).max() else { continue };
        let best = readable.into_iter().filter(|release| writes(release) == newest);
        let chosen = best.max_by_key(|release| (*release == tip, recency(release))).unwrap();
        return Ok(found(&tried, chosen));
    }
    let held = held.filter(|_| one_was_open).ok_or("revision-not-found")?;
    let own = package(snap, held.revision).filter(|package| fits(package));
    let own = own.ok_or("revision-not-found")?.revision;
    let was_out = |release: &Release| release.revision == own && release.released_at <= request.now;
    let is_known = snap.releases.iter().any(was_out);
    is_known.then(|| grant(own.number(), None, None, None)).ok_or("revision-not-found")
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
    snap: &Listing,
    request: &Request,
    wish: &Wish,
    held: Option<&Held>,
    place: &Place,
    at: Instant,
) -> Vec<Place> {
    let mut tried = Vec::new();
    if place.branch.is_some() {
        tried.push(place.clone());
        let tracked = held.and_then(|held| Place::read(&held.tracking));
        let is_tracked = tracked.is_some_and(|tracked| tracked.long() == place.long());
        let is_followed = held.is_some() && (wish.channel.is_none() || is_tracked);
        let is_open = tip(&history(snap, request, place, at), at).is_some();
        if !is_open && !is_followed {
            return tried;
        }
    }
    let risks = (0..=place.risk).rev();
    tried.extend(risks.map(|risk| Place { track: place.track.clone(), risk, branch: None }));
    tried
}

/// Everything the channel gave out to the device's architecture until then.
fn history<'l>(
    snap: &'l Listing,
    request: &Request,
    place: &Place,
    at: Instant,
) -> Vec<&'l Release> {
    let is_there = |release: &&Release| {
        ["all", request.architecture].contains(&release.architecture.as_str())
            && long_name(&release.channel) == place.long()
            && release.released_at <= at
    };
    snap.releases.iter().filter(is_there).collect()
}

/// Of what is given out at that instant, what was released last.
pub(super) fn tip<'l>(history: &[&'l Release], at: Instant) -> Option<&'l Release> {
    let is_open = |release: &&&Release| release.closed_at.is_none_or(|closed_at| at < closed_at);
    history.iter().filter(is_open).max_by_key(|release| recency(release)).copied()
}

/// Of two releases of the same instant that for the one architecture goes first.
fn recency(release: &Release) -> (Instant, bool) {
    (release.released_at, !release.architecture.is_all())
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
