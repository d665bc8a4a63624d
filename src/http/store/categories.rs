//! `GET /v2/snaps/categories`, and `GET /api/v1/snaps/sections` in the older words (contract 10.2): which categories
//! there is something in.

use crate::find::Card;
use crate::http::json;
use crate::http::problem::Problem;
use crate::http::reply::Content;
use crate::http::reply::Reply;
use crate::http::store::Admission;
use crate::http::store::DeviceHeaders;
use crate::http::store::Shelf;
use crate::snap::Instant;
use std::collections::BTreeSet;

/// The body of the answer about categories.
pub(in crate::http) fn categories(
    shelf: &Shelf,
    now: Instant,
    asking: (&Admission, &DeviceHeaders<'_>),
) -> Result<Vec<u8>, Problem> {
    let mut out = b"{\"categories\":".to_vec();
    write(&mut out, shelf, now, asking)?;
    out.push(b'}');
    Ok(out)
}

/// The answer about sections.
pub(in crate::http) fn sections(
    shelf: &Shelf,
    now: Instant,
    asking: (&Admission, &DeviceHeaders<'_>),
) -> Result<Reply, Problem> {
    let mut out = b"{\"_embedded\":{\"clickindex:sections\":".to_vec();
    write(&mut out, shelf, now, asking)?;
    out.extend_from_slice(b"}}");
    Ok(Reply::hal(Content::Written(out)))
}

/// Appends the names, in order, of what the caller may see something of.
fn write(
    out: &mut Vec<u8>,
    shelf: &Shelf,
    now: Instant,
    (admission, headers): (&Admission, &DeviceHeaders<'_>),
) -> Result<(), Problem> {
    headers.check_series().map_err(Problem::bad_argument)?;
    let viewer = admission.admit(headers, &shelf.catalogue, now)?.viewer;
    let snaps = shelf.catalogue.snaps().zip(shelf.finder.index.cards());
    let seen = snaps.filter(|(snap, card)| !card.is_private && snap.is_visible_to(&viewer));
    let mut names = BTreeSet::new();
    for category in seen.flat_map(|(_, card)| &card.categories) {
        names.insert(category.name.as_str());
        if category.featured {
            names.insert(Card::FEATURED);
        }
    }
    json::list(out, names, |out, name| {
        out.extend_from_slice(b"{\"name\":");
        json::string(out, name);
        out.push(b'}');
    });
    Ok(())
}
