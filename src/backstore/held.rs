//! One assertion as it is given out.

use crate::assertion::Identity;
use bytes::Bytes;
use sha2::Digest;
use sha2::Sha256;

/// An assertion that is given out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Its number in its sequence; 0 where there is none.
    pub sequence: u32,
    /// Its format.
    pub format: u32,
    /// Its revision.
    pub revision: u32,
    /// The whole of it, with one line feed at the end.
    pub text: Bytes,
    /// Whether it was only kept when it was passed through: where it came from, there may be a newer one.
    pub in_passing: bool,
    /// Half of the text's SHA-256: another text has another.
    pub digest: [u8; 16],
}

impl Held {
    pub(super) fn new(identity: &Identity, text: Bytes, in_passing: bool) -> Self {
        let Identity { sequence, format, revision, .. } = *identity;
        let digest = Sha256::digest(&text);
        let digest = digest[..16].try_into().expect("a digest has 32 bytes");
        Self { sequence, format, revision, text, in_passing, digest }
    }
}
