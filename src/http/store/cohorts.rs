//! `POST /v2/cohorts`: keys that hold devices at one view of the channels (contract 10.6).

use crate::device::Cohort;
use crate::http::json;
use crate::http::problem::Problem;
use crate::http::store::Admission;
use crate::http::store::DeviceHeaders;
use crate::http::store::Shelf;
use crate::http::store::wire;
use crate::http::store::wire::Items;
use crate::http::store::wire::Text;
use crate::http::store::wire::wire_object;
use crate::refresh::Policy;
use crate::snap::SnapId;
use std::collections::BTreeMap;
use validator::Validate;

/// The most snaps of one request; snapd asks for those on a command line.
const MAX_SNAPS: u64 = 100;

wire_object! {
    /// The body.
    #[derive(Validate)]
    pub(super) struct CohortsWire<'a> {
        #[validate(required, length(max = MAX_SNAPS))]
        snaps: Items<Text<'a>, MAX_SNAPS> = "snaps",
    }
}

/// The body of the answer: one key for each name.
pub(in crate::http) fn cohorts(
    shelf: &Shelf,
    policy: &Policy<'_>,
    (admission, headers): (&Admission, &DeviceHeaders<'_>),
    body: &[u8],
) -> Result<Vec<u8>, Problem> {
    let wire: CohortsWire<'_> = wire::read(body)?;
    let faults = wire::faults(wire.validate());
    if !faults.is_empty() {
        return Err(Problem::BadBody(faults));
    }
    let viewer = admission.admit(headers, &shelf.catalogue, policy.now)?.viewer;
    let names = wire.snaps.as_ref().map(Items::as_slice).unwrap_or_default();
    let mut keys: BTreeMap<&str, String> = BTreeMap::new();
    for name in names {
        let name = name.as_str();
        let found = name.parse().ok().and_then(|name| shelf.catalogue.find_named(&name));
        let snap: SnapId = found
            .map(|index| shelf.catalogue.snap(index))
            .filter(|snap| snap.is_visible_to(&viewer))
            .map(|snap| snap.id)
            .ok_or_else(|| Problem::NotFound("a snap of the list is not there".to_owned()))?;
        let cohort = Cohort { snap, created_at: policy.now };
        keys.insert(name, policy.cohorts.key(&cohort).ok_or(Problem::Internal)?);
    }
    let mut out = b"{\"cohort-keys\":{".to_vec();
    for (place, (name, key)) in keys.iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        json::string(&mut out, name);
        out.push(b':');
        json::string(&mut out, key);
    }
    out.extend_from_slice(b"}}");
    Ok(out)
}
