//! `POST /v2/snaps/refresh` and its draft twin: one answer for many actions.

use crate::device::Device;
use crate::device::Viewer;
use crate::http::json;
use crate::http::problem::Problem;
use crate::http::public_base::Base;
use crate::http::store::Admission;
use crate::http::store::DeviceHeaders;
use crate::http::store::Door;
use crate::http::store::Outcome;
use crate::http::store::Renewals;
use crate::http::store::Shelf;
use crate::http::store::Unheld;
use crate::http::store::fetch;
use crate::http::store::fetch_wire::FormatsWire;
use crate::http::store::pages::Projection;
use crate::http::store::refresh_sent::Sent;
use crate::http::store::refresh_wire::RefreshWire;
use crate::http::store::result::Writer;
use crate::http::store::wire;
use crate::refresh;
use crate::refresh::Action;
use crate::refresh::Fault;
use crate::refresh::Policy;

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
    (door, base, unheld): (Door, &Base<'_>, Unheld<'_>),
    (admission, headers): (&Admission, &DeviceHeaders<'_>),
    body: &[u8],
) -> Result<Answered, Problem> {
    let device = headers.device();
    let wire: Result<RefreshWire<'_>, Problem> = wire::read(body);
    let (device, wire) = match (device, wire) {
        (Ok(device), Ok(wire)) => (device, wire),
        (Ok(_), Err(problem)) => return Err(problem),
        (Err(arguments), wire) => {
            let faults = match wire {
                Ok(wire) => {
                    // Which store it is for matters only to what two actions may name, not to their form.
                    let admitted = admission.admit(headers, &shelf.catalogue, policy.now);
                    let viewer = admitted.map(|admitted| admitted.viewer).unwrap_or_default();
                    let (sent, faults) = wire.parse(door);
                    tie(shelf, &viewer, &sent, faults).err().unwrap_or_default()
                }
                Err(Problem::BadBody(faults)) => faults,
                Err(_) => Vec::new(),
            };
            return Err(Problem::BadArgument { arguments, faults });
        }
    };
    let admitted = admission.admit(headers, &shelf.catalogue, policy.now)?;
    let device = Device { viewer: admitted.viewer, key: admitted.device_key, ..device };
    answer((shelf, unheld), policy, (door, base, admitted.stale), &device, &wire)
}

fn answer(
    (shelf, unheld): (&Shelf, Unheld<'_>),
    policy: &Policy<'_>,
    (door, base, stale): (Door, &Base<'_>, Renewals),
    device: &Device<'_>,
    wire: &RefreshWire<'_>,
) -> Result<Answered, Problem> {
    let catalogue = &shelf.catalogue;
    let (sent, faults) = wire.parse(door);
    let actions = tie(shelf, &device.viewer, &sent, faults).map_err(Problem::BadBody)?;
    let projection = sent.fields.map(|fields| Projection::new(fields, Some(base)));
    let untold = FormatsWire::default();
    let formats = wire.assertion_max_formats.as_ref().unwrap_or(&untold);
    let stock = (&shelf.backstore, unheld);
    let fetched = fetch::fetch(stock, &sent.groups, formats, base);
    let writer = Writer { shelf, door, device, projection, now: policy.now };
    let mut body = Vec::with_capacity(64 + actions.len() * RESULT_BYTES);
    let n_results = actions.len() + fetched.len();
    let mut outcomes = Vec::with_capacity(n_results);
    body.extend_from_slice(b"{\"error-list\":");
    write_stale(&mut body, stale);
    body.extend_from_slice(b",\"results\":");
    let mut actions = actions.iter();
    let mut groups = sent.groups.iter().zip(&fetched).peekable();
    json::list(&mut body, 0..n_results, |body, place| {
        // Groups keep their places; actions stand in the others, in their order.
        if let Some((_, fetched)) = groups.next_if(|((of_group, _), _)| *of_group == place) {
            fetched.write(body);
            outcomes.push(fetched.outcome());
        } else if let Some(action) = actions.next() {
            let resolved = refresh::resolve(catalogue, device, policy, action);
            outcomes.push(writer.write(body, action, resolved));
        }
    });
    body.push(b'}');
    Ok(Answered { body, n_context: sent.context.len(), outcomes })
}

/// What snapd is to renew before it asks again (contract 4.5); the results beside it are good.
fn write_stale(body: &mut Vec<u8>, stale: Renewals) {
    let user = stale.user.then_some("user-authorization-needs-refresh");
    let device = stale.device.then_some("device-authorization-needs-refresh");
    json::list(body, user.into_iter().chain(device), |body, code| {
        body.extend_from_slice(b"{\"code\":");
        json::string(body, code);
        body.extend_from_slice(b",\"message\":\"the credential is to be renewed\"}");
    });
}

/// The actions of a body whose parts have these faults, or everything that is wrong with it.
fn tie<'s>(
    shelf: &Shelf,
    viewer: &Viewer,
    sent: &'s Sent<'_>,
    mut faults: Vec<Fault>,
) -> Result<Vec<Action<'s>>, Vec<Fault>> {
    match refresh::parse(&shelf.catalogue, viewer, &sent.context, &sent.asked) {
        Ok(actions) if faults.is_empty() => Ok(actions),
        Ok(_) => Err(faults),
        Err(more) => {
            faults.extend(more);
            Err(faults)
        }
    }
}
