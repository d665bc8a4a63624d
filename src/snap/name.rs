//! The name people install a snap by.

use crate::snap::Invalid;
use crate::snap::codec::text_codec;
use std::fmt;
use std::str::FromStr;

/// The longest name, in characters.
const MAX: usize = 40;

/// A snap name: 2 to 40 characters of `[a-z0-9-]` with at least one letter, no dash at either end and no two
/// in a row (contract, glossary). Never an instance name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SnapName {
    /// Padded with zeros, which sort before every character a name may hold.
    bytes: [u8; MAX],
    len: u8,
}

impl SnapName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..usize::from(self.len)]).expect("a snap name is ASCII")
    }
}

impl FromStr for SnapName {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let no = |rule| Err(Invalid::new("snap name", rule));
        if !(2..=MAX).contains(&text.len()) {
            return no("2 to 40 characters");
        }
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if !text.bytes().all(plain) {
            return no("lower-case letters, digits and dashes only");
        }
        if !text.bytes().any(|byte| byte.is_ascii_lowercase()) {
            return no("at least one letter");
        }
        if text.starts_with('-') || text.ends_with('-') || text.contains("--") {
            return no("no dash at either end and no two in a row");
        }
        let mut bytes = [0; MAX];
        bytes[..text.len()].copy_from_slice(text.as_bytes());
        Ok(Self { bytes, len: u8::try_from(text.len()).expect("at most 40") })
    }
}

impl fmt::Display for SnapName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for SnapName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

text_codec!(SnapName);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_store_names_are_names() {
        for good in ["0ad", "a1", "lumen-notes", "x-1-y"] {
            assert_eq!(good.parse::<SnapName>().expect("a name").as_str(), good);
        }
        let long = "a".repeat(41);
        for bad in ["q", "", "-ab", "ab-", "a--b", "12", "Upper", "a_key", "ab c", "é-b", &long] {
            assert!(bad.parse::<SnapName>().is_err(), "{bad}");
        }
    }
}
