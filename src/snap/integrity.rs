//! Data to verify a mounted snap with.

use crate::snap::Download;
use crate::snap::Label;

/// dm-verity data of a revision (contract 3.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Integrity {
    /// The kind of data, `dm-verity`.
    pub kind: Label,
    /// The format's version. A number here, a string on the wire: anything else fails the whole answer.
    pub version: u32,
    /// The hash algorithm, such as `sha256`.
    pub hash_algorithm: Label,
    /// Size of a data block in bytes.
    pub data_block_size: u32,
    /// Size of a hash block in bytes.
    pub hash_block_size: u32,
    /// The root digest.
    pub digest: Label,
    /// The salt.
    pub salt: Label,
    /// The file that holds the hash tree.
    pub download: Download,
}
