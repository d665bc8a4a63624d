//! Times as HTTP writes them.

use crate::snap::Instant;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;

/// The time in whole seconds: `Fri, 11 Sep 2026 10:38:46 GMT` (RFC 9110, 5.6.7).
pub(in crate::http) fn http_date(instant: Instant) -> String {
    let seconds = instant.microseconds().div_euclid(1_000_000);
    let stamp = Timestamp::from_second(seconds).expect("an instant is one jiff can show");
    let printed = DateTimePrinter::new().timestamp_to_rfc9110_string(&stamp);
    printed.expect("no instant lies before the year 0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_told_in_whole_seconds() {
        for (time, expected) in [
            ("2026-09-11T10:38:46.999999Z", "Fri, 11 Sep 2026 10:38:46 GMT"),
            ("2026-07-01T00:00:00Z", "Wed, 01 Jul 2026 00:00:00 GMT"),
            ("1970-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 GMT"),
        ] {
            assert_eq!(http_date(time.parse().unwrap()), expected);
        }
        let last = Instant::EPOCH.plus(std::time::Duration::MAX);
        assert_eq!(http_date(last), "Thu, 30 Dec 9999 21:59:59 GMT");
    }
}
