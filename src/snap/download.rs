//! The files of a revision.

use crate::snap::Invalid;
use crate::snap::Label;
use crate::snap::Revision;
use crate::snap::Sha3;
use crate::snap::Url;

/// A file to download. It is complete or it is not there: without any of the three snapd could not install.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Download {
    /// Where the file is.
    pub source: Source,
    /// Its size.
    pub size: FileSize,
    /// Its digest.
    pub sha3_384: Sha3,
}

/// Where a file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// At an address of somebody else's. We may hold a copy of it.
    Elsewhere(Url),
    /// With us alone: its address is where we are asked.
    Here,
}

impl Source {
    /// The address, of a file that has one of its own.
    pub fn url(&self) -> Option<&Url> {
        match self {
            Self::Elsewhere(url) => Some(url),
            Self::Here => None,
        }
    }
}

impl From<Option<Url>> for Source {
    fn from(url: Option<Url>) -> Self {
        url.map_or(Self::Here, Self::Elsewhere)
    }
}

/// The size of a file: at least 1 byte, for 0 would switch snapd's size checks off (contract 3.4), and at most what 63
/// bits hold, as in PostgreSQL and in snapd itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileSize(u64);

impl FileSize {
    /// The size of that many bytes.
    ///
    /// # Errors
    /// When it is 0 or beyond 63 bits.
    pub fn new(bytes: u64) -> Result<Self, Invalid> {
        if (1..=i64::MAX.unsigned_abs()).contains(&bytes) {
            Ok(Self(bytes))
        } else {
            Err(Invalid::new("size", "a whole number of bytes from 1"))
        }
    }

    /// The bytes.
    pub fn bytes(self) -> u64 {
        self.0
    }
}

/// A file that turns one revision into another (contract section 7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delta {
    /// The format, an opaque name such as `xdelta3`.
    pub format: Label,
    /// The revision the device must have.
    pub source: Revision,
    /// The revision it turns into.
    pub target: Revision,
    /// The file.
    pub download: Download,
}
