//! `snapwise assertions export`: what import takes back.

use crate::assertions::account;
use crate::assertions::declaration;
use crate::assertions::run_with_input;
use crate::assertions::said;
use crate::assertions::stream_of;
use crate::assertions::validation_set;
use crate::support::app::snapwise;
use crate::support::database;

#[tokio::test]
async fn what_is_exported_comes_back_as_it_was() {
    let url = database::migrated().await.url;
    let texts = [
        account("ann"),
        account("bob"),
        declaration(1, 0),
        declaration(3, 0),
        declaration(2, 1),
        validation_set(1, 4),
        validation_set(2, 0),
    ];
    let mut mixed = texts.clone();
    mixed.reverse();
    let import = ["assertions", "import", "-"];
    assert!(run_with_input(&url, &import, &stream_of(&mixed)).status.success());
    let exported = snapwise(&url, &["assertions", "export"]).output().unwrap();
    assert!(exported.status.success(), "{}", said(&exported));
    let text = String::from_utf8(exported.stdout).unwrap();
    assert_eq!(text, stream_of(&texts));

    let copy = database::migrated().await.url;
    assert!(run_with_input(&copy, &import, &text).status.success());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("all.assert");
    let again = ["assertions", "export", path.to_str().unwrap()];
    assert!(snapwise(&copy, &again).output().unwrap().status.success());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);

    let one = ["assertions", "export", "--type", "account"];
    let exported = snapwise(&copy, &one).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&exported.stdout), stream_of(&texts[..2]));
}

#[tokio::test]
async fn nothing_is_a_good_stream() {
    let url = database::migrated().await.url;
    let exported = snapwise(&url, &["assertions", "export", "-"]).output().unwrap();
    assert_eq!((exported.status.success(), exported.stdout.len()), (true, 0));
    let imported = run_with_input(&url, &["assertions", "import", "-"], "");
    assert!(imported.status.success());
    assert!(said(&imported).contains("read 0: 0 added"));
}
