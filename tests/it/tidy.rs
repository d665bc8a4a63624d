//! The house stays as it is drawn: imports go down, files stay short, rooms are known.

use std::collections::BTreeSet;
use std::path::Path;
use std::path::PathBuf;

/// The floors, lowest first; on a floor, rooms do not know each other.
const FLOORS: &[&[&str]] = &[
    &["assertion", "snap"],
    &["credentials", "device", "ranking"],
    &["backstore", "blobs", "catalogue", "db", "postgres", "program", "published", "upstream"],
    &["adoption", "chain", "editorial", "exchange", "find", "holding", "refresh"],
    // What an upstream store says of a snap's channels is a catalogue document.
    &["collector", "deltas", "mirror", "push"],
    &["http", "jobs", "simulator"],
    &["app"],
];

/// The wall of a file, in lines.
const WALL: usize = 500;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

fn floor(room: &str) -> Option<usize> {
    FLOORS.iter().position(|rooms| rooms.contains(&room))
}

/// The room a source file is in.
fn room_of(path: &Path) -> String {
    let inside = path.strip_prefix(root().join("src")).unwrap();
    let first = inside.components().next().unwrap().as_os_str().to_str().unwrap();
    first.trim_end_matches(".rs").to_owned()
}

/// Every import that does not go down, as `file:line: room → room`.
fn wrong_imports(files: &[(PathBuf, String)]) -> Vec<String> {
    let mut wrong = Vec::new();
    for (path, text) in files {
        let own = room_of(path);
        let Some(own_floor) = floor(&own) else { continue };
        for (number, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap();
            for named in code.split("crate::").skip(1) {
                let other: String = named
                    .chars()
                    .take_while(|char| char.is_alphanumeric() || *char == '_')
                    .collect();
                let goes_down =
                    other == own || floor(&other).is_some_and(|floor| floor < own_floor);
                // A macro of another crate names that crate's own `$crate`.
                if !goes_down && !other.is_empty() {
                    wrong.push(format!("{}:{}: {own} → {other}", path.display(), number + 1));
                }
            }
        }
    }
    wrong
}

fn files() -> Vec<(PathBuf, String)> {
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).unwrap();
        (path, text)
    };
    sources(&root().join("src")).into_iter().map(read).collect()
}

#[test]
fn imports_go_down() {
    let wrong = wrong_imports(&files());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_import_up_or_sideways_is_named() {
    let file = |name: &str, text: &str| (root().join("src").join(name), text.to_owned());
    let files = [
        file("snap/a.rs", "use crate::db::Database;"),
        file("db/b.rs", "\nuse crate::catalogue::Catalogue;"),
        file("http/c.rs", "use crate::snap::Channel; // crate::app"),
    ];
    let wrong = wrong_imports(&files);
    assert_eq!(wrong.len(), 2, "{wrong:?}");
    assert!(wrong[0].ends_with("snap/a.rs:1: snap → db"));
    assert!(wrong[1].ends_with("db/b.rs:2: db → catalogue"));
}

#[test]
fn every_room_has_its_floor() {
    let rooms: BTreeSet<_> = files().iter().map(|(path, _)| room_of(path)).collect();
    let unknown: Vec<_> = rooms
        .iter()
        .filter(|room| !["lib", "main"].contains(&room.as_str()) && floor(room).is_none())
        .collect();
    assert!(unknown.is_empty(), "rooms without a floor: {unknown:?}");
    let known = FLOORS.iter().flat_map(|rooms| rooms.iter());
    let gone: Vec<_> = known.filter(|room| !rooms.contains(**room)).collect();
    assert!(gone.is_empty(), "floors name rooms that are not there: {gone:?}");
}

#[test]
fn no_file_passes_the_wall() {
    let all = ["src", "tests", "benches"].iter().flat_map(|dir| sources(&root().join(dir)));
    for path in all {
        let n = std::fs::read_to_string(&path).unwrap().lines().count();
        assert!(n <= WALL, "{} has {n} lines", path.display());
    }
}
