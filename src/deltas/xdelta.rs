//! The program `xdelta3`.

use crate::deltas::error::DeltaError;
use crate::program;
use crate::program::Bounds;
use crate::program::ProgramError;
use std::ffi::OsStr;
use std::path::Path;
use std::time::Duration;

/// What it may take for one file. It holds windows of the files and tables of them, of a size of their own: 151 MiB for
/// files of 300 MB. A large snap takes it a minute or two. It has nothing to say.
const BOUNDS: Bounds =
    Bounds { memory_kib: 512 * 1_024, within: Duration::from_mins(20), output_bytes: 0 };

/// Makes the delta from one file to another.
pub(super) async fn encode(source: &Path, target: &Path, delta: &Path) -> Result<(), DeltaError> {
    run("-e", source, [target, delta]).await
}

/// Makes the file again, from the other and the delta.
pub(super) async fn decode(source: &Path, delta: &Path, target: &Path) -> Result<(), DeltaError> {
    run("-d", source, [delta, target]).await
}

/// Runs it on files as they are: `-D` keeps it from unpacking, with further programs, what looks packed.
async fn run(command: &str, source: &Path, [from, to]: [&Path; 2]) -> Result<(), DeltaError> {
    let words = [command, "-f", "-D", "-s"].map(OsStr::new);
    let files = [source, from, to].map(Path::as_os_str);
    let ran = program::run("xdelta3", &[words.as_slice(), &files].concat(), BOUNDS).await;
    ran.map(drop).map_err(|error| match error {
        ProgramError::Missing(_) => DeltaError::NoProgram,
        error => error.into(),
    })
}
