//! JSON as the earlier service wrote it (contract/rankings 2.0): compact, members in the order of their names, nothing
//! but ASCII, and a new line at the end.

use serde_json::Value;
use std::io::Write;

/// The text of a value.
pub(in crate::http) fn write(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    append(&mut out, value);
    out.push(b'\n');
    out
}

fn append(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::String(text) => string(out, text),
        Value::Array(items) => {
            out.push(b'[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                append(out, item);
            }
            out.push(b']');
        }
        Value::Object(members) => {
            // A map keeps the order it was filled in, or sorts, as the whole program was built.
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_unstable_by_key(|(name, _)| *name);
            out.push(b'{');
            for (place, (name, member)) in sorted.into_iter().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                string(out, name);
                out.push(b':');
                append(out, member);
            }
            out.push(b'}');
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {
            write!(out, "{value}").expect("a buffer in memory takes every text");
        }
    }
}

fn string(out: &mut Vec<u8>, text: &str) {
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
            ' '..='~' => out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes()),
            _ => {
                for unit in letter.encode_utf16(&mut [0; 2]) {
                    write!(out, "\\u{unit:04x}").expect("a buffer in memory takes every text");
                }
            }
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn members_are_sorted_and_everything_is_ascii() {
        let value = json!({"b": [1, null, true, {}, []], "a": {"z": 0.5, "é": "ü\u{1f600}\"\\\n\u{1}\u{7f}"}});
        let expected = concat!(
            r#"{"a":{"z":0.5,"\u00e9":"\u00fc\ud83d\ude00\"\\\n\u0001\u007f"},"#,
            r#""b":[1,null,true,{},[]]}"#,
            "\n"
        );
        let written = write(&value);
        assert_eq!(String::from_utf8(written.clone()).unwrap(), expected);
        assert_eq!(serde_json::from_slice::<Value>(&written).unwrap(), value);
    }
}
