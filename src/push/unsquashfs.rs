//! `meta/snap.yaml` out of a file system that only the program `unsquashfs` can unpack.

use crate::push::refusal::PushRefusal;
use crate::push::squashfs::Unread;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::process::Command;
use tokio::time::timeout;

/// How long it may take: it reads the tables of all files, of which a large snap has tens of thousands.
const WITHIN: Duration = Duration::from_secs(30);

/// What the program writes, at most so many bytes. It is ended when it writes more, takes too long, or we stop waiting.
pub(super) async fn read(
    file: &Path,
    packing: &'static str,
    at_most: usize,
) -> Result<Vec<u8>, Unread> {
    let no = |why: &str| Unread::Refused(PushRefusal::Packing(packing, why.to_owned()));
    let file = std::path::absolute(file)?;
    let mut command = Command::new("unsquashfs");
    command.args(["-no-progress", "-cat"]).arg(&file).arg("meta/snap.yaml");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
    let mut program = command.spawn().map_err(|error| no(&format!("it cannot be run: {error}")))?;
    let stdout = program.stdout.take().expect("it is piped");
    let mut content = Vec::new();
    let working = async {
        let read = stdout.take(at_most as u64 + 1).read_to_end(&mut content).await?;
        if read > at_most { Ok(None) } else { program.wait().await.map(Some) }
    };
    let ended = timeout(WITHIN, working).await.map_err(|_| no("it took too long"))??;
    match ended {
        None => Err(no("it wrote more than 256 KiB")),
        Some(status) if !status.success() => Err(no("it found no meta/snap.yaml in the file")),
        Some(_) => Ok(content),
    }
}
