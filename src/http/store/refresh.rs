//! `POST /v2/snaps/refresh` and its draft twin: one answer for many actions.

use crate::device::CohortSecrets;
use crate::device::Device;
use crate::http::problem::Problem;
use crate::http::store::Door;
use crate::http::store::Outcome;
use crate::http::store::Shelf;
use crate::http::store::device_headers;
use crate::http::store::pages::Projection;
use crate::http::store::refresh_wire::RefreshWire;
use crate::http::store::result::Writer;
use crate::http::store::wire;
use crate::refresh;
use crate::refresh::Policy;
use crate::snap::Instant;
use hyper::HeaderMap;

/// A refresh answer and what there is to count about it.
#[derive(Debug)]
pub(in crate::http) struct Answered {
    /// The JSON body.
    pub(in crate::http) body: Vec<u8>,
    /// How many snaps the context named.
    pub(in crate::http) n_context: usize,
    pub(in crate::http) outcomes: Vec<Outcome>,
}

/// Room for one result with snapd's fields, as a first guess.
const RESULT_BYTES: usize = 3_072;

/// Answers a refresh request (contract sections 1 to 8). One result per action, in the order of the actions.
pub(in crate::http) fn refresh(
    shelf: &Shelf,
    policy: &Policy<'_>,
    door: Door,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Answered, Problem> {
    let device = device_headers::device(headers);
    let wire: Result<RefreshWire<'_>, Problem> = wire::read(body);
    let (device, wire) = match (device, wire) {
        (Ok(device), Ok(wire)) => (device, wire),
        (Ok(_), Err(problem)) => return Err(problem),
        (Err(arguments), wire) => {
            let faults = match wire {
                Ok(wire) => wire.parse(door).1,
                Err(Problem::BadBody(faults)) => faults,
                Err(_) => Vec::new(),
            };
            return Err(Problem::BadArgument { arguments, faults });
        }
    };
    let store = device_headers::store(headers, &shelf.catalogue)?;
    answer(shelf, policy, door, &Device { store, ..device }, &wire)
}

fn answer(
    shelf: &Shelf,
    policy: &Policy<'_>,
    door: Door,
    device: &Device<'_>,
    wire: &RefreshWire<'_>,
) -> Result<Answered, Problem> {
    let catalogue = &shelf.catalogue;
    let (sent, mut faults) = wire.parse(door);
    let parsed = refresh::parse(catalogue, device.store.as_ref(), &sent.context, &sent.asked);
    let actions = match parsed {
        Ok(actions) if faults.is_empty() => actions,
        Ok(_) => return Err(Problem::BadBody(faults)),
        Err(more) => {
            faults.extend(more);
            return Err(Problem::BadBody(faults));
        }
    };
    let projection = sent.fields.map(Projection::new);
    let writer = Writer { shelf, door, device, projection, now: policy.now };
    let mut body = Vec::with_capacity(64 + actions.len() * RESULT_BYTES);
    let mut outcomes = Vec::with_capacity(actions.len());
    body.extend_from_slice(b"{\"error-list\":[],\"results\":");
    crate::http::json::list(&mut body, &actions, |body, action| {
        let resolved = refresh::resolve(catalogue, device, policy, action);
        outcomes.push(writer.write(body, action, resolved));
    });
    body.push(b'}');
    Ok(Answered { body, n_context: sent.context.len(), outcomes })
}

/// The body of the answer to a `/v2/snaps/refresh` request, or of its refusal: the whole of the door's work without a
/// connection, for benches.
pub fn answer_refresh(
    shelf: &Shelf,
    cohorts: &CohortSecrets,
    now: Instant,
    headers: &HeaderMap,
    body: &[u8],
) -> Vec<u8> {
    let policy = Policy { cohorts, now };
    match refresh(shelf, &policy, Door::Today, headers, body) {
        Ok(answered) => answered.body,
        Err(problem) => problem.body_bytes(),
    }
}
