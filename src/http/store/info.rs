//! `GET /v2/snaps/info/{name}`: everything about one snap (contract 10.1).

use crate::find;
use crate::find::Wanted;
use crate::http::json;
use crate::http::problem::Problem;
use crate::http::public_base::Base;
use crate::http::store::Admission;
use crate::http::store::DeviceHeaders;
use crate::http::store::Shelf;
use crate::http::store::pages::Projection;
use crate::http::store::rankings;
use crate::snap::Architecture;
use crate::snap::Field;
use crate::snap::Fields;
use crate::snap::Instant;
use crate::snap::Track;
use std::borrow::Cow;

/// The most architectures a query may name; there are nine.
const MAX_ARCHITECTURES: usize = 32;

/// The body of the answer.
pub(in crate::http) fn info(
    shelf: &Shelf,
    now: Instant,
    (admission, headers): (&Admission, &DeviceHeaders<'_>),
    (name, query): (&str, &str),
    base: &Base<'_>,
) -> Result<Vec<u8>, Problem> {
    let (fields, wanted) = parse(headers, query)
        .map_err(|arguments| Problem::BadArgument { arguments, faults: Vec::new() })?;
    let catalogue = &shelf.catalogue;
    let viewer = admission.admit(headers, catalogue, now)?.viewer;
    let found = name.parse().ok().and_then(|name| catalogue.find_named(&name));
    let index = found
        .filter(|index| catalogue.snap(*index).is_visible_to(&viewer))
        .ok_or_else(|| Problem::NotFound("no snap has this name".to_owned()))?;
    let snap = catalogue.snap(index);
    let projection = Projection::new(fields, Some(base));
    let mut out = Vec::with_capacity(16 * 1_024);
    out.extend_from_slice(b"{\"channel-map\":");
    let entries = find::channel_map(catalogue, snap, &wanted, now);
    json::list(&mut out, entries, |out, entry| {
        let channel = catalogue.channel_name(entry.channel);
        out.extend_from_slice(b"{\"channel\":{\"architecture\":");
        json::string(out, entry.architecture.as_str());
        out.extend_from_slice(b",\"name\":");
        json::string(out, &channel.to_string());
        out.extend_from_slice(b",\"released-at\":\"");
        out.extend_from_slice(&entry.span.released_at.text());
        out.extend_from_slice(b"\",\"risk\":");
        json::string(out, channel.risk().as_str());
        out.extend_from_slice(b",\"track\":");
        json::string(out, channel.track());
        out.push(b'}');
        shelf.pages.write_package_members(out, (index, entry.span.package), &projection, &[]);
        out.push(b'}');
    });
    out.extend_from_slice(b",\"default-track\":");
    json::string_or_null(&mut out, snap.default_track.as_ref().map(Track::as_str));
    out.extend_from_slice(b",\"name\":");
    json::string(&mut out, snap.name.as_str());
    out.extend_from_slice(b",\"snap\":");
    shelf.pages.write_own(&mut out, index, &projection);
    if projection.has_rankings() {
        rankings::add(&mut out, &shelf.boards, snap.id);
    }
    out.extend_from_slice(b",\"snap-id\":");
    json::string(&mut out, snap.id.as_str());
    out.push(b'}');
    Ok(out)
}

/// The fields and architectures of the query, or everything that is wrong with it and the headers.
fn parse(headers: &DeviceHeaders<'_>, query: &str) -> Result<(Fields, Wanted), Vec<String>> {
    let mut wrong: Vec<String> = headers.check_series().err().into_iter().collect();
    let own = headers.architecture().unwrap_or_else(|text| {
        wrong.push(text);
        None
    });
    let fields = value_of(query, "fields").map_or(Fields::INFO, |names| {
        let mut fields = Fields::NONE;
        names.split(',').filter_map(Field::of_name).for_each(|field| fields.insert(field));
        fields
    });
    let asked = value_of(query, "architecture").filter(|names| !names.is_empty());
    let wanted = match asked {
        None => Wanted::Every(own),
        Some(names) => {
            let names: Vec<_> = names.split(',').take(MAX_ARCHITECTURES + 1).collect();
            let parsed: Result<Vec<Architecture>, _> =
                names.iter().map(|name| name.parse()).collect();
            match parsed {
                Ok(parsed) if parsed.len() <= MAX_ARCHITECTURES => Wanted::Only(parsed),
                Ok(_) => {
                    wrong.push(format!("architecture takes at most {MAX_ARCHITECTURES} names"));
                    Wanted::Every(None)
                }
                Err(invalid) => {
                    wrong.push(format!("architecture: {invalid}"));
                    Wanted::Every(None)
                }
            }
        }
    };
    if wrong.is_empty() { Ok((fields, wanted)) } else { Err(wrong) }
}

/// The first value of a query's key, decoded.
fn value_of<'q>(query: &'q str, key: &str) -> Option<Cow<'q, str>> {
    let pairs = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    pairs
        .filter(|(name, _)| *name == key)
        .map(|(_, value)| crate::http::route::decode(value))
        .next()
}
