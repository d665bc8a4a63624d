//! One assertion as it is given out.

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
    /// Half of the text's SHA-256: another text has another.
    pub digest: [u8; 16],
}

impl Held {
    pub(super) fn new(sequence: u32, format: u32, revision: u32, text: Bytes) -> Self {
        let digest = Sha256::digest(&text);
        let digest = digest[..16].try_into().expect("a digest has 32 bytes");
        Self { sequence, format, revision, text, digest }
    }
}
