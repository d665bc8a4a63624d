//! Files that only the program unsquashfs can unpack: its bounds, and its end.

use crate::files::Store;
use crate::files::install;
use crate::files::programs::PROGRAMS;
use crate::files::programs::Process;
use crate::files::programs::Stuck;
use crate::files::programs::in_its_place;
use crate::files::programs::until_gone;
use crate::files::snaps::everyday;
use std::process::Command;
use std::process::Stdio;

/// The place in a squashfs of the number of its packing, and the number of lz4.
const PACKING: (usize, u8) = (20, 5);

/// A snap that says that it is packed with lz4.
fn with_lz4() -> Vec<u8> {
    let mut snap = everyday("lumen-notes", "1");
    snap[PACKING.0] = PACKING.1;
    snap
}

fn push(store: &Store, file: &str) -> Command {
    let mut command = store.command(&["snap", "push", file, "--channel", "stable"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_program_says_is_what_the_file_says() {
    let store = Store::new().await;
    let file = store.file("lz4.snap", &with_lz4());
    // It is its own bound of memory that the program tells as the version.
    let script = "#!/bin/sh\nfor last; do :; done\n[ \"$last\" = meta/snap.yaml ] || exit 1\n\
                  printf 'name: lumen-notes\\nversion: %s-KiB\\narchitectures: [amd64]\\n' \"$(ulimit -v)\"\n";
    let path = in_its_place(&store, "unsquashfs", script);
    let pushed = push(&store, &file).env("PATH", path).output().unwrap();
    assert!(pushed.status.success(), "{pushed:?}");
    let app = store.serve(&[]);
    let result = install(&app, "lumen-notes", "stable").await;
    assert_eq!(result["snap"]["version"], "262144-KiB", "{result}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_the_program_cannot_read_is_refused() {
    let store = Store::new().await;
    let file = store.file("lz4.snap", &with_lz4());
    let refused = |path: &str| {
        let output = push(&store, &file).env("PATH", path).output().unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    let said = refused("/nowhere");
    let told = "packed with lz4, for which the program unsquashfs is needed: it is not installed";
    assert!(said.contains(told), "{said}");
    let flood = in_its_place(&store, "unsquashfs", "#!/bin/sh\nexec yes\n");
    let said = refused(&flood);
    assert!(said.contains("it wrote more than 256 KiB"), "{said}");
    assert_eq!((store.held().len(), store.n_generations().await), (0, 0));
}

/// A snap that is really packed so, read by the real program.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_is_packed_with_lzo_is_taken_in() {
    let store = Store::new().await;
    let tree = store.folder.path().join("tree");
    std::fs::create_dir_all(tree.join("meta")).unwrap();
    let yaml = "name: lumen-notes\nversion: '7'\narchitectures: [amd64]\n";
    std::fs::write(tree.join("meta/snap.yaml"), yaml).unwrap();
    let file = store.file("lzo.snap", b"");
    std::fs::remove_file(&file).unwrap();
    let mut packing = Command::new("mksquashfs");
    packing.arg(&tree).arg(&file).args(["-comp", "lzo", "-no-progress", "-quiet"]);
    let packed = packing.stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !packed.is_ok_and(|status| status.success()) {
        let mut err = std::io::stderr().lock();
        std::io::Write::write_all(&mut err, b"skipped: mksquashfs cannot pack with lzo here\n")
            .unwrap();
        return;
    }
    let pushed = push(&store, &file).output().unwrap();
    assert!(pushed.status.success(), "{pushed:?}");
    let app = store.serve(&[]);
    assert_eq!(install(&app, "lumen-notes", "stable").await["snap"]["version"], "7");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_push_takes_the_program_with_it() {
    let store = Store::new().await;
    let file = store.file("lz4.snap", &with_lz4());
    let stuck = Stuck::new(&store, "unsquashfs");
    let mut command = push(&store, &file);
    // It writes where the last of its words says, which is a path of the snap.
    command.current_dir(store.folder.path()).env("PATH", PROGRAMS);
    std::fs::create_dir(store.folder.path().join("meta")).unwrap();
    let mut push = Process::of(stuck.with(command));
    let program = stuck.in_the_middle().await;
    push.kill();
    until_gone(program).await;
    assert_eq!((store.held().len(), store.n_generations().await), (0, 0));
}
