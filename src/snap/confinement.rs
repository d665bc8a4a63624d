//! How far a snap is locked in.

use crate::snap::Invalid;
use crate::snap::codec::text_codec;
use std::fmt;
use std::str::FromStr;

/// How a snap is confined (contract 3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confinement {
    /// Sees only what its interfaces open.
    Strict,
    /// Sees the system as any program does.
    Classic,
    /// Confined in name only, for developers.
    Devmode,
}

impl Confinement {
    /// The word for it on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::Classic => "classic",
            Self::Devmode => "devmode",
        }
    }
}

impl FromStr for Confinement {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text {
            "strict" => Ok(Self::Strict),
            "classic" => Ok(Self::Classic),
            "devmode" => Ok(Self::Devmode),
            _ => Err(Invalid::new("confinement", "one of strict, classic, devmode")),
        }
    }
}

impl fmt::Display for Confinement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

text_codec!(Confinement);
