//! JSON straight into the body's buffer.

use crate::http::special::first_special;
use std::fmt::Display;
use std::io::Write;

/// Appends a JSON string.
pub(super) fn string(out: &mut Vec<u8>, text: &str) {
    joined(out, &[text]);
}

/// Appends a JSON string that is these texts, one behind the other.
pub(super) fn joined(out: &mut Vec<u8>, texts: &[&str]) {
    out.push(b'"');
    for text in texts {
        inside(out, text);
    }
    out.push(b'"');
}

/// Appends a text as it stands between the quotes of a JSON string.
pub(super) fn inside(out: &mut Vec<u8>, text: &str) {
    // Stretch by stretch: nearly every text is one, and those with escapes are mostly whole files of lines.
    let mut rest = text.as_bytes();
    while let Some(place) = first_special(rest) {
        let (stretch, special) = (&rest[..place], rest[place]);
        out.extend_from_slice(stretch);
        rest = &rest[place + 1..];
        let letter = match special {
            0x08 => b'b',
            b'\t' => b't',
            b'\n' => b'n',
            0x0c => b'f',
            b'\r' => b'r',
            control @ 0..=0x1f => {
                plain(out, format_args!("\\u{control:04x}"));
                continue;
            }
            itself => itself,
        };
        out.extend_from_slice(&[b'\\', letter]);
    }
    out.extend_from_slice(rest);
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn texts_are_written_as_the_library_writes_them(text in "([\\x00-\\x7f]|\\PC){0,200}") {
            let mut out = Vec::new();
            string(&mut out, &text);
            prop_assert_eq!(out, serde_json::to_vec(&text).unwrap());
        }
    }
}
