//! Assertions that read back as they were written, and texts that are none.

use super::*;
use crate::assertion::Value;
use crate::assertion::headers::tests::headers;
use crate::assertion::headers::tests::written;
use proptest::prelude::*;

const DECLARATION: &str = "type: snap-declaration
format: 1
authority-id: ann
revision: 7
series: 16
snap-id: abc
publisher-id: ann
snap-name: a-snap
sign-key-sha3-384: key

AXNpZ25lZA==
";

fn text_of(headers: &[(String, Value)], body: &str) -> String {
    let fixed = [
        ("type", "validation-set"),
        ("authority-id", "ann"),
        ("series", "16"),
        ("account-id", "ann"),
        ("name", "set"),
        ("sequence", "3"),
        ("sign-key-sha3-384", "key"),
    ];
    let is_free = |name: &str| {
        !fixed.iter().any(|(known, _)| *known == name)
            && !["format", "revision", "body-length"].contains(&name)
    };
    let mut all: Vec<_> = fixed
        .iter()
        .map(|(name, text)| ((*name).to_owned(), Value::Text((*text).into())))
        .collect();
    all.extend(headers.iter().filter(|(name, _)| is_free(name)).cloned());
    if body.is_empty() {
        return format!("{}\n\nAXNpZw==\nAXNp\n", written(&all));
    }
    all.push(("body-length".to_owned(), Value::Text(body.len().to_string())));
    format!("{}\n\n{body}\n\nAXNpZw==\n", written(&all))
}

proptest! {
    #[test]
    fn an_assertion_reads_back(headers in headers(), body in "(\\PC|\\n){0,40}") {
        let text = text_of(&headers, &body);
        let Ok(read) = text.parse::<Assertion>() else {
            // Padding in the middle is no base64.
            prop_assert!(body.is_empty());
            return Ok(());
        };
        prop_assert_eq!(read.body(), &body);
        prop_assert_eq!(read.text(), &text);
        prop_assert_eq!(read.to_string().parse::<Assertion>().unwrap(), read);
    }

    #[test]
    fn a_changed_text_is_read_or_refused(place in 0_usize..200, byte in any::<u8>(), n in 0_usize..9) {
        let mut bytes = DECLARATION.as_bytes().to_vec();
        let place = place.min(bytes.len());
        let end = (place + n).min(bytes.len());
        bytes.splice(place..end, [byte]);
        if let Ok(text) = std::str::from_utf8(&bytes)
            && let Ok(read) = text.parse::<Assertion>()
        {
            prop_assert_eq!(read.text().trim_end(), text.trim_end());
        }
    }
}

#[test]
fn the_headers_tell_which_assertion_it_is() {
    let read: Assertion = DECLARATION.parse().unwrap();
    assert_eq!(read.identity().to_string(), "snap-declaration/16/abc revision 7 format 1");
    assert_eq!(read.headers().text("snap-name"), Some("a-snap"));
    assert_eq!(read.body(), "");
    let set: Assertion = text_of(&[], "a\n\nb").parse().unwrap();
    assert_eq!(set.identity().to_string(), "validation-set/16/ann/set/3 revision 0");
    assert_eq!((set.identity().sequence, set.body()), (3, "a\n\nb"));
    let unended = DECLARATION.trim_end();
    assert_eq!(unended.parse::<Assertion>().unwrap(), read);
    let revision =
        "type: snap-revision\nauthority-id: a\nsnap-sha3-384: d\nsign-key-sha3-384: k\n\nAAAA";
    let revision: Assertion = revision.parse().unwrap();
    assert_eq!(revision.identity().key.joined(), "d/global-upload");
}

#[track_caller]
fn check(from: &str, to: &str, line: u64, what: &str) {
    assert!(DECLARATION.contains(from));
    let flaw = DECLARATION.replacen(from, to, 1).parse::<Assertion>().expect_err(to);
    assert_eq!((flaw.line, flaw.what.contains(what)), (line, true), "{}: {flaw}", flaw.line);
}

#[test]
fn what_is_no_assertion_is_told_with_its_line() {
    check("snap-declaration", "serial-request", 1, "not known here");
    check("type: snap-declaration\n", "", 1, "type is missing");
    check("authority-id: ann\n", "", 1, "authority-id is missing");
    check("sign-key-sha3-384: key", "sign: key", 1, "sign-key-sha3-384 is missing");
    check("snap-id: abc\n", "", 1, "snap-id is missing");
    check("snap-id: abc", "snap-id: ", 6, "snap-id is missing");
    check("snap-id: abc", "snap-id: a/c", 5, "slash");
    check("snap-id: abc", "snap-id:\n  - abc", 6, "snap-id is missing");
    check("format: 1", "format: -1", 2, "format");
    check("format: 1", "format: 01", 2, "format");
    check("revision: 7", "revision: 2147483648", 4, "revision");
    check("revision: 7", "revision:\n    7\n    8", 4, "revision");
    check("revision: 7", "a:\n    7\n    8\nrevision: x", 7, "revision");
    check("key\n\nAX", "key\nAX", 10, "breaks off");
    check("AXNpZ25lZA==", "a signature", 11, "base64");
    check("AXNpZ25lZA==", "", 11, "base64");
    check("\n\nAXNpZ25lZA==\n", "", 9, "breaks off");
    check("snap-name: a-snap", "body-length: 3", 11, "body-length");
    check("snap-name: a-snap", "body-length: 2147483647", 11, "2 MiB");
    check("AXNpZ25lZA==\n", "AXNpZ25lZA==\n\ntype: x\n", 13, "follows");
}

#[test]
fn what_is_too_large_is_refused() {
    let long = |n: usize| DECLARATION.replacen("a-snap", &"x".repeat(n), 1).parse::<Assertion>();
    assert!(long(MAX_HEAD - 200).is_ok());
    assert!(long(MAX_HEAD).unwrap_err().what.contains("128 KiB"));
    let signed = |n: usize| DECLARATION.replacen("AXNpZ25lZA==", &"A".repeat(n), 1);
    assert!(signed(MAX_SIGNATURE - 4).parse::<Assertion>().is_ok());
    assert!(signed(MAX_SIGNATURE + 4).parse::<Assertion>().is_err());
    assert!(text_of(&[], &"x".repeat(MAX_BYTES - 1_000)).parse::<Assertion>().is_ok());
    assert!(text_of(&[], &"x".repeat(MAX_BYTES)).parse::<Assertion>().is_err());
}
