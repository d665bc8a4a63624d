//! JSON as people's tools know it from the earlier service (contract/rankings 2.0): no blanks, keys in order, ASCII only,
//! a line feed at the end.

use crate::http::json;
use serde_json::Value;
use std::io::Write;

/// The value as a body: compact, the keys of every object in order, what is not ASCII escaped, and a line feed.
pub(in crate::http) fn write(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    append(&mut out, value);
    out.push(b'\n');
    out
}

/// Appends the value, without a line feed.
pub(in crate::http) fn append(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_unstable_by_key(|(name, _)| *name);
            out.push(b'{');
            for (place, (name, value)) in members.into_iter().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                string(out, name);
                out.push(b':');
                append(out, value);
            }
            out.push(b'}');
        }
        Value::Array(items) => json::list(out, items, append),
        Value::String(text) => string(out, text),
        plain => json::plain(out, plain),
    }
}

/// Appends a text; what is not ASCII becomes one or two `\uXXXX`.
pub(in crate::http) fn string(out: &mut Vec<u8>, text: &str) {
    if text.is_ascii() {
        return json::string(out, text);
    }
    out.push(b'"');
    for letter in text.chars() {
        match letter {
            '"' => out.extend_from_slice(b"\\\""),
            '\\' => out.extend_from_slice(b"\\\\"),
            '\n' => out.extend_from_slice(b"\\n"),
            '\r' => out.extend_from_slice(b"\\r"),
            '\t' => out.extend_from_slice(b"\\t"),
            '\u{8}' => out.extend_from_slice(b"\\b"),
            '\u{c}' => out.extend_from_slice(b"\\f"),
            ' '..='\u{7f}' => out.extend_from_slice(letter.encode_utf8(&mut [0; 1]).as_bytes()),
            escaped => {
                for unit in escaped.encode_utf16(&mut [0; 2]) {
                    write!(out, "\\u{unit:04x}").expect("a buffer in memory takes every text");
                }
            }
        }
    }
    out.push(b'"');
}

/// Appends a text or `null`.
pub(in crate::http) fn string_or_null(out: &mut Vec<u8>, text: Option<&str>) {
    match text {
        Some(text) => string(out, text),
        None => out.extend_from_slice(b"null"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn keys_are_in_order_and_everything_is_ascii() {
        let value = json!({"b": [1, 2.5, null, true], "a": {"ü": "é\n\"\u{1f600}\u{1}"}, "c": ""});
        let expected = "{\"a\":{\"\\u00fc\":\"\\u00e9\\n\\\"\\ud83d\\ude00\\u0001\"},\
                        \"b\":[1,2.5,null,true],\"c\":\"\"}\n";
        assert_eq!(String::from_utf8_lossy(&write(&value)), expected);
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(text in "\\PC{0,20}[\u{0}-\u{ff}]{0,8}") {
            let value = json!({ (text.clone()): [text] });
            let written = write(&value);
            prop_assert!(written.is_ascii());
            prop_assert_eq!(serde_json::from_slice::<Value>(&written).unwrap(), value);
        }
    }
}
