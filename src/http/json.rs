//! JSON straight into the body's buffer.

use std::fmt::Display;
use std::io::Write;

/// Whether a text stands in JSON as it is. The question has no early end, so that it is asked of many bytes at once.
fn is_plain(text: &str) -> bool {
    let is_plain = |byte: u8| byte >= b' ' && byte != b'"' && byte != b'\\';
    text.bytes().fold(true, |all, byte| all & is_plain(byte))
}

/// Appends a JSON string.
pub(super) fn string(out: &mut Vec<u8>, text: &str) {
    // Nearly every text is copied as it is.
    if is_plain(text) {
        out.push(b'"');
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
    } else {
        serde_json::to_writer(&mut *out, text).expect("a buffer in memory takes every text");
    }
}

/// Appends a JSON string that is these texts, one behind the other.
pub(super) fn joined(out: &mut Vec<u8>, texts: &[&str]) {
    out.push(b'"');
    for text in texts {
        if is_plain(text) {
            out.extend_from_slice(text.as_bytes());
        } else {
            let quoted = serde_json::to_string(text).expect("a buffer in memory takes every text");
            out.extend_from_slice(&quoted.as_bytes()[1..quoted.len() - 1]);
        }
    }
    out.push(b'"');
}

/// Appends a JSON string or `null`.
pub(super) fn string_or_null(out: &mut Vec<u8>, text: Option<&str>) {
    match text {
        Some(text) => string(out, text),
        None => out.extend_from_slice(b"null"),
    }
}

/// Appends the text of a value whose `Display` needs no escaping.
pub(super) fn plain(out: &mut Vec<u8>, value: impl Display) {
    write!(out, "{value}").expect("a buffer in memory takes every text");
}

/// Appends a whole number.
pub(super) fn number(out: &mut Vec<u8>, number: impl itoa::Integer) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// Appends the items, each written by `write`, with commas between them.
pub(super) fn list<T>(
    out: &mut Vec<u8>,
    items: impl IntoIterator<Item = T>,
    mut write: impl FnMut(&mut Vec<u8>, T),
) {
    out.push(b'[');
    for (place, item) in items.into_iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        write(out, item);
    }
    out.push(b']');
}
