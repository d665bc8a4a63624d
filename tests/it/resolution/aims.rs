//! Requests turned to what is on the shelf, so that more of them meet its corners.

use crate::resolution::requests::Request;
use crate::resolution::requests::secrets;
use crate::resolution::wishes::part_installs_from_refreshes;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use snapwise::device::Cohort;
use snapwise::snap::Listing;
use snapwise::snap::Release;

/// Turns about half of what is asked for to releases that are or were there.
pub(super) fn aimed(mut request: Request, listings: &[Listing], aims: &[(Index, bool)]) -> Request {
    let releases: Vec<(&Listing, &Release)> = listings
        .iter()
        .flat_map(|listing| listing.releases.iter().map(move |release| (listing, release)))
        .collect();
    if releases.is_empty() {
        return request;
    }
    let mut aims = aims.iter().map(|(index, aims)| aims.then(|| *index.get(&releases)));
    for held in &mut request.context {
        let Some((listing, release)) = aims.next().flatten() else { continue };
        let old = std::mem::replace(&mut held.tracking, release.channel.to_string());
        held.id = listing.id.to_string();
        for wish in request.actions.iter_mut().filter(|wish| wish.verb == "refresh") {
            if wish.key == held.key {
                let followed = wish.channel.take().filter(|channel| *channel != old);
                wish.channel =
                    followed.or(Some(held.tracking.clone()).filter(|_| wish.name.is_some()));
                (wish.id, wish.name) = (Some(held.id.clone()), None);
            }
        }
    }
    for wish in &mut request.actions {
        let Some((listing, release)) = aims.next().flatten() else { continue };
        let is_own = wish.verb != "refresh" || wish.id.as_deref() == Some(listing.id.as_str());
        if is_own {
            wish.channel = wish.channel.take().and(Some(release.channel.to_string()));
            wish.revision = wish.revision.and(Some(release.revision.number().into()));
            wish.name = wish.name.take().and(Some(listing.name.to_string()));
            wish.id = wish.id.take().and(Some(listing.id.to_string()));
        }
        for key in wish.cohort.iter_mut().filter(|key| is_own && key.made.is_some()) {
            let (snap, created_at) = (listing.id, release.released_at);
            key.text = secrets().key(&Cohort { snap, created_at }).unwrap();
            key.made = Some((snap.to_string(), created_at));
        }
    }
    part_installs_from_refreshes(&mut request.actions);
    request
}

/// Which parts of a request to turn to what is there.
pub(super) fn aims() -> impl Strategy<Value = Vec<(Index, bool)>> {
    vec((any::<Index>(), prop_oneof![2 => Just(true), 1 => Just(false)]), 14)
}
