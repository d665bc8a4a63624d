//! One run of the server, from its start to its end.

use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;
use std::process::ExitStatus;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use crate::postgres::cluster::Cluster;
use crate::postgres::error::PrivateError;
use crate::postgres::guard::GLANCE;
use crate::postgres::guard::Guarded;
use crate::postgres::leftovers;
use crate::postgres::private::Durability;

/// How long the server may recover from a crash before it accepts connections; a slow disk takes minutes.
const READY_S: u64 = 300;

/// How long an earlier server may take to let go of its files and memory.
const LET_GO: Duration = Duration::from_mins(1);

/// A server that accepts connections, or did so at its start.
#[derive(Debug)]
pub(super) struct Server {
    guarded: Guarded,
}

/// What `postmaster.pid` says.
pub(super) struct PidFile {
    pub(super) pid: i32,
    is_ready: bool,
}

impl Server {
    /// Starts the server and waits until it accepts connections.
    pub(super) fn start(cluster: &Cluster) -> Result<Server, PrivateError> {
        let deadline = Instant::now() + LET_GO;
        loop {
            leftovers::clear(&cluster.data)?;
            cluster.make_run_folder()?;
            match Server::attempt(cluster) {
                Err(PrivateError::Ended { last_words, .. })
                    if is_still_held(&last_words) && Instant::now() < deadline =>
                {
                    thread::sleep(10 * GLANCE);
                }
                other => return other,
            }
        }
    }

    /// The number of the postmaster's process.
    pub(super) fn pid(&mut self) -> u32 {
        self.guarded.child().id()
    }

    /// How the server ended, if it did.
    pub(super) fn exit_status(&mut self) -> io::Result<Option<ExitStatus>> {
        self.guarded.child().try_wait()
    }

    /// Stops the server.
    pub(super) fn stop(mut self, cluster: &Cluster) -> Result<(), PrivateError> {
        self.guarded.stop().map_err(PrivateError::io("stop the server of", &cluster.data))?;
        Ok(())
    }

    fn attempt(cluster: &Cluster) -> Result<Server, PrivateError> {
        let offset = cluster.log_bytes();
        let failed = || PrivateError::io("run the server of", &cluster.data);
        let guarded = Guarded::spawn(&mut command(cluster)?).map_err(failed())?;
        let mut server = Server { guarded };
        let deadline = Instant::now() + Duration::from_secs(READY_S);
        let log = || cluster.log.clone();
        while !is_ready(&cluster.data, server.pid()) {
            if let Some(status) = server.exit_status().map_err(failed())? {
                let last_words = cluster.last_words(offset);
                let program = "postgres";
                return Err(PrivateError::Ended { program, status, log: log(), last_words });
            }
            if Instant::now() >= deadline {
                let last_words = cluster.last_words(offset);
                return Err(PrivateError::NotReady { waited_s: READY_S, log: log(), last_words });
            }
            thread::sleep(GLANCE);
        }
        Ok(server)
    }
}

impl PidFile {
    /// Reads the file of a data directory; none where no server runs, or has just begun to.
    pub(super) fn read(data: &Path) -> Option<PidFile> {
        let text = fs::read_to_string(data.join("postmaster.pid")).ok()?;
        let pid = text.lines().next()?.trim().parse().ok()?;
        // The eighth line is the status, since PostgreSQL 10.
        let is_ready = text.lines().nth(7).is_some_and(|status| status.trim() == "ready");
        Some(PidFile { pid, is_ready })
    }
}

fn is_ready(data: &Path, pid: u32) -> bool {
    PidFile::read(data).is_some_and(|file| file.is_ready && u32::try_from(file.pid) == Ok(pid))
}

/// Whether the server ended because an earlier one has not let go yet.
fn is_still_held(last_words: &str) -> bool {
    ["lock file", "pre-existing shared memory"].iter().any(|held| last_words.contains(held))
}

fn command(cluster: &Cluster) -> Result<Command, PrivateError> {
    let mut command = cluster.command(&cluster.binaries.postgres())?;
    command.arg("-D").arg(&cluster.data).arg("-k").arg(&cluster.run);
    // No address at all: the socket, in a closed folder, is the only way in.
    command.args(["-h", "", "-p", "5432"]);
    // Small enough for a laptop, large enough to keep a whole catalogue in memory.
    command.args(["-c", "shared_buffers=128MB", "-c", "max_connections=100"]);
    command.args(["-c", "timezone=UTC", "-c", "log_timezone=UTC", "-c", "cluster_name=snapwise"]);
    if cluster.durability == Durability::Relaxed {
        // Not synchronous_commit or full_page_writes: a killed server must lose nothing, and it
        // does not when every commit has reached the operating system.
        command.args(["-c", "fsync=off"]);
    }
    Ok(command)
}
