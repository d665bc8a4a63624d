//! `snapwise demo` as a newcomer runs it: in an empty folder, without a setting. And the settings, as they are told.

mod settings;

use crate::support::app::PATIENCE;
use crate::support::app::Received;
use crate::support::app::Sent;
use crate::support::app::ask;
use crate::support::database;
use crate::support::database::connect;
use rustix::process::Pid;
use rustix::process::Signal;
use serde_json::Value;
use std::fs;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::ExitStatus;
use std::process::Output;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;
use std::time::Instant;
use tempfile::TempDir;

const ANY_PORTS: [&str; 4] = ["--listen", "127.0.0.1:0", "--internal-listen", "127.0.0.1:0"];

/// A demo that runs in a folder.
struct Demo {
    process: Child,
    /// What it wrote on standard output so far.
    said: Arc<Mutex<String>>,
    log: PathBuf,
}

impl Demo {
    fn start(folder: &Path) -> Self {
        Self::with(folder, &[&["--snaps", "200"], &ANY_PORTS[..]].concat())
    }

    fn with(folder: &Path, arguments: &[&str]) -> Self {
        Self::logging(folder, arguments, folder.join("stderr"))
    }

    /// A second one in the same folder.
    fn beside(folder: &Path) -> Self {
        Self::logging(
            folder,
            &[&["--snaps", "200"], &ANY_PORTS[..]].concat(),
            folder.join("stderr-2"),
        )
    }

    fn logging(folder: &Path, arguments: &[&str], log: PathBuf) -> Self {
        let mut command = without_settings(folder, &["demo"]);
        command.args(arguments);
        Self::of(command, log)
    }

    fn of(mut command: Command, log: PathBuf) -> Self {
        command.stdout(Stdio::piped()).stderr(File::create(&log).unwrap());
        let mut process = command.spawn().unwrap();
        let said = Arc::new(Mutex::new(String::new()));
        let (mut stdout, kept) = (process.stdout.take().unwrap(), Arc::clone(&said));
        thread::spawn(move || {
            let mut bytes = [0; 4_096];
            while let Ok(n @ 1..) = stdout.read(&mut bytes) {
                kept.lock().unwrap().push_str(&String::from_utf8_lossy(&bytes[..n]));
            }
        });
        Self { process, said, log }
    }

    /// The command line it tells to try; waits for it.
    fn curl_line(&self) -> String {
        self.eventually(|| {
            let said = self.said.lock().unwrap();
            let (_, from) = said.split_once("\ncurl ")?;
            let (line, _) = from.split_once("\n\n")?;
            Some(format!("curl {line}"))
        })
    }

    /// The generation it serves.
    async fn generation(&self) -> Option<i64> {
        self.curl_line();
        let said = self.said.lock().unwrap().clone();
        let (_, from) = said.split_once("operators: http://").unwrap();
        let (internal, _) = from.split_once('/').unwrap();
        let ready = ask(internal, &sent("GET", "/health/ready", &[], "")).await.unwrap();
        assert_eq!(ready.status, 200);
        ready.json()["generation"].as_i64()
    }

    /// Tells it to go as a ^C does; it must go well.
    fn interrupt(mut self) {
        signal(&self.process, Signal::INT);
        let status = self.wait();
        let log = self.log();
        assert!(status.success(), "{status}: {log}");
        // A good end is nothing to warn of.
        let last_words = log.split_once("told to go").unwrap().1;
        assert!(!last_words.contains("WARN") && !last_words.contains("ERROR"), "{log}");
    }

    fn wait(&mut self) -> ExitStatus {
        let since = Instant::now();
        loop {
            if let Some(status) = self.process.try_wait().unwrap() {
                return status;
            }
            assert!(since.elapsed() < PATIENCE, "it does not end: {}", self.log());
            thread::sleep(Duration::from_millis(10));
        }
    }

    fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    fn eventually<T>(&self, mut look: impl FnMut() -> Option<T>) -> T {
        let since = Instant::now();
        loop {
            if let Some(found) = look() {
                return found;
            }
            assert!(since.elapsed() < PATIENCE, "it did not happen: {}", self.log());
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// The program in a folder, as if nobody had ever set anything.
fn without_settings(folder: &Path, arguments: &[&str]) -> Command {
    program_without_settings(env!("CARGO_BIN_EXE_snapwise"), folder, arguments)
}

fn program_without_settings(program: &str, folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).args(arguments).stdin(Stdio::null());
    let ours = snapwise::app::command();
    for (_, argument) in settings::options(&ours) {
        command.env_remove(argument.get_env().unwrap_or_default());
    }
    command
}

fn signal(process: &Child, signal: Signal) {
    rustix::process::kill_process(Pid::from_child(process), signal).unwrap();
}

fn sent(method: &str, path: &str, headers: &[(String, String)], body: &str) -> Sent {
    let (method, path) = (method.to_owned(), path.to_owned());
    Sent { method, path, headers: headers.to_vec(), body: body.as_bytes().to_vec() }
}

/// The processes of the PostgreSQL of a folder: each works in its data directory, or names it.
fn postgres_of(folder: &Path) -> Vec<String> {
    let data = folder.canonicalize().unwrap().join(".snapwise");
    let named = data.to_str().unwrap().to_owned();
    let entries = fs::read_dir("/proc").unwrap().flatten();
    let of_data = entries.filter(|entry| {
        let cwd = fs::read_link(entry.path().join("cwd"));
        let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        cwd.is_ok_and(|cwd| cwd.starts_with(&data))
            || String::from_utf8_lossy(&line).contains(&named)
    });
    of_data.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

fn assert_nothing_left(folder: &Path) {
    let since = Instant::now();
    loop {
        let left = postgres_of(folder);
        if left.is_empty() {
            return;
        }
        assert!(since.elapsed() < PATIENCE, "still there: {left:?}");
        thread::sleep(Duration::from_millis(10));
    }
}

/// Runs the printed line in a shell; where there is no curl, sends what it says.
async fn pasted(line: &str) -> Value {
    let mut shell = Command::new("sh");
    shell.args(["-c", line]).env("no_proxy", "*");
    let Output { status, stdout, stderr } = shell.output().unwrap();
    if status.code() != Some(127) {
        assert!(status.success(), "{line}: {}", String::from_utf8_lossy(&stderr));
        return serde_json::from_slice(&stdout).unwrap();
    }
    let words: Vec<&str> = line.split('\'').collect();
    let (_, url) = line.split_once("http://").unwrap();
    let (url, _) = url.split_once(' ').unwrap();
    let (address, path) = url.split_once('/').unwrap();
    let headers: Vec<(String, String)> = words
        .iter()
        .filter_map(|word| word.split_once(": "))
        .filter(|(name, _)| name.starts_with("Snap-"))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let body = words.iter().find(|word| word.starts_with('{')).unwrap();
    let received = ask(address, &sent("POST", &format!("/{path}"), &headers, body)).await;
    let Received { status: 200, body, .. } = received.unwrap() else { panic!("not 200") };
    serde_json::from_slice(&body).unwrap()
}

async fn assert_says_hello(demo: &Demo) {
    let answer = pasted(&demo.curl_line()).await;
    let result = &answer["results"][0];
    assert_eq!(result["result"], "install", "{answer}");
    assert_eq!(result["snap"]["name"], "hello-snapwise", "{answer}");
    assert!(result["snap"]["revision"].as_u64() >= Some(1), "{answer}");
    assert!(result["snap"]["download"]["url"].as_str().is_some(), "{answer}");
}

/// The first answer, as the README shows it.
fn shown_in_the_readme() -> Value {
    let readme =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let behind = readme.split("```json\n").nth(1).unwrap();
    serde_json::from_str(behind.split("```").next().unwrap()).unwrap()
}

/// What a command of the same folder writes.
fn beside(folder: &Path, arguments: &[&str]) -> String {
    let output = without_settings(folder, arguments).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn a_newcomer_pastes_the_line_and_comes_back_another_day() {
    let folder = TempDir::new().unwrap();
    let demo = Demo::start(folder.path());
    assert_says_hello(&demo).await;
    assert_eq!(pasted(&demo.curl_line()).await, shown_in_the_readme());
    let collected = demo.generation().await.unwrap();
    assert!(!postgres_of(folder.path()).is_empty(), "this is how a PostgreSQL is told");

    // Other commands of the folder use what runs there.
    let hello = beside(folder.path(), &["catalogue", "export", "--snap", "hello-snapwise"]);
    assert_eq!(hello.lines().count(), 1);
    let hello: Value = serde_json::from_str(&hello).unwrap();
    assert_eq!(hello["name"], "hello-snapwise");
    beside(folder.path(), &["catalogue", "release", "hello-snapwise", "3", "2.0/edge"]);
    demo.interrupt();
    assert_nothing_left(folder.path());

    let again = Demo::start(folder.path());
    assert_says_hello(&again).await;
    assert_eq!(again.generation().await, Some(collected + 1), "nothing is collected again");
    again.interrupt();
    assert_nothing_left(folder.path());
}

#[tokio::test]
async fn a_killed_demo_is_followed_by_one_with_everything() {
    let folder = TempDir::new().unwrap();
    let demo = Demo::start(folder.path());
    demo.curl_line();
    let everything = beside(folder.path(), &["catalogue", "export"]);
    assert!((150..=200).contains(&everything.lines().count()), "a few of 200 are private");
    let collected = demo.generation().await;
    drop(demo);
    let next = Demo::start(folder.path());
    assert_says_hello(&next).await;
    assert_eq!(next.generation().await, collected);
    assert!(beside(folder.path(), &["catalogue", "export"]) == everything, "something is lost");
    drop(next);
    assert_nothing_left(folder.path());
}

/// A catalogue that somebody brought is theirs.
#[tokio::test]
async fn nothing_simulated_goes_among_what_was_imported() {
    let folder = TempDir::new().unwrap();
    beside(folder.path(), &["catalogue", "generate", "--snaps", "20"]);
    let demo = Demo::start(folder.path());
    assert_says_hello(&demo).await;
    let n_snaps = beside(folder.path(), &["catalogue", "export"]).lines().count();
    assert_eq!((demo.generation().await, n_snaps), (Some(1), 20));
    demo.interrupt();
    assert_nothing_left(folder.path());
}

/// With a database of one's own there is no private one.
#[tokio::test]
async fn a_demo_takes_the_database_that_is_named() {
    let (folder, database) = (TempDir::new().unwrap(), database().await);
    let mut command = without_settings(folder.path(), &["demo", "--snaps", "50"]);
    command.args(ANY_PORTS).env("DATABASE_URL", &database.url);
    let demo = Demo::of(command, folder.path().join("stderr"));
    assert_says_hello(&demo).await;
    assert!(postgres_of(folder.path()).is_empty(), "a private one runs");
    let client = connect(&database.url).await;
    let row = client.query_one("SELECT count(*) > 30 FROM snap", &[]).await.unwrap();
    assert!(row.get::<_, bool>(0), "what was collected is there");
    demo.interrupt();
}

#[tokio::test]
async fn a_demo_interrupted_while_it_generates_begins_anew() {
    let folder = TempDir::new().unwrap();
    // What is begun in the background of a script inherits that ^C is ignored: only who listens hears it.
    let ignoring = "trap '' INT; exec \"$0\" \"$@\"";
    let demo = ["-c", ignoring, env!("CARGO_BIN_EXE_snapwise"), "demo", "--snaps", "20000"];
    let mut command = program_without_settings("sh", folder.path(), &demo);
    command.args(ANY_PORTS);
    let mut demo = Demo::of(command, folder.path().join("stderr"));
    let url = folder.path().join(".snapwise/url");
    demo.eventually(|| fs::read_to_string(&url).ok().filter(|url| !url.is_empty()));
    thread::sleep(Duration::from_millis(300));
    signal(&demo.process, Signal::INT);
    demo.wait();
    assert!(!demo.said.lock().unwrap().contains("curl"), "it was still generating");
    assert_nothing_left(folder.path());
    let next = Demo::start(folder.path());
    assert_says_hello(&next).await;
    let n_snaps = beside(folder.path(), &["catalogue", "export"]).lines().count();
    assert!((150..=200).contains(&n_snaps), "{n_snaps}: a few of 200 are private");
    next.interrupt();
}

/// The second one in the folder shares the first one's database, and both answer.
#[tokio::test]
async fn two_demos_of_one_folder_share_their_database() {
    let folder = TempDir::new().unwrap();
    let first = Demo::start(folder.path());
    first.curl_line();
    let second = Demo::start(folder.path());
    assert_says_hello(&second).await;
    assert_says_hello(&first).await;
    assert_eq!(first.generation().await, second.generation().await);
    second.interrupt();
    assert_says_hello(&first).await;
    beside(folder.path(), &["catalogue", "export", "--snap", "hello-snapwise"]);

    // As it is run without a word about ports, the second one has none, and says so.
    let line = first.curl_line();
    let (_, taken) = line.split_once("http://").unwrap();
    let (taken, _) = taken.split_once('/').unwrap();
    let refused = without_settings(folder.path(), &["demo", "--listen", taken]).output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(
        said.contains(&format!("snapwise: listen on {taken}: Address already in use")),
        "{said}"
    );
    assert_says_hello(&first).await;
    first.interrupt();
    assert_nothing_left(folder.path());
}

#[tokio::test]
async fn who_came_second_takes_over_the_database_of_the_first() {
    let folder = tempfile::tempdir().unwrap();
    // Both at once: the second finds a folder that is just being filled.
    let first = Demo::start(folder.path());
    first.eventually(|| folder.path().join(".snapwise/lock").exists().then_some(()));
    let second = Demo::beside(folder.path());
    assert_says_hello(&first).await;
    assert_says_hello(&second).await;
    // Not asked to go: killed.
    drop(first);
    second.eventually(|| second.log().contains("took over the private PostgreSQL").then_some(()));
    // What is published from now on comes out of the database that was taken over.
    let before = second.generation().await;
    let release = ["catalogue", "release", "hello-snapwise", "3", "edge/inherited"];
    let released = without_settings(folder.path(), &release).output().unwrap();
    assert!(released.status.success(), "{}", String::from_utf8_lossy(&released.stderr));
    let since = Instant::now();
    while second.generation().await == before {
        assert!(since.elapsed() < PATIENCE, "{}", second.log());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_says_hello(&second).await;
    second.interrupt();
    assert_nothing_left(folder.path());
}
