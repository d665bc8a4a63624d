//! Programs that keep to their bounds, and those that do not.

use super::*;
use std::ffi::OsStr;
use std::path::Path;
use std::time::Duration;
use std::time::Instant;

const USUAL: Bounds =
    Bounds { memory_kib: 256 * 1_024, within: Duration::from_mins(5), output_bytes: 64 };

async fn said(name: &'static str, arguments: &[&str], bounds: Bounds) -> Result<String, String> {
    let arguments: Vec<_> = arguments.iter().map(OsStr::new).collect();
    let said = run(name, &arguments, bounds).await;
    said.map(|said| String::from_utf8(said).unwrap()).map_err(|error| error.to_string())
}

#[tokio::test]
async fn what_it_writes_is_given_whole_or_not_at_all() {
    let echo = |text: &'static str| async move { said("echo", &["-n", text], USUAL).await };
    assert_eq!(echo("a 'b' $HOME \\").await, Ok("a 'b' $HOME \\".to_owned()));
    let most = "x".repeat(USUAL.output_bytes);
    assert_eq!(said("printf", &["%s", &most], USUAL).await, Ok(most.clone()));
    let more = format!("{most}x");
    let wrote_too_much = Err("printf wrote too much".to_owned());
    assert_eq!(said("printf", &["%s", &more], USUAL).await, wrote_too_much);
    // It has nothing to read, so it does not wait for us.
    assert_eq!(said("cat", &[], USUAL).await, Ok(String::new()));
}

#[tokio::test]
async fn a_bad_end_is_told() {
    let failed = Err("sh failed: exit status: 7".to_owned());
    assert_eq!(said("sh", &["-c", "echo x; exit 7"], USUAL).await, failed);
    let missing = Err("the program snapwise-no-program is not installed".to_owned());
    assert_eq!(said("snapwise-no-program", &[], USUAL).await, missing);
    let hasty = Bounds { within: Duration::from_millis(20), ..USUAL };
    assert_eq!(said("sleep", &["1000"], hasty).await, Err("sleep took too long".to_owned()));
}

#[tokio::test]
async fn memory_beyond_the_bound_is_refused() {
    let taking = ["if=/dev/zero", "of=/dev/null", "bs=128M", "count=1"];
    assert_eq!(said("dd", &taking, USUAL).await, Ok(String::new()));
    let less = Bounds { memory_kib: 64 * 1_024, ..USUAL };
    assert!(said("dd", &taking, less).await.is_err_and(|said| said.starts_with("dd failed")));
}

/// Waits until a program has written its number, and gives it.
async fn number_in(file: &Path) -> u32 {
    let since = Instant::now();
    loop {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        if let Some(number) = text.strip_suffix('\n') {
            return number.parse().unwrap();
        }
        assert!(since.elapsed() < USUAL.within, "it does not begin");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn it_ends_when_nobody_waits_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("number");
    let script = format!("echo $$ >'{}'; exec sleep 1000", file.display());
    let waiting = tokio::spawn(async move { said("sh", &["-c", &script], USUAL).await });
    let number = number_in(&file).await;
    waiting.abort();
    let stat = format!("/proc/{number}/stat");
    let since = Instant::now();
    while std::fs::read_to_string(&stat).is_ok_and(|stat| !stat.contains(") Z ")) {
        assert!(since.elapsed() < USUAL.within, "it goes on");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
