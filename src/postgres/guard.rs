//! A child that does not outlive us.
//!
//! Beside the child runs a shell that reads from a pipe whose other end only we hold. When we die,
//! by whatever hand, the kernel closes the pipe, and the shell sends the child SIGINT, on which
//! PostgreSQL ends its sessions and stops cleanly. Chosen over `PR_SET_PDEATHSIG`, which needs
//! `unsafe` or a helper that not everybody has, is lost when the child changes its account, and
//! follows the *thread* that started the child; this works for every account and every Unix.

use std::io;
use std::os::unix::process::CommandExt;
use std::process::Child;
use std::process::Command;
use std::process::ExitStatus;
use std::process::Stdio;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use rustix::process::Pid;
use rustix::process::Signal;

const GUARD: &str = r#"trap '' HUP INT TERM; read -r line; kill -INT "$1""#;

/// How a server is told to stop, and how long each word may take to work: end all sessions and
/// write everything down; give up at once and recover at the next start; die.
pub(super) const WAYS_TO_STOP: [(Signal, Duration); 3] = [
    (Signal::INT, Duration::from_secs(10)),
    (Signal::QUIT, Duration::from_secs(5)),
    (Signal::KILL, Duration::from_secs(5)),
];

/// How often we look whether something has happened. Nothing here has an event to wait for.
pub(super) const GLANCE: Duration = Duration::from_millis(10);

/// A child in a process group of its own (so that a ^C does not reach it), and its guard.
#[derive(Debug)]
pub(super) struct Guarded {
    child: Child,
    guard: Child,
}

impl Guarded {
    pub(super) fn spawn(command: &mut Command) -> io::Result<Guarded> {
        let mut child = command.process_group(0).spawn()?;
        let mut guard = Command::new("/bin/sh");
        guard.args(["-c", GUARD, "snapwise-guard", &child.id().to_string()]).process_group(0);
        guard.current_dir("/").stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        match guard.spawn() {
            Ok(guard) => Ok(Guarded { child, guard }),
            Err(error) => {
                child.kill()?;
                child.wait()?;
                Err(error)
            }
        }
    }

    pub(super) fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// Stops the child, and insists.
    pub(super) fn stop(&mut self) -> io::Result<ExitStatus> {
        for (signal, patience) in WAYS_TO_STOP {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            rustix::process::kill_process(Pid::from_child(&self.child), signal)?;
            let child = &mut self.child;
            wait_until(patience, || child.try_wait().is_ok_and(|status| status.is_some()));
        }
        self.child.wait()
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        if let Err(error) = self.stop() {
            tracing::warn!(%error, "cannot stop a program of PostgreSQL");
        }
        // Killed before its pipe closes, for the child's number may soon be somebody else's.
        if let Err(error) = self.guard.kill().and_then(|()| self.guard.wait()) {
            tracing::warn!(%error, "cannot stop the guard of PostgreSQL");
        }
    }
}

/// Waits until something holds, but not longer than `patience`; says whether it holds.
pub(super) fn wait_until(patience: Duration, mut holds: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + patience;
    loop {
        if holds() {
            return true;
        }
        if Instant::now() >= deadline {
            return false;
        }
        thread::sleep(GLANCE);
    }
}
