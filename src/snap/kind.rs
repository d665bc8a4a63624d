//! What role a snap plays in a system.

use crate::snap::Invalid;
use crate::snap::codec::text_codec;
use std::fmt;
use std::str::FromStr;

/// The type of a snap. There is no other: any other word in an answer would make snapd drop all of it (contract 3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SnapType {
    /// An ordinary snap; `application` is the older word for it.
    App,
    /// Describes a device.
    Gadget,
    /// A kernel.
    Kernel,
    /// The root file system other snaps run on.
    Base,
    /// The older kind of base, `core`.
    Os,
    /// snapd itself.
    Snapd,
}

impl SnapType {
    /// The word for it on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Gadget => "gadget",
            Self::Kernel => "kernel",
            Self::Base => "base",
            Self::Os => "os",
            Self::Snapd => "snapd",
        }
    }
}

impl FromStr for SnapType {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text {
            "app" | "application" => Ok(Self::App),
            "gadget" => Ok(Self::Gadget),
            "kernel" => Ok(Self::Kernel),
            "base" => Ok(Self::Base),
            "os" => Ok(Self::Os),
            "snapd" => Ok(Self::Snapd),
            _ => Err(Invalid::new("snap type", "one of app, gadget, kernel, base, os, snapd")),
        }
    }
}

impl fmt::Display for SnapType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

text_codec!(SnapType);
