//! Files that are not taken in, of which nothing is left.

use crate::files::Store;
use crate::files::snaps::everyday;
use crate::files::snaps::packed;
use crate::files::snaps::snap;
use backhand::compression::Compressor;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_refused_leaves_nothing() {
    let store = Store::new().await;
    let good = everyday("lumen-notes", "1");
    let yaml = |more: &str| snap(&format!("name: lumen-notes\nversion: '1'\n{more}\n"), b"");
    let without = packed(&[("meta/other.yaml", b"name: lumen-notes")], Compressor::Gzip);
    let bomb = vec![b'\n'; 64 * 1_024 * 1_024];
    let bomb = packed(&[("meta/snap.yaml", bomb.as_slice())], Compressor::Xz);
    assert!(bomb.len() < 100_000, "{}", bomb.len());
    let mut version = good.clone();
    version[28] = 3;
    let mut packing = good.clone();
    packing[20] = 9;
    for (content, told) in [
        (Vec::new(), "too short"),
        (b"not a squashfs at all".repeat(10), "no squashfs"),
        (good[..95].to_vec(), "too short"),
        (good[..good.len() / 2].to_vec(), "truncated"),
        (good[..120_000].to_vec(), "truncated"),
        (version, "another version"),
        (packing, "unknown way"),
        (without, "no meta/snap.yaml"),
        (packed(&[("meta", b"a file")], Compressor::Zstd), "is no directory"),
        (packed(&[("meta/snap.yaml/a", b"")], Compressor::Zstd), "is no file"),
        (bomb, "over 256 KiB"),
        (snap("name: Lumen\nversion: '1'\n", b""), "meta/snap.yaml: name: "),
        (snap("version: '1'\n", b""), "meta/snap.yaml: name: missing"),
        (yaml("type: rocket"), "meta/snap.yaml: type: "),
        (yaml("architectures: ['a b']"), "meta/snap.yaml: architectures: "),
        (yaml("epoch: 0*"), "meta/snap.yaml: epoch: "),
        (yaml("confinement: {"), "meta/snap.yaml: "),
    ] {
        let file = store.file("bad.snap", &content);
        let output = store.run(&["snap", "push", &file, "--channel", "stable"]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{told}: {said}");
        assert!(said.contains(told), "{told}: {said}");
    }
    let missing = store.run(&["snap", "push", "/no/such/file.snap", "--channel", "stable"]);
    assert_eq!(missing.status.code(), Some(1));
    assert_eq!((store.held(), store.n_generations().await), (Vec::new(), 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_publisher_does_not_take_a_snap_over() {
    let store = Store::new().await;
    let file = store.file("a.snap", &everyday("lumen-notes", "1"));
    store.done(&["snap", "push", &file, "--channel", "stable", "--publisher", "ann"]);
    let file = store.file("b.snap", &everyday("lumen-notes", "2"));
    let push = |publisher: &str| {
        store.run(&["snap", "push", &file, "--channel", "stable", "--publisher", publisher])
    };
    let refused = push("eve");
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("lumen-notes is published by ann"), "{said}");
    assert_eq!((store.held().len(), store.n_generations().await), (1, 1));
    assert!(push("ann").status.success());
}
