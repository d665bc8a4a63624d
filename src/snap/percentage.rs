//! A part of all devices.

use crate::snap::Invalid;
use bytes::BytesMut;
use std::error::Error;
use std::fmt;
use std::str::FromStr;
use tokio_postgres::types::FromSql;
use tokio_postgres::types::IsNull;
use tokio_postgres::types::ToSql;
use tokio_postgres::types::Type;
use tokio_postgres::types::to_sql_checked;

/// Millionths in one per cent: as fine as four decimals, which is one device of a million.
const OF_ONE: u32 = 10_000;
/// The decimals of one per cent.
const DECIMALS: usize = 4;

/// From 0 to 100 per cent, to four decimals: `5`, `12.5`, `0.0001`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Percentage(u32);

impl Percentage {
    /// Nobody.
    pub const NONE: Self = Self(0);
    /// Everybody.
    pub const ALL: Self = Self(100 * OF_ONE);

    /// The same in millionths.
    pub fn millionths(self) -> u32 {
        self.0
    }

    fn of_float(number: f64) -> Result<Self, Invalid> {
        format!("{number:.DECIMALS$}").parse()
    }

    fn as_float(self) -> f64 {
        f64::from(self.0) / f64::from(OF_ONE)
    }
}

impl FromStr for Percentage {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let no = Invalid::new("percentage", "a number from 0 to 100 with at most four decimals");
        let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
        let are_digits = |text: &str| {
            !text.is_empty() && text.len() <= DECIMALS && text.bytes().all(|b| b.is_ascii_digit())
        };
        if !are_digits(whole) || !are_digits(decimals) {
            return Err(no);
        }
        let whole: u32 = whole.parse().map_err(|_| no)?;
        let decimals: u32 = format!("{decimals:0<DECIMALS$}").parse().map_err(|_| no)?;
        Some(Self(whole * OF_ONE + decimals)).filter(|read| *read <= Self::ALL).ok_or(no)
    }
}

impl fmt::Display for Percentage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_float().fmt(f)
    }
}

/// A JSON number.
impl serde::Serialize for Percentage {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.as_float())
    }
}

impl ToSql for Percentage {
    fn to_sql(
        &self,
        sql_type: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        self.as_float().to_sql(sql_type, out)
    }

    fn accepts(sql_type: &Type) -> bool {
        <f64 as ToSql>::accepts(sql_type)
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for Percentage {
    fn from_sql(sql_type: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self::of_float(f64::from_sql(sql_type, raw)?)?)
    }

    fn accepts(sql_type: &Type) -> bool {
        <f64 as FromSql>::accepts(sql_type)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentage_is_read_and_written_alike() {
        for (text, millionths, written) in [
            ("0", 0, "0"),
            ("5", 50_000, "5"),
            ("12.5", 125_000, "12.5"),
            ("0.0001", 1, "0.0001"),
            ("99.9999", 999_999, "99.9999"),
            ("007.10", 71_000, "7.1"),
            ("100", 1_000_000, "100"),
            ("100.0000", 1_000_000, "100"),
        ] {
            let read: Percentage = text.parse().unwrap();
            assert_eq!((read.millionths(), read.to_string().as_str()), (millionths, written));
            assert_eq!(Percentage::of_float(read.as_float()), Ok(read));
        }
        for bad in
            ["", ".", "5.", ".5", "-1", "+1", "1e1", "5%", "100.0001", "101", "0.00001", "99999"]
        {
            assert!(bad.parse::<Percentage>().is_err(), "{bad}");
        }
        for bad in [-0.1, 100.1, f64::NAN, f64::INFINITY] {
            assert!(Percentage::of_float(bad).is_err(), "{bad}");
        }
    }
}
