//! What a package is built for, and what a device is.

use crate::snap::Invalid;
use crate::snap::codec::text_codec;
use std::fmt;
use std::str::FromStr;

/// The longest architecture name, in characters; Debian's longest that snaps know has 8.
const MAX: usize = 15;

/// A Debian architecture (`amd64`, `riscv64`) or `all`: 1 to 15 characters of `[a-z0-9-]`, beginning with a
/// letter. Unknown but well-formed names are valid: a device of one simply finds nothing built for it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Architecture {
    /// Padded with zeros, which sort before every character a name may hold.
    bytes: [u8; MAX],
    len: u8,
}

impl Architecture {
    /// The architecture of packages that run everywhere.
    pub const ALL: Self = Self { bytes: *b"all\0\0\0\0\0\0\0\0\0\0\0\0", len: 3 };

    /// Whether this is `all`.
    pub fn is_all(self) -> bool {
        self == Self::ALL
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..usize::from(self.len)]).expect("a name is ASCII")
    }
}

impl FromStr for Architecture {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let no = |rule| Err(Invalid::new("architecture", rule));
        if text.is_empty() || text.len() > MAX {
            return no("1 to 15 characters");
        }
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if !text.bytes().all(plain) || !text.starts_with(|first: char| first.is_ascii_lowercase()) {
            return no("lower-case letters, digits and dashes, beginning with a letter");
        }
        let mut bytes = [0; MAX];
        bytes[..text.len()].copy_from_slice(text.as_bytes());
        Ok(Self { bytes, len: u8::try_from(text.len()).expect("at most 15") })
    }
}

impl fmt::Display for Architecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Architecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

text_codec!(Architecture);
