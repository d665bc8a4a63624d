//! What commands hold in memory, however much goes through them.

use crate::support::app::PATIENCE;
use crate::support::app::snapwise;
use crate::support::database::migrated;
use std::fs::File;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

/// The sizes compared, in snaps: the larger holds some 19 MB more.
const SMALL: &str = "500";
const LARGE: &str = "2500";
/// How much more the larger may take: what varies between two runs.
const SLACK_KIB: u64 = 6 * 1_024;

/// Runs a command to its end; says how much memory it took at most.
fn peak_kib(mut command: Command) -> u64 {
    let mut process = command.stderr(Stdio::null()).spawn().unwrap();
    let status = format!("/proc/{}/status", process.id());
    let (since, mut peak) = (Instant::now(), 0);
    loop {
        let ended = process.try_wait().unwrap();
        // Whoever has just ended has no memory to tell of.
        let told = std::fs::read_to_string(&status).unwrap_or_default();
        let line = told.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let now = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        peak = peak.max(now.unwrap_or(0));
        match ended {
            Some(status) => {
                assert!(status.success() && peak > 0, "{status}, {peak} KiB");
                return peak;
            }
            None => std::thread::sleep(Duration::from_millis(2)),
        }
        assert!(since.elapsed() < 2 * PATIENCE, "it does not end");
    }
}

/// The peaks of export and import of a catalogue of so many snaps.
async fn peaks(n: &str) -> [u64; 2] {
    let from = migrated().await;
    let generated = snapwise(&from.url, &["catalogue", "generate", "--snaps", n]).output().unwrap();
    assert!(generated.status.success());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("catalogue.jsonl");
    let mut export = snapwise(&from.url, &["catalogue", "export"]);
    export.stdout(File::create(&file).unwrap());
    let exported = peak_kib(export);
    let to = migrated().await;
    let mut import = snapwise(&to.url, &["catalogue", "import", file.to_str().unwrap()]);
    import.stdout(Stdio::null());
    [exported, peak_kib(import)]
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_large_catalogue_takes_import_and_export_no_more_than_a_small_one() {
    let (small, large) = (peaks(SMALL).await, peaks(LARGE).await);
    for (what, (small, large)) in ["export", "import"].into_iter().zip(small.into_iter().zip(large))
    {
        assert!(large < small + SLACK_KIB, "{what}: {small} KiB for {SMALL}, {large} for {LARGE}");
    }
}
