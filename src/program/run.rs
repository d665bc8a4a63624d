//! One run of a program.
//!
//! Between us and the program stands a shell. It bounds the memory of the program, and reads from a pipe whose other end
//! only we hold: when we let go of it, or die by whatever hand, the kernel closes the pipe and the shell kills the
//! program. Signals of the system's own for that need `unsafe`, or a helper that not everybody has.

use crate::program::ProgramError;
use std::ffi::OsStr;
use std::io;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::process::Command;
use tokio::time::timeout;

/// Runs the words behind the first, with as many KiB of memory as that says. The program has no input, and none of the
/// pipe; who waits for the end of that does not hold the output open.
const GUARD: &str = r#"
exec 3<&0 </dev/null
(exec 3<&-; ulimit -v "$1" && shift && exec "$@") &
program=$!
(exec >/dev/null; read -r line <&3; kill -KILL "$program") &
guard=$!
wait "$program"
status=$?
kill -KILL "$guard"
exit "$status"
"#;

/// What a shell says when there is no such program.
const NO_PROGRAM: i32 = 127;

/// What a program may take.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// How much memory; more is refused to it.
    pub memory_kib: u32,
    /// How long it may take.
    pub within: Duration,
    /// How much it may write to its standard output.
    pub output_bytes: usize,
}

/// Runs a program to its good end and gives what it wrote to its standard output. It is killed when it reaches a bound,
/// when nobody waits for it any more, and when we die.
///
/// # Errors
/// When it is not there, fails, or reaches a bound.
pub async fn run(
    name: &'static str,
    arguments: &[&OsStr],
    bounds: Bounds,
) -> Result<Vec<u8>, ProgramError> {
    let unrun = |source: io::Error| ProgramError::Unrun { name, source };
    let mut command = Command::new("/bin/sh");
    command.args(["-c", GUARD, "snapwise-guard", &bounds.memory_kib.to_string(), name]);
    // What is typed at us is not for them: they end with us.
    command.args(arguments).process_group(0);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut guard = command.spawn().map_err(unrun)?;
    let pipe = guard.stdin.take().expect("it is piped");
    let stdout = guard.stdout.take().expect("it is piped");
    let mut said = Vec::new();
    let working = async {
        let n = stdout.take(bounds.output_bytes as u64 + 1).read_to_end(&mut said).await?;
        if n > bounds.output_bytes { Ok(None) } else { guard.wait().await.map(Some) }
    };
    let ended = timeout(bounds.within, working).await;
    drop(pipe);
    let status = ended.map_err(|_| ProgramError::TooLong(name))?.map_err(unrun)?;
    let status = status.ok_or(ProgramError::TooMuch(name))?;
    if status.code() == Some(NO_PROGRAM) {
        return Err(ProgramError::Missing(name));
    }
    if status.success() { Ok(said) } else { Err(ProgramError::Failed(name, status)) }
}
