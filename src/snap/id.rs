//! The store's own key of a snap.

use crate::snap::Invalid;
use crate::snap::codec::text_codec;
use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;

/// A snap-id: 32 characters of `[A-Za-z0-9]`, assigned by the store and never changed (contract, glossary).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SnapId([u8; 32]);

impl SnapId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("a snap-id is ASCII")
    }

    /// The same as bytes, which need no look.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl FromStr for SnapId {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let bytes: [u8; 32] =
            text.as_bytes().try_into().map_err(|_| Invalid::new("snap-id", "32 characters"))?;
        // Without an early end the whole is looked at at once.
        if bytes.iter().fold(true, |all, byte| all & byte.is_ascii_alphanumeric()) {
            Ok(Self(bytes))
        } else {
            Err(Invalid::new("snap-id", "letters and digits only"))
        }
    }
}

impl fmt::Display for SnapId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for SnapId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A map by snap-id can be asked for any 32 bytes.
impl Borrow<[u8; 32]> for SnapId {
    fn borrow(&self) -> &[u8; 32] {
        &self.0
    }
}

text_codec!(SnapId);
