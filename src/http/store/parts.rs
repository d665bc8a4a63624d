//! The work of the door part by part, without a connection: what benches and properties look at.

use crate::device::CohortSecrets;
use crate::device::Device;
use crate::http::PublicBase;
use crate::http::asked::Asked;
use crate::http::json;
use crate::http::problem::Problem;
use crate::http::public_base::Base;
use crate::http::route::Route;
use crate::http::store::Admission;
use crate::http::store::DeviceHeaders;
use crate::http::store::Door;
use crate::http::store::Shelf;
use crate::http::store::Unheld;
use crate::http::store::find::find;
use crate::http::store::pages::Projection;
use crate::http::store::refresh::refresh;
use crate::http::store::refresh_wire::RefreshWire;
use crate::http::store::result::Writer;
use crate::http::store::wire;
use crate::refresh::Action;
use crate::refresh::Offer;
use crate::refresh::Policy;
use crate::refresh::Refusal;
use crate::snap::Fields;
use crate::snap::Instant;
use hyper::HeaderMap;
use hyper::Method;
use hyper::Uri;
use std::net::IpAddr;
use std::net::Ipv4Addr;

/// Where the requests that have no connection were sent.
fn here() -> Result<PublicBase, Problem> {
    "http://127.0.0.1".parse().map_err(|_| Problem::Internal)
}

/// The body of the answer to a `/v2/snaps/refresh` request, or of its refusal.
pub fn answer_refresh(
    shelf: &Shelf,
    cohorts: &CohortSecrets,
    now: Instant,
    headers: &HeaderMap,
    body: &[u8],
) -> Vec<u8> {
    let policy = Policy { cohorts, backstore: &shelf.backstore, now };
    match refresh(
        shelf,
        &policy,
        (Door::Today, &Base::new(&here), Unheld::IsNot),
        (&Admission::default(), &DeviceHeaders::of(headers)),
        body,
    ) {
        Ok(answered) => answered.body,
        Err(problem) => problem.body_bytes(),
    }
}

/// The body of the answer to a `/v2/snaps/find` request with that query, or of its refusal.
pub fn answer_find(shelf: &Shelf, now: Instant, headers: &HeaderMap, query: &str) -> Vec<u8> {
    let asked = Asked {
        route: Route::Find,
        method: &Method::GET,
        parameter: "",
        query,
        headers,
        uri: &Uri::default(),
        peer: IpAddr::from(Ipv4Addr::LOCALHOST),
        request_id: "",
        body: b"",
    };
    let asking = (&Admission::default(), &DeviceHeaders::of(headers));
    find(shelf, now, asking, &asked).unwrap_or_else(|problem| problem.body_bytes())
}

/// Reads and checks the body of a `/v2/snaps/refresh` request; gives the number of its actions, or `None` when
/// something is wrong with it.
pub fn parse_refresh(body: &[u8]) -> Option<usize> {
    let wire: RefreshWire<'_> = wire::read(body).ok()?;
    let (sent, faults) = wire.parse(Door::Today);
    faults.is_empty().then_some(sent.asked.len())
}

/// Writes the results of resolved actions, with those fields.
pub fn render_refresh<'a>(
    shelf: &Shelf,
    device: &Device<'_>,
    fields: Fields,
    now: Instant,
    resolved: impl IntoIterator<Item = (&'a Action<'a>, Result<Offer<'a>, Refusal>)>,
) -> Vec<u8> {
    let base = Base::new(&here);
    let projection = Some(Projection::new(fields, Some(&base)));
    let writer = Writer { shelf, door: Door::Today, device, projection, now };
    let mut out = Vec::new();
    json::list(&mut out, resolved, |out, (action, resolved)| {
        writer.write(out, action, resolved);
    });
    out
}
