//! From bytes to a value, or to the first thing that is wrong with them.

use crate::http::problem::Problem;
use crate::http::store::wire::MAX_SHORT;
use crate::http::store::wire::Plain;
use crate::http::store::wire::plain::Body;
use crate::http::store::wire::plain::Found;
use crate::http::store::wire::plain::Segment;
use serde::Deserialize;

/// Reads a body.
///
/// # Errors
/// The first thing that is wrong with it, with its place.
pub(in crate::http::store) fn read<'a, T: Deserialize<'a> + Plain<'a>>(
    body: &'a [u8],
) -> Result<T, Problem> {
    // One pass over the whole makes checking every string unnecessary.
    let text = std::str::from_utf8(body).map_err(|_| Problem::body("", "not UTF-8"))?;
    let mut plain = Body::new(text);
    match plain.whole() {
        Found::Plain(value) => return Ok(value),
        Found::CutOff => return Err(Problem::body("", "not JSON: it breaks off")),
        Found::Other => {}
    }
    serde_json::from_str(text).or_else(|error| {
        if !error.is_data() {
            return Err(Problem::body("", format!("not JSON: {error}")));
        }
        match plain.way_to(offset(text, &error)) {
            Some(way) => Err(Problem::body(&pointer(way), without_value(&error.to_string()))),
            None => placed(text),
        }
    })
}

/// Where the parser stopped, in bytes.
fn offset(text: &str, error: &serde_json::Error) -> usize {
    let lines = text.split_inclusive('\n').take(error.line().saturating_sub(1));
    lines.map(str::len).sum::<usize>() + error.column()
}

/// Reads a body that has a fault once more, knowing the place: only a refusal of what is not plain up to its fault pays
/// for that.
pub(in crate::http::store) fn placed<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, Problem> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let message = without_value(&error.inner().to_string());
        Problem::body(&pointer_of(error.path()), message)
    })
}

/// serde's words for a value of the wrong type without the value, which may be large, and is nobody's business.
fn without_value(message: &str) -> String {
    let expected =
        message.strip_prefix("invalid ").and_then(|rest| rest.rsplit_once(", expected "));
    match expected.map(|(_, expected)| expected) {
        Some(kind) => match kind.strip_prefix("i64").or(kind.strip_prefix("u32")) {
            Some(place) => format!("expected a whole number in range{place}"),
            None => format!("expected {kind}"),
        },
        None => message.to_owned(),
    }
}

/// The place as a JSON pointer, up to the first name that is longer than any of ours.
fn pointer<'b>(way: impl Iterator<Item = Segment<'b>>) -> String {
    let mut pointer = String::new();
    for step in way {
        match step {
            Segment::Member(name) if name.len() > MAX_SHORT => break,
            Segment::Member(name) => add_member(&mut pointer, name),
            Segment::Item(place) => add_item(&mut pointer, place),
        }
    }
    pointer
}

fn add_item(pointer: &mut String, place: usize) {
    pointer.push('/');
    pointer.push_str(itoa::Buffer::new().format(place));
}

/// A member by its name, which is escaped if it has to be (RFC 6901, 3).
fn add_member(pointer: &mut String, name: &str) {
    pointer.push('/');
    if name.contains(['~', '/']) {
        pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
    } else {
        pointer.push_str(name);
    }
}

/// The same of what `serde_path_to_error` tells.
fn pointer_of(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Map { key } if key.len() > MAX_SHORT => break,
            Segment::Map { key } => add_member(&mut pointer, key),
            Segment::Seq { index } => add_item(&mut pointer, *index),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    pointer
}
