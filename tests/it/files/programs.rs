//! Programs that ours runs, and those that stand in their place.

use crate::files::Store;
use crate::support::app::PATIENCE;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::time::Duration;
use std::time::Instant;

/// Where programs are.
pub(super) const PROGRAMS: &str = "/usr/local/bin:/usr/bin:/bin";

/// A process that is killed at the latest when the test ends.
pub(super) struct Process(pub(super) Child);

impl Process {
    pub(super) fn of(mut command: Command) -> Self {
        Self(command.spawn().unwrap())
    }

    /// As `kill -9` does.
    pub(super) fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Puts a script in the place of a program; gives where programs are then.
pub(super) fn in_its_place(store: &Store, program: &str, script: &str) -> String {
    let folder = store.folder.path().join("bin");
    std::fs::create_dir(&folder).unwrap();
    // A file that we wrote ourselves could be open in a process that another test just begins, and not be run.
    let writing = r#"printf '%s' "$2" >"$1" && chmod 755 "$1""#;
    let mut shell = Command::new("sh");
    shell.args(["-c", writing, "sh"]).arg(folder.join(program)).arg(script);
    assert!(shell.status().unwrap().success());
    format!("{}:{PROGRAMS}", folder.display())
}

/// A program that begins to write the file it is told of last, tells its number and comes to no end.
pub(super) struct Stuck {
    path: String,
    number: PathBuf,
}

impl Stuck {
    pub(super) fn new(store: &Store, program: &str) -> Self {
        let number = store.folder.path().join("number");
        let script = format!(
            "#!/bin/sh\nfor last; do :; done\necho part >\"$last\"\necho $$ >'{0}.new'\n\
             mv '{0}.new' '{0}'\nexec sleep 1000\n",
            number.display()
        );
        Self { path: in_its_place(store, program, &script), number }
    }

    /// The command with this program.
    pub(super) fn with(&self, mut command: Command) -> Command {
        command.env("PATH", &self.path);
        command
    }

    /// Its number, once it is in the middle of its work.
    pub(super) async fn in_the_middle(&self) -> u32 {
        let since = Instant::now();
        loop {
            if let Ok(number) = std::fs::read_to_string(&self.number) {
                return number.trim().parse().unwrap();
            }
            assert!(since.elapsed() < PATIENCE, "it does not begin");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// Waits until there is no such process, or nothing of it but its number.
pub(super) async fn until_gone(process: u32) {
    let stat = Path::new("/proc").join(process.to_string()).join("stat");
    let since = Instant::now();
    while std::fs::read_to_string(&stat).is_ok_and(|stat| !stat.contains(") Z ")) {
        assert!(since.elapsed() < PATIENCE, "it goes on");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
