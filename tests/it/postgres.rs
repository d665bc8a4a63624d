//! The private PostgreSQL: real servers, in folders of their own, that are treated badly.
#![allow(clippy::disallowed_methods, reason = "a test stands where `app` stands")]

use std::env;
use std::fs;
use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use crate::support::app::PATIENCE;
use rustix::process::Pid;
use rustix::process::Signal;
use snapwise::postgres::Durability;
use snapwise::postgres::Options;
use snapwise::postgres::Private;
use snapwise::postgres::PrivateError;
use tokio_postgres::NoTls;
use tokio_postgres::SimpleQueryMessage;

/// Names the folder to the test process that plays an owner who gets killed.
const OWNED: &str = "SNAPWISE_TEST_OWNED";

/// A folder that goes when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Folder {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = env::temp_dir().join(format!("snapwise-pg-{}-{count}", std::process::id()));
        fs::create_dir(&path).unwrap();
        Folder(path.canonicalize().unwrap())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

fn options() -> Options {
    Options {
        path: env::var_os("PATH"),
        temp_dir: env::temp_dir(),
        durability: Durability::Relaxed,
        ..Options::default()
    }
}

fn start(dir: &Path) -> Private {
    Private::start(dir, &options()).unwrap()
}

/// Runs statements, and gives the first text of their first row, or an empty one.
fn ask(url: &str, statements: &str) -> Result<String, tokio_postgres::Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(connection);
        let messages = client.simple_query(statements).await?;
        let first = messages.iter().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => row.get(0),
            _ => None,
        });
        Ok(first.unwrap_or_default().to_owned())
    })
}

fn keep_note(private: &Private, note: &str) {
    let table = "CREATE TABLE note (text text)";
    ask(private.url(), &format!("{table}; INSERT INTO note VALUES ('{note}')")).unwrap();
}

fn note(url: &str) -> Result<String, tokio_postgres::Error> {
    ask(url, "SELECT text FROM note")
}

fn kill(pid: u32) {
    let pid = Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    rustix::process::kill_process(pid, Signal::KILL).unwrap();
}

/// Waits for something.
#[track_caller]
fn eventually<T>(mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "it did not happen");
        thread::sleep(Duration::from_millis(10));
    }
}

fn is_alive(pid: u32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}

#[test]
fn what_is_written_is_there_after_a_stop_and_a_start() {
    let folder = Folder::new();
    let private = start(&folder.0.join("not/yet/there"));
    assert_eq!(ask(private.url(), "SELECT current_database()").unwrap(), "snapwise");
    assert_eq!(ask(private.url(), "SHOW listen_addresses").unwrap(), "");
    assert_eq!(ask(private.url(), "SHOW data_checksums").unwrap(), "on");
    keep_note(&private, "kept");
    let pid = private.pid();
    private.stop().unwrap();
    assert!(!is_alive(pid));

    let private = start(&folder.0.join("not/yet/there"));
    assert_eq!(note(private.url()).unwrap(), "kept");
}

#[test]
fn commits_are_durable_unless_a_test_says_otherwise() {
    let folder = Folder::new();
    let safe = Options { durability: Durability::Safe, ..options() };
    let private = Private::start(&folder.0, &safe).unwrap();
    for setting in ["fsync", "synchronous_commit", "full_page_writes"] {
        assert_eq!(ask(private.url(), &format!("SHOW {setting}")).unwrap(), "on", "{setting}");
    }
}

#[test]
fn a_server_that_is_dropped_stops() {
    let folder = Folder::new();
    let private = start(&folder.0);
    let pid = private.pid();
    drop(private);
    assert!(!is_alive(pid));
}

#[test]
fn a_folder_has_one_owner() {
    let folder = Folder::new();
    let private = start(&folder.0);
    let error = Private::start(&folder.0, &options()).unwrap_err();
    assert!(matches!(error, PrivateError::InUse { .. }), "{error}");
    assert!(error.to_string().ends_with("is in use by another snapwise"), "{error}");
    assert_eq!(ask(private.url(), "SELECT 'undisturbed'").unwrap(), "undisturbed");
}

#[test]
fn a_server_that_is_killed_is_started_again_with_its_data() {
    let folder = Folder::new();
    let private = start(&folder.0);
    keep_note(&private, "kept");
    for _ in 0..2 {
        let before = private.pid();
        kill(before);
        assert_eq!(eventually(|| note(private.url()).ok()), "kept");
        eventually(|| (private.pid() != before).then_some(()));
    }
}

#[test]
fn a_path_of_any_length_and_with_any_character_will_do() {
    let folder = Folder::new();
    for name in ["x".repeat(120), "a space, a comma, ü, @ and %".to_owned()] {
        let private = start(&folder.0.join(name));
        assert_eq!(ask(private.url(), "SELECT 'reached'").unwrap(), "reached");
    }
}

#[test]
fn a_path_too_long_for_a_socket_anywhere_is_refused() {
    let folder = Folder::new();
    let long = folder.0.join("x".repeat(120));
    let options = Options { temp_dir: long.clone(), ..options() };
    let error = Private::start(&long, &options).unwrap_err();
    assert!(matches!(error, PrivateError::SocketPath { .. }), "{error}");
}

