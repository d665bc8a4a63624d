//! What long work says of itself: a bar to somebody who looks on, lines in a log.

use crate::support::app::snapwise;
use crate::support::database::migrated;
use std::io::Write;
use std::process::Command;
use std::process::Stdio;
use std::thread::sleep;
use std::time::Duration;

/// What a command says on a terminal, if this machine can make one.
fn on_a_terminal(command: &Command) -> Option<String> {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let quoted = words.map(|word| format!("'{}'", word.to_str().unwrap()));
    let mut script = Command::new("script");
    script.args(["-qec", &quoted.collect::<Vec<_>>().join(" "), "/dev/null"]);
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => script.env(name, value),
            None => script.env_remove(name),
        };
    }
    let output = script.env("TERM", "xterm").stdin(Stdio::null()).output().ok()?;
    assert!(output.status.success());
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[tokio::test]
async fn a_long_generation_shows_a_bar_on_a_terminal_and_nothing_of_it_elsewhere() {
    let database = migrated().await;
    let generate = |seed| ["catalogue", "generate", "--snaps", "2000", "--seed", seed];
    let Some(shown) = on_a_terminal(&snapwise(&database.url, &generate("1"))) else {
        let mut err = std::io::stderr().lock();
        return writeln!(err, "SKIPPED: there is no program `script`").unwrap();
    };
    assert!(shown.contains("generating snaps") && shown.contains("/2000"), "{shown}");
    assert!(shown.contains("2000 added"), "{shown}");
    let output = snapwise(&database.url, &generate("2")).output().unwrap();
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(output.status.success() && !said.contains("/2000"), "{said}");
}

#[tokio::test]
async fn an_import_that_goes_on_says_so_in_the_log() {
    let database = migrated().await;
    let mut command = snapwise(&database.url, &["catalogue", "import", "-"]);
    command.env("RUST_LOG", "info").stdin(Stdio::piped());
    let mut import = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut sent = import.stdin.take().unwrap();
    let rubbish = "x\n".repeat(10_000);
    sent.write_all(rubbish.as_bytes()).unwrap();
    // It says something every five seconds.
    sleep(Duration::from_millis(5_200));
    sent.write_all(rubbish.as_bytes()).unwrap();
    drop(sent);
    let output = import.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    let line = said.lines().find(|line| line.contains("importing snaps"));
    assert!(line.is_some_and(|line| line.contains("n=") || line.contains("\"n\"")), "{said}");
}
