//! `meta/snap.yaml` out of a file system that only the program `unsquashfs` can unpack.

use crate::program;
use crate::program::Bounds;
use crate::program::ProgramError;
use crate::push::refusal::PushRefusal;
use crate::push::squashfs::Unread;
use std::ffi::OsStr;
use std::path::Path;
use std::time::Duration;

/// How much memory it may take. Its tables are as large as the file says; for 40,000 files it needs less than 64 MiB.
const MEMORY_KIB: u32 = 256 * 1_024;
/// How long it may take: it reads the tables of all files, of which a large snap has tens of thousands.
const WITHIN: Duration = Duration::from_secs(30);

/// What the program writes, at most so many bytes.
pub(super) async fn read(
    file: &Path,
    packing: &'static str,
    at_most: usize,
) -> Result<Vec<u8>, Unread> {
    let file = std::path::absolute(file)?;
    // Without these it makes threads for all processors and queues of 512 MiB.
    let words = ["-no-progress", "-processors", "1", "-data-queue", "16", "-frag-queue", "16"];
    let words = words.into_iter().chain(["-cat"]).map(OsStr::new);
    let words: Vec<_> = words.chain([file.as_os_str(), OsStr::new("meta/snap.yaml")]).collect();
    let bounds = Bounds { memory_kib: MEMORY_KIB, within: WITHIN, output_bytes: at_most };
    program::run("unsquashfs", &words, bounds).await.map_err(|error| {
        let why = match error {
            ProgramError::Missing(_) => "it is not installed",
            ProgramError::TooLong(_) => "it took too long",
            ProgramError::TooMuch(_) => "it wrote more than 256 KiB",
            ProgramError::Failed(..) => "it found no meta/snap.yaml in the file",
            ProgramError::Unrun { source, .. } => return Unread::Failed(source),
        };
        Unread::Refused(PushRefusal::Packing(packing, why))
    })
}
