//! `GET /v2/assertions/{type}/{key…}` and streams of assertions (contract 10.3).

use crate::assertion::Key;
use crate::assertion::Kind;
use crate::backstore::Held;
use crate::backstore::Sequence;
use crate::backstore::Wanted;
use crate::http::asked::Asked;
use crate::http::freshness::Freshness;
use crate::http::page;
use crate::http::problem::Problem;
use crate::http::reply::Content;
use crate::http::reply::Pieces;
use crate::http::reply::Reply;
use crate::http::reply::Stream;
use crate::http::store::Shelf;
use crate::http::store::assertion_stream;
use crate::upstream::assertion_path;
use bytes::Bytes;
use hyper::StatusCode;
use percent_encoding::percent_decode_str;
use sha2::Digest;
use sha2::Sha256;
use std::sync::Arc;
use tokio::time::Instant;

/// What an assertion is sent as; snapd compares the word.
const CONTENT_TYPE: &str = "application/x.ubuntu.assertion";

/// The most parts of a path that are looked at; keys have five at most.
const MAX_PARTS: usize = 8;

/// One assertion. The parameter is the rest of the path, as sent: the type and the parts of its key.
pub(in crate::http) fn assertion(shelf: &Shelf, asked: &Asked<'_>) -> Result<Reply, Problem> {
    let (key, wanted) = wanted_assertion(asked)?;
    let held = shelf.backstore.find(&key, wanted).ok_or_else(no_assertion)?;
    let content = Content::Rendered { plain: held.text.clone(), gzip: None };
    Ok(page::verbatim(asked, held.digest, CONTENT_TYPE, content))
}

/// Which assertion a request is for.
pub(in crate::http) fn wanted_assertion(asked: &Asked<'_>) -> Result<(Key, Wanted), Problem> {
    let max_format = number(asked, "max-format", 0)?;
    let mut segments = asked.parameter.split('/').take(MAX_PARTS + 1).map(decoded);
    let kind = segments.next().unwrap_or_else(|| decoded(""))?;
    let kind = Kind::of_name(&kind).ok_or_else(no_assertion)?;
    let mut parts = segments.collect::<Result<Vec<_>, _>>()?;
    let sequence = if kind.is_sequence() && parts.len() == kind.key_headers().len() {
        if asked.query_value("sequence").is_some() {
            return Err(bad_argument("sequence is given where the key names it already"));
        }
        let last = parts.pop().unwrap_or_default();
        let number = whole_number(&last).filter(|number| *number > 0);
        Sequence::Exactly(number.ok_or_else(|| bad_key("the last part of the key is no number"))?)
    } else {
        sequence(asked, kind)?
    };
    let key = Key::new(kind, parts.iter().map(String::as_str)).map_err(bad_key)?;
    Ok((key, Wanted { sequence, max_format }))
}

/// Where that assertion is, here and in a store behind us: the path with what else decides which one is meant. Of a
/// sequence that is a number, or the latest.
pub(in crate::http) fn assertion_address(key: &Key, wanted: Wanted) -> String {
    let mut path = assertion_path(key);
    let mut words = Vec::new();
    if let Sequence::Exactly(number) = wanted.sequence {
        path = format!("{path}/{number}");
    } else if key.kind().is_sequence() {
        words.push("sequence=latest".to_owned());
    }
    words.extend(wanted.max_format.map(|format| format!("max-format={format}")));
    if words.is_empty() { path } else { format!("{path}?{}", words.join("&")) }
}

/// Where one that is held is to be asked for anew: it was kept in passing, and some time ago. Which is the latest of a
/// sequence is never known by what was kept.
pub(in crate::http) fn due(
    freshness: &Freshness,
    (key, wanted): (&Key, Wanted),
    held: &Held,
    now: Instant,
) -> Option<String> {
    if !held.in_passing || !freshness.ends() {
        return None;
    }
    let path = assertion_address(key, wanted);
    (is_of_latest(key, wanted) || freshness.is_due(&path, now)).then_some(path)
}

/// Whether the latest of a sequence is wanted.
pub(in crate::http) fn is_of_latest(key: &Key, wanted: Wanted) -> bool {
    key.kind().is_sequence() && !matches!(wanted.sequence, Sequence::Exactly(_))
}

/// Several assertions, an empty line between each two. The parameter names them.
pub(in crate::http) fn stream(shelf: &Shelf, asked: &Asked<'_>) -> Result<Reply, Problem> {
    let wishes = assertion_stream::read(asked.parameter).ok_or_else(no_assertion)?;
    let find = |wish: &assertion_stream::Wish| {
        let sequence = Sequence::Exactly(wish.sequence);
        let wanted = Wanted { sequence, max_format: Some(wish.max_format) };
        shelf.backstore.find_named(wish.key, wanted)
    };
    let found: Vec<&Arc<Held>> = wishes.iter().filter_map(find).collect();
    if found.is_empty() {
        return Err(no_assertion());
    }
    let mut digest = Sha256::new();
    let mut pieces = Vec::with_capacity(2 * found.len());
    for held in found {
        digest.update(held.digest);
        if !pieces.is_empty() {
            pieces.push(Bytes::from_static(b"\n"));
        }
        pieces.push(held.text.clone());
    }
    let digest = digest.finalize()[..16].try_into().expect("a digest has 32 bytes");
    let content = Content::Stream(Stream::new(Pieces::from(pieces)));
    Ok(page::verbatim(asked, digest, CONTENT_TYPE, content))
}

/// A part of the path, decoded.
fn decoded(segment: &str) -> Result<String, Problem> {
    let text = percent_decode_str(segment).decode_utf8();
    text.map(String::from).map_err(|_| bad_key("a part of the path is not UTF-8"))
}

/// The place in the sequence that the query asks for.
fn sequence(asked: &Asked<'_>, kind: Kind) -> Result<Sequence, Problem> {
    match asked.query_value("sequence").as_deref() {
        Some(_) if !kind.is_sequence() => {
            Err(bad_argument("sequence is given where assertions form none"))
        }
        None | Some("latest") => Ok(Sequence::Newest),
        Some(_) => {
            let number = number(asked, "sequence", 1)?;
            Ok(number.map_or(Sequence::Newest, Sequence::Exactly))
        }
    }
}

/// A whole number of the query, if it is there.
fn number(asked: &Asked<'_>, name: &str, least: u32) -> Result<Option<u32>, Problem> {
    let Some(text) = asked.query_value(name) else { return Ok(None) };
    let number = whole_number(&text).filter(|number| *number >= least);
    let wrong = || bad_argument(&format!("{name} is not a whole number of at least {least}"));
    number.map(Some).ok_or_else(wrong)
}

/// A whole number of at most 31 bits, in digits alone and without a zero before them.
fn whole_number(text: &str) -> Option<u32> {
    let is_plain = text == "0" || !text.starts_with('0');
    let digits = Some(text).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))?;
    digits.parse::<i32>().ok().filter(|_| is_plain)?.try_into().ok()
}

fn bad_argument(text: &str) -> Problem {
    Problem::BadArgument { arguments: vec![text.to_owned()], faults: Vec::new() }
}

fn bad_key(rule: &str) -> Problem {
    let (status, code) = (StatusCode::BAD_REQUEST, "invalid-request");
    Problem::Told { status, code, message: rule.to_owned() }
}

/// The word that snapd knows an absent assertion by.
pub(in crate::http) fn no_assertion() -> Problem {
    let message = "no such assertion".to_owned();
    Problem::Told { status: StatusCode::NOT_FOUND, code: "not-found", message }
}
