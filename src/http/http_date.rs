//! Times as HTTP has them.

use crate::snap::Instant;

const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// The instant as an HTTP date, such as `Fri, 11 Sep 2026 10:38:46 GMT`: whole seconds, in UTC.
pub(in crate::http) fn http_date(instant: Instant) -> String {
    let text = instant.to_string();
    let part = |range| text.get(range).expect("the text of an instant has 32 characters");
    let month = MONTHS[part(5..7).parse::<usize>().expect("a month is a number") - 1];
    let days = instant.microseconds() / 86_400_000_000;
    let weekday = WEEKDAYS[usize::try_from(days % 7).expect("no instant is before 1970")];
    format!("{weekday}, {} {month} {} {} GMT", part(8..10), part(0..4), part(11..19))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_has_its_weekday() {
        for (instant, expected) in [
            ("1970-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 GMT"),
            ("2026-09-11T10:38:46.999999Z", "Fri, 11 Sep 2026 10:38:46 GMT"),
            ("2024-02-29T23:59:59Z", "Thu, 29 Feb 2024 23:59:59 GMT"),
            ("2100-03-01T12:00:00+01:00", "Mon, 01 Mar 2100 11:00:00 GMT"),
        ] {
            assert_eq!(http_date(instant.parse().unwrap()), expected);
        }
    }
}
