//! Documents in a stream: where they begin, and that a bad one harms no other.

use super::ID;
use crate::exchange::Documents;
use std::io::Cursor;

/// The line of every document and its name, or how its rejection begins.
fn read(text: &[u8]) -> Vec<(u64, String)> {
    let documents = Documents::new(Cursor::new(text.to_vec())).expect("it reads from memory");
    let found = documents.map(|found| found.expect("it reads from memory"));
    found
        .map(|found| {
            let said = match found.statement {
                Ok(statement) => statement.listing.name.to_string(),
                Err(rejection) => rejection.reason.chars().take(14).collect(),
            };
            (found.line, said)
        })
        .collect()
}

fn line(name: &str) -> String {
    format!(r#"{{"name": "{name}", "snap-id": "{ID}"}}"#)
}

fn pretty(name: &str) -> String {
    format!(
        "{{\n  \"name\": \"{name}\",\n  \"title\": \"}} \\\" {{\",\n  \"snap-id\": \"{ID}\"\n}}"
    )
}

fn check(text: &str, expected: &[(u64, &str)]) {
    let expected: Vec<_> =
        expected.iter().map(|(line, said)| (*line, (*said).to_owned())).collect();
    assert_eq!(read(text.as_bytes()), expected, "{text}");
}

#[test]
fn json_lines_are_read() {
    check("", &[]);
    check("\n \n", &[]);
    check(&line("aa"), &[(1, "aa")]);
    check(&format!("\u{feff}{}\r\n\n{}\n", line("aa"), line("bb")), &[(1, "aa"), (3, "bb")]);
}

#[test]
fn a_document_over_many_lines_is_read() {
    check(&pretty("aa"), &[(1, "aa")]);
    check(&format!("\n\n{}\n\n{}\n", pretty("aa"), pretty("bb")), &[(3, "aa"), (9, "bb")]);
    check(&format!("{{\n{}", line("aa").trim_start_matches('{')), &[(1, "aa")]);
}

#[test]
fn an_array_of_documents_is_read() {
    check(&format!("[{}, {}]", line("aa"), line("bb")), &[(1, "aa"), (1, "bb")]);
    check(&format!("[\n{},\n{}\n]\n", pretty("aa"), pretty("bb")), &[(2, "aa"), (7, "bb")]);
    check("[]", &[]);
}

#[test]
fn a_bad_line_spoils_no_other() {
    for bad in [
        "nonsense",
        "{",
        "}",
        "[[[[",
        "42",
        "\"text",
        "{\"name\": \"ab\", \"sn",
        "{\"name\": \"ab\",",
        "{\"channel-map\": [",
        "[1, 2]",
        "{\"name\": \"a\\",
        "{}x",
    ] {
        let first = read(format!("{bad}\n{}\n{}\n", line("aa"), line("bb")).as_bytes());
        assert_eq!(first.len(), 3, "{bad}: {first:?}");
        assert_eq!(first[1..], [(2, "aa".to_owned()), (3, "bb".to_owned())], "{bad}");
        let second = read(format!("{}\n{bad}\n{}\n", line("aa"), line("bb")).as_bytes());
        assert_eq!(second.len(), 3, "{bad}: {second:?}");
        assert_eq!(second[2], (3, "bb".to_owned()), "{bad}");
    }
    let not_utf8 = [b"\"\xff\"\n".as_slice(), line("aa").as_bytes()].concat();
    assert_eq!(read(&not_utf8)[1], (2, "aa".to_owned()));
}

#[test]
fn what_is_too_large_is_passed_over() {
    let huge = format!("{{\"x\": \"{}\"}}", "y".repeat(super::super::frames::MAX_BYTES));
    check(&format!("{huge}\n{}\n", line("aa")), &[(1, "larger than 16"), (2, "aa")]);
    check(
        &format!("{}\n{huge}\n{}", line("aa"), line("bb")),
        &[(1, "aa"), (2, "larger than 16"), (3, "bb")],
    );
    check(&format!("[\n{huge},\n{}]", line("bb")), &[(2, "larger than 16"), (3, "bb")]);
}

#[test]
fn a_document_that_ends_early_is_told() {
    check("{\n\"name\": \"aa\",\n", &[(1, "not JSON: EOF ")]);
}
