//! Headers that read back as they were written, and texts that are none.

use super::*;
use proptest::prelude::*;
use std::fmt::Write;

/// Writes headers as an assertion has them.
pub(in crate::assertion) fn written(headers: &[(String, Value)]) -> String {
    let mut out = String::new();
    for (name, value) in headers {
        out.push_str(name);
        out.push(':');
        write_value(&mut out, value, 0);
    }
    out.truncate(out.len() - 1);
    out
}

fn write_value(out: &mut String, value: &Value, indent: usize) {
    let blanks = " ".repeat(indent + 2);
    match value {
        Value::Text(text) if !text.contains('\n') => {
            out.push(' ');
            out.push_str(text);
            out.push('\n');
        }
        Value::Text(text) => {
            out.push('\n');
            for line in text.split('\n') {
                writeln!(out, "{blanks}  {line}").unwrap();
            }
        }
        Value::List(items) => {
            out.push('\n');
            for item in items {
                write!(out, "{blanks}-").unwrap();
                write_value(out, item, indent + 2);
            }
        }
        Value::Map(entries) => {
            out.push('\n');
            for (name, value) in entries {
                write!(out, "{blanks}{name}:").unwrap();
                write_value(out, value, indent + 2);
            }
        }
    }
}

fn map(
    name: &'static str,
    value: impl Strategy<Value = Value>,
) -> impl Strategy<Value = Vec<(String, Value)>> {
    let entries = prop::collection::btree_map(name, value, 1..5);
    entries.prop_map(|entries| entries.into_iter().collect())
}

/// Headers as an assertion may have them.
pub(in crate::assertion) fn headers() -> impl Strategy<Value = Vec<(String, Value)>> {
    let text = prop_oneof!["[^\\n\\pC]{0,20}", "[^\\n\\pC]{0,9}\n[^\\n\\pC]{0,9}(\n[ -~]{0,9})?"];
    let value = text.prop_map(Value::Text).prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(Value::List),
            map("[A-Za-z0-9_$./][A-Za-z0-9_$./ -]{0,8}", inner).prop_map(Value::Map),
        ]
    });
    map("[a-z][a-z0-9]{0,5}(-[a-z0-9]{1,4}){0,2}", value)
}

proptest! {
    #[test]
    fn what_is_written_reads_back(headers in headers()) {
        prop_assert_eq!(Headers::read(&written(&headers)), Ok(Headers(headers)));
    }

    #[test]
    fn whatever_is_sent_is_read_or_refused(text in "([a-c]{1,2}(: |:|)|[ -]{1,6}|\\n|\\PC){0,40}") {
        if let Ok(Headers(read)) = Headers::read(&text) {
            prop_assert!(!read.is_empty());
            prop_assert_eq!(Headers::read(&written(&read)), Ok(Headers(read)));
        }
    }
}

#[track_caller]
fn check(text: &str, line: u64, what: &str) {
    let flaw = Headers::read(text).expect_err(text);
    assert_eq!(flaw.line, line, "{flaw}");
    assert!(flaw.what.contains(what), "{flaw}");
}

#[test]
fn what_is_no_header_is_told_with_its_line() {
    check("", 1, "empty line");
    check("a: b\n\nc: d", 2, "empty line");
    check("a: b\nc", 2, "colon");
    check("a: b\nC: d", 2, "name");
    check("a: b\n-: d", 2, "name");
    check("a--b: d", 1, "name");
    check("1a: d", 1, "name");
    check(" a: d", 1, "name");
    check("a:b", 1, "blank");
    check("a: b\nc: d\na: e", 3, "a is repeated");
    check("a:", 1, "value is missing");
    check("a:\nb: c", 1, "value is missing");
    check("a:\n  b: c\n  b: d", 3, "b is repeated");
    check("a:\n  - b\n  c: d", 3, "dash");
    check("a:\n  -b", 2, "blank");
    check("a:\n    b\n  c: d", 3, "no name");
    let many: Vec<_> = (0..40).map(|n| format!("a{n}: b\n")).collect();
    check(&format!("{}a7: b", many.concat()), 41, "a7 is repeated");
}

#[test]
fn a_hostile_text_is_refused_in_time() {
    let deep: Vec<_> = (0..40).map(|n| format!("{}-\n", " ".repeat(2 * n + 2))).collect();
    check(&format!("a:\n{}", deep.concat()), 33, "deeper");
    let many = format!("a:\n{}", "  - b\n".repeat(20_000));
    check(&many, 10_001, "10,000");
}
