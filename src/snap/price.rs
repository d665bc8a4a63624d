//! What a snap costs.

use crate::snap::Invalid;
use crate::snap::codec::text_codec;
use crate::snap::text::checked_text;
use std::fmt;
use std::str::FromStr;

checked_text!(
    /// A currency: three upper-case letters.
    Currency,
    "currency",
    |text| {
        if text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase()) {
            Ok(())
        } else {
            Err("three upper-case letters")
        }
    }
);

checked_text!(
    /// An amount of money: a decimal number as text, such as `9.99`. It stays text so that it leaves as it
    /// came; a JSON number or a text that is no number would make snapd drop the whole answer (contract 3.3).
    Amount,
    "price",
    |text| {
        let rule = "digits, and after a point at most six more";
        let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |text: &str, max| {
            (1..=max).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        if digits(whole, 9) && digits(part, 6) { Ok(()) } else { Err(rule) }
    }
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_is_a_decimal_number() {
        for good in ["9.99", "0", "12", "0.000001"] {
            assert!(good.parse::<Amount>().is_ok(), "{good}");
        }
        for bad in ["", "free", "-1", "1.", ".5", "1e3", "NaN", "1,5", "1.0.0"] {
            assert!(bad.parse::<Amount>().is_err(), "{bad}");
        }
    }
}
