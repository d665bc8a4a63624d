//! The folder of a private PostgreSQL: its lock, its data, its log and where its socket goes.

use std::fs;
use std::fs::DirBuilder;
use std::fs::File;
use std::fs::TryLockError;
use std::hash::DefaultHasher;
use std::hash::Hash;
use std::hash::Hasher;
use std::io;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use crate::postgres::binaries::Binaries;
use crate::postgres::error::PrivateError;
use crate::postgres::guard::Guarded;
use crate::postgres::identity::Identity;
use crate::postgres::leftovers;
use crate::postgres::private::Durability;
use crate::postgres::private::Options;

/// A socket's path may have 107 bytes; this is what `/.s.PGSQL.5432` leaves for its folder.
const RUN_BYTES: usize = 107 - 14;

/// How long an owner that is gone may still seem to hold the lock: a process that another thread of it was just starting
/// holds it until it runs its own program.
const LETTING_GO: Duration = Duration::from_millis(500);
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// A folder with an initialised cluster, locked by us until this value goes.
#[derive(Debug)]
pub(super) struct Cluster {
    pub(super) data: PathBuf,
    pub(super) run: PathBuf,
    pub(super) log: PathBuf,
    pub(super) binaries: Binaries,
    pub(super) identity: Identity,
    pub(super) durability: Durability,
    _lock: File,
}

impl Cluster {
    /// Locks the folder and makes what it lacks.
    pub(super) fn open(dir: &Path, options: &Options) -> Result<Cluster, PrivateError> {
        // Others may enter, for the server may have another account; its data is closed to them.
        let mut builder = DirBuilder::new();
        let made = builder.recursive(true).mode(0o755).create(dir);
        made.map_err(PrivateError::io("make", dir))?;
        let dir = dir.canonicalize().map_err(PrivateError::io("resolve", dir))?;
        let lock = lock(&dir)?;
        let data = dir.join("data");
        let binaries = Binaries::find(options, &data)?;
        let identity = Identity::choose(&dir, &data, &binaries)?;
        let run = run_folder(&dir, options, &identity)?;
        let log = dir.join("postgres.log");
        let durability = options.durability;
        let cluster = Cluster { data, run, log, binaries, identity, durability, _lock: lock };
        if !cluster.data.join("PG_VERSION").exists() {
            cluster.initialise(&dir.join("data.new"))?;
        }
        Ok(cluster)
    }

    /// A URL of the database `snapwise`, as libpq and its kin understand it.
    pub(super) fn url(&self) -> String {
        let host: String =
            self.run.as_os_str().as_bytes().iter().copied().map(percent_encoded).collect();
        format!("postgresql://postgres@{host}:5432/snapwise")
    }

    /// Makes the folder of the socket anew: what lies there is from a server that is gone.
    pub(super) fn make_run_folder(&self) -> Result<(), PrivateError> {
        remove_folder(&self.run)?;
        self.make_closed_folder(&self.run)
    }

    /// A command of PostgreSQL that talks to the log.
    pub(super) fn command(&self, program: &Path) -> Result<Command, PrivateError> {
        let log = File::options().create(true).append(true).open(&self.log);
        let log = log.map_err(PrivateError::io("open", &self.log))?;
        let again = log.try_clone().map_err(PrivateError::io("open", &self.log))?;
        let mut command = self.identity.command(program);
        command.stdout(log).stderr(again);
        Ok(command)
    }

