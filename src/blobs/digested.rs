//! What a file is called here: its digest, with its size.

use crate::blobs::BlobError;
use crate::snap::FileSize;
use crate::snap::Sha3;
use sha3::Digest;
use sha3::Sha3_384;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// How much is read at once: enough that the calls do not count.
const AT_ONCE: usize = 256 * 1_024;

/// A file's digest and size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digested {
    /// Its digest.
    pub sha3_384: Sha3,
    /// Its size.
    pub size: FileSize,
}

/// A digest in the making.
#[derive(Debug, Default)]
pub(super) struct Digesting {
    digest: Sha3_384,
    size_bytes: u64,
}

impl Digesting {
    pub(super) fn add(&mut self, bytes: &[u8]) {
        self.digest.update(bytes);
        self.size_bytes += bytes.len() as u64;
    }

    /// How many bytes it was so far.
    pub(super) fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    /// What it comes to; `None` of nothing at all.
    pub(super) fn finish(self) -> Option<Digested> {
        let sha3_384 = Sha3::new(self.digest.finalize().into());
        FileSize::new(self.size_bytes).ok().map(|size| Digested { sha3_384, size })
    }
}

/// Reads a file to its end, in constant memory. It blocks, and computes for long.
///
/// # Errors
/// When it cannot be read, or is empty.
pub fn digested(path: &Path) -> Result<Digested, BlobError> {
    let read = BlobError::of("read the file");
    let mut digesting = Digesting::default();
    let mut work = || {
        let mut file = File::open(path)?;
        let mut buffer = vec![0; AT_ONCE];
        loop {
            let n = file.read(&mut buffer)?;
            if n == 0 {
                return Ok::<_, std::io::Error>(());
            }
            digesting.add(&buffer[..n]);
        }
    };
    work().map_err(read)?;
    digesting.finish().ok_or(BlobError::AnotherFile("it is empty"))
}
