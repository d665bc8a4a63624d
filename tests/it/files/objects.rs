//! Files in an object store instead of a folder.

use crate::files::Store;
use crate::files::deltas::has_xdelta3;
use crate::files::deltas::offered;
use crate::files::deltas::undone;
use crate::files::deltas::version;
use crate::files::digest;
use crate::files::fetched;
use crate::files::get;
use crate::files::install;
use crate::files::path_of;
use crate::files::request;
use crate::files::snaps::noise;
use crate::support::app::PATIENCE;
use crate::support::app::TestApp;
use crate::support::objects::Objects;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

/// A database whose files are in an object store.
struct Remote {
    store: Store,
    objects: Objects,
}

impl Remote {
    async fn new() -> Self {
        Self { store: Store::new().await, objects: Objects::start().await }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.store.command(arguments);
        command.envs(self.objects.settings());
        command
    }

    /// Runs the program to its end; gives whether it was good, and what it said.
    async fn run(&self, arguments: &[&str]) -> (bool, String) {
        let mut command = self.command(arguments);
        // The object store answers in this process, which must not wait for the program.
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(said).unwrap())
    }

    async fn push(&self, snap: &[u8]) -> (bool, String) {
        let file = self.store.file("pushed.snap", snap);
        self.run(&["snap", "push", &file, "--channel", "stable"]).await
    }

    fn serve(&self) -> TestApp {
        let settings = self.objects.settings();
        let settings: Vec<_> =
            settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
        TestApp::serve(&self.store.url, &settings)
    }
}

/// Of two parts and a bit.
fn large() -> Vec<u8> {
    version(1, &noise(11_000_000, 5))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_pushed_is_there_in_parts_and_is_given_out_in_any() {
    let remote = Remote::new().await;
    let snap = large();
    let given_out = (true, "lumen-notes 1 is given out: published generation 1\n".to_owned());
    assert_eq!(remote.push(&snap).await, given_out);
    let name = digest(&snap);
    let place = format!("a/prefix/{}/{name}", name.split_at(2).0);
    assert!(remote.objects.files().into_iter().eq([(place, snap.clone())]));
    assert_eq!(remote.objects.n_uploads(), 0);
    assert!(remote.push(&snap).await.1.contains("already"));
    let app = remote.serve();
    let download = install(&app, "lumen-notes", "stable").await["snap"]["download"].clone();
    assert!(fetched(&app, &download).await == snap);
    let path = path_of(&app, download["url"].as_str().unwrap());
    let received = get(&app, path, &[("Range", "bytes=5242000-5243999")]).await;
    assert_eq!(received.status, 206);
    assert!(received.body == snap[5_242_000..5_244_000]);
    let head = app.send(&request("HEAD", path, &[])).await;
    assert_eq!(head.header("content-length"), Some(snap.len().to_string().as_str()));
    // What breaks off behind us, a device does not notice.
    remote.objects.cut(2);
    assert!(fetched(&app, &download).await == snap);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_push_that_is_killed_leaves_nothing_there_that_is_told_of_and_is_repeated() {
    let remote = Remote::new().await;
    let snap = large();
    let file = remote.store.file("pushed.snap", &snap);
    remote.objects.stall(true);
    let mut push = remote.command(&["snap", "push", &file, "--channel", "stable"]);
    let mut push = push.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let since = Instant::now();
    while !remote.objects.was_sent_a_part() {
        assert!(since.elapsed() < PATIENCE, "it does not begin");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    push.kill().unwrap();
    push.wait().unwrap();
    assert!(remote.objects.files().is_empty());
    assert_eq!(remote.objects.n_uploads(), 1);
    assert_eq!(remote.store.n_generations().await, 0);
    remote.objects.stall(false);
    let given_out = (true, "lumen-notes 1 is given out: published generation 1\n".to_owned());
    assert_eq!(remote.push(&snap).await, given_out);
    let app = remote.serve();
    let download = install(&app, "lumen-notes", "stable").await["snap"]["download"].clone();
    assert!(fetched(&app, &download).await == snap);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_object_store_that_lets_nobody_in_is_told_of() {
    let remote = Remote::new().await;
    remote.objects.close(true);
    let (is_good, said) = remote.push(&version(1, b"x")).await;
    assert!(!is_good && said.contains("cannot look for a file that is held"), "{said}");
    assert!(!said.contains("a secret"), "{said}");
    assert_eq!(remote.store.n_generations().await, 0);
    remote.objects.close(false);
    assert!(remote.push(&version(1, b"x")).await.0);
    let app = remote.serve();
    let download = install(&app, "lumen-notes", "stable").await["snap"]["download"].clone();
    remote.objects.close(true);
    let path = path_of(&app, download["url"].as_str().unwrap());
    let received = get(&app, path, &[]).await;
    assert_eq!((received.status, received.header("retry-after")), (503, Some("1")));
    remote.objects.close(false);
    fetched(&app, &download).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deltas_are_made_of_what_is_there_and_put_beside_it() {
    if !has_xdelta3() {
        return;
    }
    let remote = Remote::new().await;
    let mut content = noise(400_000, 1);
    let first = version(1, &content);
    content[200_000..205_000].copy_from_slice(&noise(5_000, 2));
    let files = [first, version(2, &content)];
    for file in &files {
        assert!(remote.push(file).await.0);
    }
    let made = (true, "1 made, 0 dropped for saving too little\n".to_owned());
    assert_eq!(remote.run(&["snap", "deltas"]).await, made);
    assert_eq!(remote.objects.files().len(), 3);
    let app = remote.serve();
    let documents = remote.run(&["catalogue", "export"]).await.1;
    let document: serde_json::Value = serde_json::from_str(&documents).unwrap();
    let deltas = offered(&app, document["snap-id"].as_str().unwrap(), 1, "xdelta3").await;
    let bytes = fetched(&app, &deltas[0]).await;
    assert!(undone(&remote.store, &files[0], &bytes) == files[1]);
}
