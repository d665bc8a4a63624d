//! The program `xdelta3`.

use crate::deltas::error::DeltaError;
use std::ffi::OsStr;
use std::io;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::process::Command;
use tokio::time::timeout;

/// How long it may take for one file; a large snap takes it a minute or two.
const WITHIN: Duration = Duration::from_mins(20);

/// Makes the delta from one file to another.
pub(super) async fn encode(source: &Path, target: &Path, delta: &Path) -> Result<(), DeltaError> {
    run([
        OsStr::new("-e"),
        "-f".as_ref(),
        "-s".as_ref(),
        source.as_ref(),
        target.as_ref(),
        delta.as_ref(),
    ])
    .await
}

/// Makes the file again, from the other and the delta.
pub(super) async fn decode(source: &Path, delta: &Path, target: &Path) -> Result<(), DeltaError> {
    run([
        OsStr::new("-d"),
        "-f".as_ref(),
        "-s".as_ref(),
        source.as_ref(),
        delta.as_ref(),
        target.as_ref(),
    ])
    .await
}

/// Runs it; it is ended when it takes too long, or we stop waiting.
async fn run<const N: usize>(arguments: [&OsStr; N]) -> Result<(), DeltaError> {
    let mut command = Command::new("xdelta3");
    command.args(arguments).kill_on_drop(true);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut program = command.spawn().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => DeltaError::NoProgram,
        _ => DeltaError::at("run xdelta3")(error),
    })?;
    let ended = timeout(WITHIN, program.wait()).await;
    let ended = ended.map_err(|_| DeltaError::Program("took too long".to_owned()))?;
    let status = ended.map_err(DeltaError::at("run xdelta3"))?;
    if status.success() { Ok(()) } else { Err(DeltaError::Program(format!("failed: {status}"))) }
}
