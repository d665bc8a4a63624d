//! JSON that is passed on as it came.

use crate::snap::Invalid;
use serde::de::IgnoredAny;
use std::fmt;
use std::str::FromStr;

/// The most bytes of it: a description has no more either.
const MAX_BYTES: usize = 256 * 1_024;

/// A JSON value as text: valid, at most 256 KiB, and without the NUL character, which PostgreSQL cannot hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verbatim(Box<str>);

impl Verbatim {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Verbatim {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let no = |rule| Err(Invalid::new("JSON", rule));
        if text.len() > MAX_BYTES {
            return no("at most 256 KiB");
        }
        if serde_json::from_str::<IgnoredAny>(text).is_err() {
            return no("one valid value");
        }
        if text.contains("\\u0000") {
            return no("no NUL characters");
        }
        Ok(Self(text.into()))
    }
}

impl fmt::Display for Verbatim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_database_can_hold_is_passed_on() {
        for good in ["{}", "[{\"type\":\"icon\"}]", "null"] {
            assert_eq!(good.parse::<Verbatim>().unwrap().as_str(), good);
        }
        let long = format!("\"{}\"", "x".repeat(MAX_BYTES));
        for bad in ["", "{", "{}{}", "\"a\\u0000\"", &long] {
            assert!(bad.parse::<Verbatim>().is_err(), "{bad:.20}");
        }
    }
}
