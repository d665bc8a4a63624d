//! From bytes to a value, or to the first thing that is wrong with them.

use crate::http::problem::Problem;
use crate::http::store::wire::MAX_SHORT;
use crate::http::store::wire::Plain;
use crate::http::store::wire::plain;
use crate::http::store::wire::plain::Found;
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
    match plain::read(text) {
        Found::Plain(value) => return Ok(value),
        Found::CutOff => return Err(Problem::body("", "not JSON: it breaks off")),
        Found::Other => {}
    }
    serde_json::from_str(text).or_else(|error| {
        if !error.is_data() {
            return Err(Problem::body("", format!("not JSON: {error}")));
        }
        // Only a refusal pays for knowing the place.
        let mut deserializer = serde_json::Deserializer::from_str(text);
        match serde_path_to_error::deserialize::<_, T>(&mut deserializer) {
            Ok(value) => Ok(value),
            Err(error) => {
                let message = without_value(&error.inner().to_string());
                Err(Problem::body(&pointer_of(error.path()), message))
            }
        }
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

/// The place, up to the first name that is longer than any of ours.
fn pointer_of(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter()
        .take_while(|segment| !matches!(segment, Segment::Map { key } if key.len() > MAX_SHORT))
        .map(|segment| match segment {
            Segment::Seq { index } => format!("/{index}"),
            Segment::Map { key } => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
            Segment::Enum { .. } | Segment::Unknown => String::new(),
        })
        .collect()
}
