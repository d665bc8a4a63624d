//! The files of a revision.

use crate::snap::Label;
use crate::snap::Revision;
use crate::snap::Sha3;
use crate::snap::Url;

/// A file to download. It is complete or it is not there: without any of the three snapd could not install.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Download {
    /// Where the file is.
    pub url: Url,
    /// Its size in bytes, at least 1: 0 would switch snapd's size checks off (contract 3.4).
    pub size_bytes: u64,
    /// Its digest.
    pub sha3_384: Sha3,
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