#[test]
fn a_folder_nobody_else_can_enter_will_do() {
    let folder = Folder::new();
    let closed = folder.0.join("closed");
    DirBuilder::new().mode(0o700).create(&closed).unwrap();
    let private = start(&closed.join("postgres"));
    let before = private.pid();
    kill(before);
    eventually(|| ask(private.url(), "SELECT 'reached'").ok());
    private.stop().unwrap();
    drop(start(&closed.join("postgres")));
}

#[test]
fn the_socket_is_closed_to_other_accounts() {
    let folder = Folder::new();
    let private = start(&folder.0);
    for closed in ["run", "data"] {
        let mode = fs::metadata(folder.0.join(closed)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700, "{closed}");
    }
    private.stop().unwrap();
}

#[test]
fn data_of_another_version_is_left_alone() {
    let folder = Folder::new();
    fs::create_dir(folder.0.join("data")).unwrap();
    fs::write(folder.0.join("data/PG_VERSION"), "9\n").unwrap();
    let error = Private::start(&folder.0, &options()).unwrap_err();
    assert!(matches!(error, PrivateError::OtherVersion { written_by: 9, .. }), "{error}");
}

#[test]
fn a_machine_without_postgresql_is_told_what_to_install() {
    let folder = Folder::new();
    let options = Options { bin_dir: Some(folder.0.clone()), ..options() };
    let error = Private::start(&folder.0, &options).unwrap_err();
    assert!(matches!(error, PrivateError::NotInstalled { .. }), "{error}");
    assert!(error.to_string().contains("apt-get install postgresql"), "{error}");
}

#[test]
fn a_server_that_cannot_start_says_why() {
    let folder = Folder::new();
    start(&folder.0).stop().unwrap();
    let settings = folder.0.join("data/postgresql.conf");
    let text = fs::read_to_string(&settings).unwrap();
    fs::write(&settings, text + "\nnonsense = 1\n").unwrap();
    let error = Private::start(&folder.0, &options()).unwrap_err();
    assert!(error.to_string().contains("\"nonsense\""), "{error}");
}

/// Not a test: the owner of the tests below, in a process that can be killed.
#[test]
#[ignore = "waits to be killed, see the tests of owners"]
fn an_owner() {
    let Some(dir) = env::var_os(OWNED) else { return };
    let dir = PathBuf::from(dir);
    let private = start(&dir);
    keep_note(&private, "kept");
    fs::write(dir.join("owner"), format!("{}\n{}", private.pid(), private.url())).unwrap();
    thread::sleep(2 * PATIENCE);
}

/// Lets another process own a server with a note in it, kills that process, and gives the server.
fn orphaned(dir: &Path, also_kill_guard: bool) -> u32 {
    let name = module_path!().split_once("::").unwrap().1.to_owned() + "::an_owner";
    let mut owner = Command::new(env::current_exe().unwrap())
        .args(["--ignored", "--exact", &name])
        .env(OWNED, dir)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let said = eventually(|| {
        let said = fs::read_to_string(dir.join("owner")).ok()?;
        said.contains("\npostgresql://").then_some(said)
    });
    let server: u32 = said.lines().next().unwrap().parse().unwrap();
    if also_kill_guard {
        kill(guard_of(server));
    }
    owner.kill().unwrap();
    owner.wait().unwrap();
    server
}

fn guard_of(server: u32) -> u32 {
    let ending = format!("snapwise-guard\0{server}\0");
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let mut guards = processes.filter(|process| {
        fs::read_to_string(process.path().join("cmdline")).is_ok_and(|line| line.ends_with(&ending))
    });
    guards.next().unwrap().file_name().to_str().unwrap().parse().unwrap()
}

#[test]
fn a_server_stops_when_its_owner_is_killed() {
    let folder = Folder::new();
    let server = orphaned(&folder.0, false);
    eventually(|| (!is_alive(server)).then_some(()));
    assert_eq!(note(start(&folder.0).url()).unwrap(), "kept");
}

#[test]
fn a_new_owner_need_not_wait_for_the_server_of_a_killed_one() {
    let folder = Folder::new();
    orphaned(&folder.0, false);
    assert_eq!(note(start(&folder.0).url()).unwrap(), "kept");
}

#[test]
fn an_orphan_that_still_runs_is_stopped_first() {
    let folder = Folder::new();
    let server = orphaned(&folder.0, true);
    thread::sleep(Duration::from_millis(200));
    assert!(is_alive(server), "without its guard it goes on");
    assert_eq!(note(start(&folder.0).url()).unwrap(), "kept");
    assert!(!is_alive(server));
}

#[test]
fn a_number_in_a_stale_file_that_went_to_another_process_does_no_harm() {
    let folder = Folder::new();
    start(&folder.0).stop().unwrap();
    let mut stranger = Command::new("sleep").arg("60").spawn().unwrap();
    let stale = format!("{}\n{}\n1\n5432\n", stranger.id(), folder.0.join("data").display());
    fs::write(folder.0.join("data/postmaster.pid"), stale).unwrap();
    start(&folder.0).stop().unwrap();
    assert!(stranger.try_wait().unwrap().is_none(), "the stranger lives");
    stranger.kill().unwrap();
    stranger.wait().unwrap();
}

#[test]
fn an_interrupt_from_the_terminal_reaches_only_the_owner() {
    let folder = Folder::new();
    let private = start(&folder.0);
    let pid = Pid::from_raw(i32::try_from(private.pid()).unwrap());
    let group = rustix::process::getpgid(pid).unwrap();
    assert_ne!(group, rustix::process::getpgid(None).unwrap());
}
