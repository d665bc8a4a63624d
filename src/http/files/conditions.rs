//! What of a file is asked for: all of it, a stretch, or nothing because the caller has it (RFC 9110, 13 and 14).

use hyper::HeaderMap;
use hyper::header::HeaderValue;
use hyper::header::IF_NONE_MATCH;
use hyper::header::IF_RANGE;
use hyper::header::RANGE;
use std::ops::Range;

/// What of a file is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// All of it.
    Whole,
    /// These bytes.
    Stretch(Range<u64>),
    /// Bytes that it does not have.
    Unsatisfiable,
}

/// Whether the caller has the file of that tag.
pub(super) fn is_known(headers: &HeaderMap, tag: &HeaderValue) -> bool {
    let tag = tag.to_str().unwrap_or_default();
    let values = headers.get_all(IF_NONE_MATCH).into_iter();
    let mut known = values.filter_map(|value| value.to_str().ok()).flat_map(|all| all.split(','));
    known.any(|known| {
        let known = known.trim();
        known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag
    })
}

/// What part is asked for of a file of that tag and size. More than one stretch, and what is no range of bytes, counts
/// as nothing said: the answer is the whole file, which every caller must be able to take.
pub(super) fn part(headers: &HeaderMap, tag: &HeaderValue, size_bytes: u64) -> Part {
    let mut ranges = headers.get_all(RANGE).into_iter();
    let (Some(range), None) = (ranges.next(), ranges.next()) else { return Part::Whole };
    // Of another file, or of a date, which our files have none of.
    if headers.get_all(IF_RANGE).into_iter().any(|known| known != tag) {
        return Part::Whole;
    }
    let text = range.to_str().unwrap_or_default();
    stretch(text, size_bytes).unwrap_or(Part::Whole)
}

fn stretch(text: &str, size_bytes: u64) -> Option<Part> {
    let (unit, range) = text.split_once('=')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return None;
    }
    let (first, last) = range.trim().split_once('-')?;
    let stretch = match (number(first), number(last)) {
        (Some(first), Some(last)) if first > last => return None,
        (Some(first), Some(last)) => first..last.saturating_add(1).min(size_bytes),
        (Some(first), None) if last.is_empty() => first..size_bytes,
        (None, Some(n)) if first.is_empty() => size_bytes.saturating_sub(n)..size_bytes,
        _ => return None,
    };
    let is_there = stretch.start < stretch.end;
    Some(if is_there { Part::Stretch(stretch) } else { Part::Unsatisfiable })
}

/// A number of digits alone; one that is too large to hold is beyond every file.
fn number(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(headers: &[(&'static str, &str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        map
    }

    #[test]
    fn a_range_of_bytes_is_one_stretch_or_nothing_said() {
        let tag = HeaderValue::from_static("\"a\"");
        for (range, expected) in [
            ("bytes=0-", Part::Stretch(0..100)),
            ("bytes=99-", Part::Stretch(99..100)),
            ("bytes=0-0", Part::Stretch(0..1)),
            ("bytes=10-19", Part::Stretch(10..20)),
            ("bytes=10-1000", Part::Stretch(10..100)),
            ("bytes=10-99999999999999999999999", Part::Stretch(10..100)),
            ("bytes=-1", Part::Stretch(99..100)),
            ("bytes=-100", Part::Stretch(0..100)),
            ("bytes=-1000", Part::Stretch(0..100)),
            ("Bytes = 1-2", Part::Stretch(1..3)),
            ("bytes=100-", Part::Unsatisfiable),
            ("bytes=99999999999999999999999-", Part::Unsatisfiable),
            ("bytes=100-200", Part::Unsatisfiable),
            ("bytes=-0", Part::Unsatisfiable),
            ("bytes=20-10", Part::Whole),
            ("bytes=0-1,3-4", Part::Whole),
            ("bytes=-", Part::Whole),
            ("bytes=", Part::Whole),
            ("bytes", Part::Whole),
            ("", Part::Whole),
            ("bytes=+1-2", Part::Whole),
            ("bytes=1 -2", Part::Whole),
            ("bytes=a-b", Part::Whole),
            ("bytes=0x1-", Part::Whole),
            ("lines=0-1", Part::Whole),
            ("bytes=--1", Part::Whole),
        ] {
            assert_eq!(part(&asked(&[("range", range)]), &tag, 100), expected, "{range}");
        }
        let twice = asked(&[("range", "bytes=0-1"), ("range", "bytes=2-3")]);
        assert_eq!(part(&twice, &tag, 100), Part::Whole);
        assert_eq!(part(&asked(&[]), &tag, 100), Part::Whole);
    }

    #[test]
    fn a_range_of_another_file_is_all_of_this_one() {
        let tag = HeaderValue::from_static("\"a\"");
        let asked = |known: &str| asked(&[("range", "bytes=1-1"), ("if-range", known)]);
        assert_eq!(part(&asked("\"a\""), &tag, 100), Part::Stretch(1..2));
        for other in ["\"b\"", "W/\"a\"", "Sat, 01 Aug 2026 00:00:00 GMT", "a", ""] {
            assert_eq!(part(&asked(other), &tag, 100), Part::Whole, "{other}");
        }
    }

    #[test]
    fn who_has_the_file_is_known_by_its_tag() {
        let tag = HeaderValue::from_static("\"a\"");
        for known in ["\"a\"", "W/\"a\"", "\"b\", \"a\"", "*"] {
            assert!(is_known(&asked(&[("if-none-match", known)]), &tag), "{known}");
        }
        for other in ["\"b\"", "a", "", "\"a"] {
            assert!(!is_known(&asked(&[("if-none-match", other)]), &tag), "{other}");
        }
    }
}
