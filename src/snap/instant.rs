//! A point in time, to the microsecond.

use crate::snap::Invalid;
use bytes::BufMut;
use jiff::Timestamp;
use std::error::Error;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;
use tokio_postgres::types::FromSql;
use tokio_postgres::types::IsNull;
use tokio_postgres::types::ToSql;
use tokio_postgres::types::Type;
use tokio_postgres::types::to_sql_checked;

/// A point in time from 1970 to 9999 in UTC, to the microsecond: what PostgreSQL keeps and what snapd can
/// read. On the wire `2026-06-11T09:30:00.000000+00:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

/// Behind the last instant, in microseconds: 9999-12-30T22:00:00Z, the end of what `jiff` can show.
const END: i64 = 253_402_207_200_000_000;

/// Midnight of 2000-01-01 in UTC, from which PostgreSQL counts.
const POSTGRES_EPOCH: i64 = 946_684_800_000_000;

impl Instant {
    /// The first instant there is.
    pub const EPOCH: Self = Self(0);

    /// The instant that many microseconds after 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    /// When it lies before 1970 or after 9999.
    pub fn from_microseconds(microseconds: i64) -> Result<Self, Invalid> {
        if (0..END).contains(&microseconds) {
            Ok(Self(microseconds))
        } else {
            Err(Invalid::new("time", "between the years 1970 and 9999"))
        }
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    pub fn microseconds(self) -> i64 {
        self.0
    }

    /// How long ago `earlier` was; zero when it was not.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0 - earlier.0).unwrap_or(0))
    }

    /// The instant that much later, or the last one there is.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        let microseconds = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
        Self(self.0.saturating_add(microseconds).min(END - 1))
    }
}

impl FromStr for Instant {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let rule = "RFC 3339 with an offset, such as 2026-05-02T08:15:30Z";
        let stamp: Timestamp = text.parse().map_err(|_| Invalid::new("time", rule))?;
        Self::from_microseconds(stamp.as_microsecond())
    }
}

impl Instant {
    /// The instant as it goes over the wire, such as `2026-06-11T09:30:00.000000+00:00`. Reckoned by hand: every result
    /// of an answer has one.
    pub fn text(self) -> [u8; 32] {
        let microseconds = self.0.unsigned_abs();
        let (seconds, microseconds) = (microseconds / 1_000_000, microseconds % 1_000_000);
        let (year, month, day) = date(seconds / 86_400);
        let mut text = *b"0000-00-00T00:00:00.000000+00:00";
        let mut put = |place: usize, number: u64| {
            text[place..place + 2].copy_from_slice(&PAIRS[(number % 100) as usize]);
        };
        put(0, year / 100);
        put(2, year);
        put(5, month);
        put(8, day);
        put(11, seconds / 3_600 % 24);
        put(14, seconds / 60 % 60);
        put(17, seconds % 60);
        put(20, microseconds / 10_000);
        put(22, microseconds / 100);
        put(24, microseconds);
        text
    }
}

/// `00` to `99`.
const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[b'0'; 2]; 100];
    let digits = b"0123456789";
    let mut number = 0;
    while number < pairs.len() {
        pairs[number] = [digits[number / 10], digits[number % 10]];
        number += 1;
    }
    pairs
};

/// Year, month and day of a number of days since 1970-01-01. Years are counted from March on, so that the day a leap
/// year adds is the last of one, and in eras of 400 years, which all have the same number of days.
fn date(days: u64) -> (u64, u64, u64) {
    const ERA: u64 = 146_097;
    // From 0000-03-01 on.
    let days = days + 719_468;
    let (era, day) = (days / ERA, days % ERA);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    // Months from March on have 31, 30, 31, 30, 31 days, over and over: 153 in five.
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, turn) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (era * 400 + year + turn, month, day)
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.text()).expect("digits and signs are ASCII"))
    }
}

impl serde::Serialize for Instant {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Instant {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl ToSql for Instant {
    fn to_sql(
        &self,
        _: &Type,
        out: &mut bytes::BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        out.put_i64(self.0 - POSTGRES_EPOCH);
        Ok(IsNull::No)
    }

    fn accepts(sql_type: &Type) -> bool {
        *sql_type == Type::TIMESTAMPTZ
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for Instant {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        let since_2000 = i64::from_be_bytes(raw.try_into()?);
        Ok(Self::from_microseconds(since_2000.saturating_add(POSTGRES_EPOCH))?)
    }

    fn accepts(sql_type: &Type) -> bool {
        *sql_type == Type::TIMESTAMPTZ
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_and_the_last_instant_can_be_written() {
        for instant in [Instant::EPOCH, Instant::EPOCH.plus(Duration::MAX)] {
            assert_eq!(instant.to_string().parse(), Ok(instant));
        }
        assert!(Instant::from_microseconds(END).is_err());
    }

    #[test]
    fn days_are_written_as_a_calendar_has_them() {
        // Every thirteenth day of all there are, and every day around the end of a century.
        let days =
            (0..END / 86_400_000_000).step_by(13).chain(10_900..11_300).chain(47_450..47_600);
        for day in days {
            let instant = Instant(day * 86_400_000_000 + day * 7_919 % 86_400_000_000);
            let stamp = Timestamp::from_microsecond(instant.0).expect("it is in range");
            let expected = stamp.strftime("%Y-%m-%dT%H:%M:%S.%6f+00:00").to_string();
            assert_eq!(instant.to_string(), expected);
        }
    }

    #[test]
    fn a_time_is_written_in_utc_with_microseconds() {
        let time: Instant = "2026-06-11T11:30:00.1234567+02:00".parse().expect("a time");
        assert_eq!(time.to_string(), "2026-06-11T09:30:00.123456+00:00");
        assert_eq!(time.to_string().parse(), Ok(time));
        for bad in ["", "yesterday", "2026-06-11", "2026-06-11T09:30:00", "0001-01-01T00:00:00Z"] {
            assert!(bad.parse::<Instant>().is_err(), "{bad}");
        }
    }
}
