//! When something runs by itself.

use crate::snap::Instant;
use croner::Cron;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::time::Duration;

/// A cron expression of five fields, or six with seconds first, in UTC.
#[derive(Debug, Clone)]
pub(super) struct Schedule(Cron);

impl Schedule {
    /// Reads an expression. One that never comes to pass is refused.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let cron: Cron = text.parse().map_err(|error| format!("no cron expression: {error}"))?;
        let schedule = Self(cron);
        let comes = schedule.next(Instant::EPOCH).is_some();
        if comes { Ok(schedule) } else { Err("it never comes to pass".to_owned()) }
    }

    /// The first time after that instant.
    pub(super) fn after(&self, instant: Instant) -> Instant {
        let never = instant.plus(Duration::from_hours(24 * 365));
        self.next(instant).unwrap_or(never)
    }

    fn next(&self, instant: Instant) -> Option<Instant> {
        let from = Timestamp::from_microsecond(instant.microseconds()).ok()?;
        let next = self.0.find_next_occurrence(&from.to_zoned(TimeZone::UTC), false).ok()?;
        Instant::from_microseconds(next.timestamp().as_microsecond()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_time_comes_after_now() {
        let after = |cron: &str, now: &str| {
            let now: Instant = now.parse().expect("an instant");
            Schedule::parse(cron).expect("a schedule").after(now).to_string()
        };
        let at = "2026-11-21T08:00:00.000000+00:00";
        assert_eq!(after("0 * * * *", at), "2026-11-21T09:00:00.000000+00:00");
        assert_eq!(after("30 */12 * * *", at), "2026-11-21T12:30:00.000000+00:00");
        assert_eq!(after("*/5 * * * * *", at), "2026-11-21T08:00:05.000000+00:00");
        for bad in ["", "x", "0 0 31 2 *", "61 * * * *"] {
            assert!(Schedule::parse(bad).is_err(), "{bad}");
        }
    }
}
