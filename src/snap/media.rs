//! Pictures and films of a snap.

use crate::snap::Label;
use crate::snap::Url;

/// A picture or film (contract 3.3): `icon`, `screenshot`, `banner`, `video`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Media {
    /// What it is.
    pub kind: Label,
    /// Where it is.
    pub url: Url,
    /// Width in pixels, when known. Whole numbers only: snapd fails on fractions.
    pub width: Option<u16>,
    /// Height in pixels, when known.
    pub height: Option<u16>,
}