    /// The last lines of the log, but none from before `offset`.
    pub(super) fn last_words(&self, offset: usize) -> String {
        let bytes = fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(bytes.get(offset..).unwrap_or_default()).into_owned();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(8)..].join("\n")
    }

    /// How long the log is now.
    pub(super) fn log_bytes(&self) -> usize {
        fs::metadata(&self.log).map_or(0, |metadata| usize::try_from(metadata.len()).unwrap_or(0))
    }

    /// Makes a cluster with our database aside, and moves it in place when it is whole.
    fn initialise(&self, aside: &Path) -> Result<(), PrivateError> {
        leftovers::clear(aside)?;
        remove_folder(aside)?;
        self.make_closed_folder(aside)?;
        let mut initdb = self.command(&self.binaries.initdb())?;
        initdb.args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale"]);
        initdb.arg("--data-checksums").arg("-D").arg(aside);
        let mut single = self.command(&self.binaries.postgres())?;
        single.args(["--single", "-c", "exit_on_error=on", "-D"]).arg(aside);
        if self.durability == Durability::Relaxed {
            initdb.arg("--no-sync");
            single.arg("-F");
        }
        single.arg("template1");
        self.run_to_the_end("initdb", initdb, "")?;
        self.run_to_the_end("postgres --single", single, "CREATE DATABASE snapwise\n")?;
        fs::rename(aside, &self.data).map_err(PrivateError::io("move the new data to", &self.data))
    }

    fn run_to_the_end(
        &self,
        program: &'static str,
        mut command: Command,
        input: &str,
    ) -> Result<(), PrivateError> {
        let offset = self.log_bytes();
        let failed = || PrivateError::io("run", Path::new(program));
        let mut guarded = Guarded::spawn(command.stdin(Stdio::piped())).map_err(failed())?;
        let stdin = guarded.child().stdin.take();
        let written = stdin.map_or(Ok(()), |mut stdin| stdin.write_all(input.as_bytes()));
        let status = guarded.child().wait().map_err(failed())?;
        if !status.success() {
            let last_words = self.last_words(offset);
            return Err(PrivateError::Ended { program, status, log: self.log.clone(), last_words });
        }
        written.map_err(failed())
    }

    fn make_closed_folder(&self, folder: &Path) -> Result<(), PrivateError> {
        let made = DirBuilder::new().mode(0o700).create(folder);
        made.map_err(PrivateError::io("make", folder))?;
        self.identity.give(folder)
    }
}

/// Locks the folder for as long as the file lives, which no child of ours inherits.
fn lock(dir: &Path) -> Result<File, PrivateError> {
    let path = dir.join("lock");
    let file = File::options().create(true).append(true).open(&path);
    let file = file.map_err(PrivateError::io("open", &path))?;
    let until = Instant::now() + LETTING_GO;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if Instant::now() < until => thread::sleep(LOOK_AGAIN),
            Err(TryLockError::WouldBlock) => {
                return Err(PrivateError::InUse { dir: dir.to_owned() });
            }
            Err(TryLockError::Error(error)) => {
                return Err(PrivateError::io("lock", &path)(error));
            }
        }
    }
}

/// Where the socket goes: into the folder itself, or where that is too long, or has a character
/// that PostgreSQL gives a meaning, into a short one of the same owner.
fn run_folder(dir: &Path, options: &Options, identity: &Identity) -> Result<PathBuf, PrivateError> {
    let mut hasher = DefaultHasher::new();
    dir.hash(&mut hasher);
    let short = format!("snapwise-{:016x}", hasher.finish());
    // The runtime folder is closed to everybody but us, also to the account the server may have.
    let runtime = options.runtime_dir.as_deref().filter(|_| !identity.is_other());
    let runtime = runtime.filter(|folder| folder.is_dir()).map(|folder| folder.join(&short));
    let fits = |path: &PathBuf| {
        let bytes = path.as_os_str().as_bytes();
        path.is_absolute()
            && bytes.len() <= RUN_BYTES
            && !bytes.iter().any(|byte| matches!(byte, b',' | b'"'))
    };
    [Some(dir.join("run")), runtime, Some(options.temp_dir.join(&short))]
        .into_iter()
        .flatten()
        .find(fits)
        .ok_or_else(|| PrivateError::SocketPath { dir: dir.to_owned() })
}

/// Removes a folder, if there is one.
pub(super) fn remove_folder(folder: &Path) -> Result<(), PrivateError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(PrivateError::io("remove", folder)(error))
        }
        _ => Ok(()),
    }
}

fn percent_encoded(byte: u8) -> String {
    match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        byte => format!("%{byte:02X}"),
    }
}
