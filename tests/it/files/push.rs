//! What a push comes to: a revision that is offered, and is what the offer says.

use crate::files::Store;
use crate::files::digest;
use crate::files::fetched;
use crate::files::get;
use crate::files::install;
use crate::files::snaps::everyday;
use crate::files::snaps::packed;
use crate::files::snaps::snap;
use backhand::compression::Compressor;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::json;

const YAML: &str = "name: lumen-notes\nversion: '1.10'\ntitle: Lumen\nsummary: Shines\n\
    description: |\n  At length.\nlicense: MIT\nlinks:\n  contact: mailto:a@store.example\n\
    architectures: [amd64, arm64]\nbase: core24\nconfinement: classic\nepoch: 1*\n\
    apps:\n  lumen:\n    common-id: example.lumen\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_pushed_is_offered_and_is_what_the_offer_says() {
    let store = Store::new().await;
    let channels = ["stable", "2.0/beta", "edge/fix-1"];
    let packings = [Compressor::Xz, Compressor::Gzip, Compressor::Zstd];
    let mut files = Vec::new();
    for (channel, packing) in channels.into_iter().zip(packings) {
        let file = packed(&[("meta/snap.yaml", YAML.as_bytes()), ("a/b/c", b"content")], packing);
        let path = store.file("lumen.snap", &file);
        let said = store.done(&["snap", "push", &path, "--channel", channel, "--publisher", "ann"]);
        assert!(
            said.starts_with("lumen-notes ") && said.contains("published generation"),
            "{said}"
        );
        files.push(file);
    }
    let app = store.serve(&[]);
    for (number, (channel, file)) in channels.into_iter().zip(&files).enumerate() {
        let result = install(&app, "lumen-notes", channel).await;
        assert_eq!(result["snap"]["revision"], number + 1, "{result}");
        assert_eq!(result["snap"]["version"], "1.10");
        assert_eq!(result["snap"]["publisher"]["id"], "ann");
        assert_eq!(&fetched(&app, &result["snap"]["download"]).await, file);
    }
    let fields = "architectures,base,confinement,epoch,type,title,summary,description,license,contact,common-ids,\
        snap-yaml,download";
    let info = format!("/v2/snaps/info/lumen-notes?fields={fields}");
    let info = get(&app, &info, &[("Snap-Device-Series", "16")]).await.json();
    let entry = &info["channel-map"][0];
    assert_eq!(entry["architectures"], json!(["amd64", "arm64"]));
    assert_eq!(entry["epoch"], json!({"read": [0, 1], "write": [1]}));
    assert_eq!((&entry["base"], &entry["confinement"]), (&json!("core24"), &json!("classic")));
    assert_eq!((&entry["type"], &entry["snap-yaml"]), (&json!("app"), &json!(YAML)));
    assert_eq!(entry["common-ids"], json!(["example.lumen"]));
    assert_eq!(&fetched(&app, &entry["download"]).await, &files[0]);
    let told = json!({"title": "Lumen", "summary": "Shines", "description": "At length.", "license": "MIT",
        "contact": "mailto:a@store.example"});
    for (member, value) in told.as_object().unwrap() {
        assert_eq!(&info["snap"][member], value, "{member}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_file_again_is_the_same_revision() {
    let store = Store::new().await;
    let (one, two) = (everyday("lumen-notes", "1"), everyday("lumen-notes", "2"));
    assert_eq!(store.push(&one, "stable"), "lumen-notes 1 is given out: published generation 1\n");
    assert_eq!(store.push(&two, "stable"), "lumen-notes 2 is given out: published generation 2\n");
    let again = "lumen-notes 2 is given out already: nothing to publish\n";
    assert_eq!(store.push(&two, "stable"), again);
    assert_eq!(store.push(&one, "beta"), "lumen-notes 1 is given out: published generation 3\n");
    assert_eq!((store.held().len(), store.n_generations().await), (2, 3));
    let other = store.push(&everyday("other", "1"), "stable");
    assert_eq!(other, "other 1 is given out: published generation 4\n");
    let documents = store.exported();
    assert_eq!(documents.len(), 2);
    assert_ne!(documents[0]["snap-id"], documents[1]["snap-id"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_release_may_be_for_one_architecture_alone() {
    let store = Store::new().await;
    let file = store.file("lumen.snap", &snap(YAML, b""));
    let push = |architecture: &str| {
        store.run(&["snap", "push", &file, "--channel", "stable", "--architecture", architecture])
    };
    assert!(push("arm64").status.success());
    assert!(!push("riscv64").status.success());
    let app = store.serve(&[]);
    assert_eq!(install(&app, "lumen-notes", "stable").await["error"]["code"], "revision-not-found");
}

fn signed(headers: &[(&str, &str)]) -> String {
    let lines: Vec<_> = headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
    format!("{}sign-key-sha3-384: key\n\nAXNpZ25lZA==\n", lines.concat())
}

fn assertions(file: &[u8], (name, size, revision): (&str, usize, &str)) -> String {
    use sha3::Digest;
    let digest = BASE64_URL_SAFE_NO_PAD.encode(sha3::Sha3_384::digest(file));
    let id = "Nn4Qw8Er2Ty6Ui0Op3As7Df1Gh5Jk9Lz";
    let account = [
        ("type", "account"),
        ("authority-id", "me"),
        ("account-id", "ann-id"),
        ("display-name", "Ann Example"),
        ("username", "ann"),
        ("validation", "verified"),
    ];
    let declaration = [
        ("type", "snap-declaration"),
        ("authority-id", "me"),
        ("series", "16"),
        ("snap-id", id),
        ("publisher-id", "ann-id"),
        ("snap-name", name),
    ];
    let size = size.to_string();
    let revision = [
        ("type", "snap-revision"),
        ("authority-id", "me"),
        ("snap-sha3-384", digest.as_str()),
        ("developer-id", "ann-id"),
        ("snap-id", id),
        ("snap-revision", revision),
        ("snap-size", size.as_str()),
    ];
    [signed(&account), signed(&declaration), signed(&revision)].join("\n")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn assertions_say_whose_a_file_is_and_which_revision() {
    let store = Store::new().await;
    let snap = everyday("lumen-notes", "1");
    let file = store.file("lumen.snap", &snap);
    let push = |text: &str| {
        let assertions = store.file("lumen.assert", text.as_bytes());
        store.run(&["snap", "push", &file, "--channel", "stable", "--assertions", &assertions])
    };
    for (text, told) in [
        (assertions(&snap, ("other-name", snap.len(), "7")), "snap-declaration is of other-name"),
        (assertions(&snap, ("lumen-notes", snap.len() + 1, "7")), "another size"),
        (
            assertions(b"another", ("lumen-notes", snap.len(), "7")),
            "no snap-revision has its digest",
        ),
        (assertions(&snap, ("lumen-notes", snap.len(), "0")), "not valid: snap-revision: "),
        ("rubbish".to_owned(), "line 1"),
    ] {
        let refused = push(&text);
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(!refused.status.success() && said.contains(told), "{told}: {said}");
    }
    assert_eq!((store.held().len(), store.n_generations().await), (0, 0));
    let good = push(&assertions(&snap, ("lumen-notes", snap.len(), "7")));
    let said = String::from_utf8_lossy(&good.stdout);
    assert_eq!(said, "lumen-notes 7 is given out: published generation 1\n", "{good:?}");
    let again = push(&assertions(&snap, ("lumen-notes", snap.len(), "7")));
    assert!(String::from_utf8_lossy(&again.stdout).contains("already"), "{again:?}");
    let next = everyday("lumen-notes", "2");
    let refused = {
        let file = store.file("next.snap", &next);
        let text = assertions(&next, ("lumen-notes", next.len(), "7"));
        let assertions = store.file("next.assert", text.as_bytes());
        store.run(&["snap", "push", &file, "--channel", "stable", "--assertions", &assertions])
    };
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("revision 7 of lumen-notes is another file"), "{said}");
    let app = store.serve(&[]);
    let result = install(&app, "lumen-notes", "stable").await;
    assert_eq!(result["snap-id"], "Nn4Qw8Er2Ty6Ui0Op3As7Df1Gh5Jk9Lz");
    assert_eq!(result["snap"]["revision"], 7);
    let publisher = json!({"id": "ann-id", "username": "ann", "display-name": "Ann Example", "validation": "verified"});
    assert_eq!(result["snap"]["publisher"], publisher);
    let exported = store.done(&["assertions", "export"]);
    assert_eq!(exported.matches("type: ").count(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_text_of_an_assertion_that_is_held_is_called_that() {
    let store = Store::new().await;
    let push = |version: &str, from: &str, to: &str| {
        let snap = everyday("lumen-notes", version);
        let text = assertions(&snap, ("lumen-notes", snap.len(), version)).replace(from, to);
        let file = store.file("lumen.snap", &snap);
        let text = store.file("lumen.assert", text.as_bytes());
        store.run(&["snap", "push", &file, "--channel", "stable", "--assertions", &text])
    };
    assert!(push("1", "", "").status.success());
    let refused = push("2", "Ann Example", "Ann Other");
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    let told = "there is another text of the assertion account/ann-id revision 0";
    assert!(!refused.status.success() && said.contains(told), "{said}");
    assert!(!said.contains("of another file"), "{said}");
    assert_eq!(store.held().len(), 1, "nothing is left of what was refused");
    let said_anew = "account-id: ann-id\nrevision: 1\ndisplay-name: Ann Other";
    let good = push("2", "account-id: ann-id\ndisplay-name: Ann Example", said_anew);
    assert!(good.status.success(), "{good:?}");
    let app = store.serve(&[]);
    let publisher = install(&app, "lumen-notes", "stable").await["snap"]["publisher"].clone();
    assert_eq!(publisher["display-name"], "Ann Other");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_catalogue_with_files_of_its_own_goes_out_and_comes_back() {
    let store = Store::new().await;
    let snap = everyday("lumen-notes", "1");
    store.push(&snap, "stable");
    let documents = store.done(&["catalogue", "export"]);
    assert!(documents.contains(r#""url":null"#), "{documents}");
    let other = Store::new().await;
    let file = other.file("catalogue.jsonl", documents.as_bytes());
    other.done(&["catalogue", "import", &file]);
    assert_eq!(other.done(&["catalogue", "export"]), documents);
    // The file is told of, and is not at hand until it is pushed there too.
    let app = other.serve(&[]);
    let download = install(&app, "lumen-notes", "stable").await["snap"]["download"].clone();
    assert_eq!(download["sha3-384"], digest(&snap));
    let path = crate::files::path_of(&app, download["url"].as_str().unwrap()).to_owned();
    let received = get(&app, &path, &[]).await;
    assert_eq!((received.status, received.header("retry-after")), (503, Some("1")));
    app.log_with("a file that is given out cannot be read").await;
    other.push(&snap, "stable");
    assert_eq!(fetched(&app, &download).await, snap);
}
