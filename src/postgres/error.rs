//! What can keep a private PostgreSQL from running.

use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::process::ExitStatus;

use thiserror::Error;

/// Why the private PostgreSQL does not run; each text says what to do where we know it.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PrivateError {
    /// No server that is new enough is installed; `older` names what was found instead.
    #[error(
        "no PostgreSQL server of version {minimum} or newer is installed{older}: install one \
         (Debian, Ubuntu: apt-get install postgresql; Fedora: dnf install postgresql-server; \
         Alpine: apk add postgresql; macOS: brew install postgresql@17), or name the folder that \
         holds its `postgres` and `initdb`"
    )]
    NotInstalled {
        /// The oldest major version that will do.
        minimum: u32,
        /// What was found, in parentheses, or empty.
        older: String,
    },
    /// The data was written by a major version that is not installed.
    #[error(
        "{} was written by PostgreSQL {written_by}, which is not installed{others}: install it, \
         carry the data over with pg_dump or pg_upgrade, or move the folder away to begin anew",
        data.display()
    )]
    OtherVersion {
        /// The data directory.
        data: PathBuf,
        /// The major version in its `PG_VERSION`.
        written_by: u32,
        /// What was found, in parentheses, or empty.
        others: String,
    },
    /// Another live process runs a server in this folder.
    #[error("{} is in use by another snapwise", dir.display())]
    InUse {
        /// The folder.
        dir: PathBuf,
    },
    /// We are root, PostgreSQL refuses to be, and there is nobody else to be.
    #[error(
        "PostgreSQL refuses to run as root, no other account ({tried}) can use {}, and user \
         namespaces are not allowed here: run as an ordinary user, or choose a folder that \
         others can enter, such as one below /var/lib",
        dir.display()
    )]
    NoAccount {
        /// The folder.
        dir: PathBuf,
        /// The accounts that were tried.
        tried: String,
    },
    /// No folder has a path short enough for a Unix socket (the kernel's limit is 107 bytes).
    #[error(
        "no path for the socket is short enough: {} is too long, and so is the temp folder",
        dir.display()
    )]
    SocketPath {
        /// The folder.
        dir: PathBuf,
    },
    /// A server that a dead owner left behind does not stop.
    #[error(
        "an old PostgreSQL still runs on {} (process {pid}) and cannot be stopped",
        data.display()
    )]
    Leftover {
        /// The data directory.
        data: PathBuf,
        /// One of its processes.
        pid: i32,
    },
    /// A program of PostgreSQL ended when it should not have.
    #[error("{program} ended ({status}), see {}:\n{last_words}", log.display())]
    Ended {
        /// The program.
        program: &'static str,
        /// How it ended.
        status: ExitStatus,
        /// Its log.
        log: PathBuf,
        /// The last lines of the log.
        last_words: String,
    },
    /// The server runs, but accepts no connections.
    #[error(
        "PostgreSQL accepts no connections after {waited_s} s, see {}:\n{last_words}",
        log.display()
    )]
    NotReady {
        /// How long we waited.
        waited_s: u64,
        /// Its log.
        log: PathBuf,
        /// The last lines of the log.
        last_words: String,
    },
    /// The operating system said no.
    #[error("cannot {doing} {}", path.display())]
    Io {
        /// What we were doing.
        doing: &'static str,
        /// With what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl PrivateError {
    /// For `map_err`: the system refused while we were `doing` something with `path`.
    pub(super) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> PrivateError {
        move |source| PrivateError::Io { doing, path: path.to_owned(), source }
    }
}
