//! The files of the simulated snaps, and what is asserted of them.
//!
//! A file follows from its snap and revision. The assertions have the form of real ones and the chain of real ones, up
//! to a key that signed itself; their signatures are none.

use crate::simulator::answer::Answer;
use crate::simulator::respond::Asked;
use crate::simulator::world::World;
use crate::snap::Download;
use crate::snap::FileName;
use crate::snap::FileSize;
use crate::snap::Label;
use crate::snap::Listing;
use crate::snap::Revision;
use crate::snap::Sha3;
use crate::snap::SnapId;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use hyper::StatusCode;
use hyper::header::CONTENT_RANGE;
use hyper::header::CONTENT_TYPE;
use hyper::header::HeaderValue;
use sha2::Digest;
use sha2::Sha256;
use sha3::Sha3_384;
use std::fmt::Write;

/// What stands before the name of a file, and before the type of an assertion.
pub(super) const DOWNLOAD: &str = "/api/v1/snaps/download/";
pub(super) const ASSERTIONS: &str = "/v2/assertions/";

/// Whose keys sign what is asserted.
const BRAND: &str = "simulated";
const STORE_KEY: &str = "simulated-store-key";
const ROOT_KEY: &str = "simulated-root-key";
/// Whose a snap is that does not say.
const NOBODY: &str = "simulated-publisher";

/// A file of a snap, as far as assertions speak of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    pub(super) revision: Revision,
    sha3_384: Sha3,
    size_bytes: u64,
}

/// The content of a revision: some KiB.
fn content(id: SnapId, revision: Revision) -> Vec<u8> {
    let seed = Sha256::digest(format!("{id}/{revision}"));
    let n = 64 + usize::from(seed[0]) * 16;
    let mut content = Vec::with_capacity(n * seed.len());
    for number in 0..n {
        content.extend(seed.iter().map(|byte| byte.wrapping_add(number.to_le_bytes()[0])));
    }
    content
}

/// Lets every revision have a file that is there, and nothing beside it; gives what is known of the files.
pub(super) fn give_files(listing: &mut Listing) -> Vec<Known> {
    listing.deltas.clear();
    let id = listing.id;
    let known = listing.packages.iter_mut().map(|package| {
        package.resources.clear();
        let content = content(id, package.revision);
        let sha3_384 = Sha3::new(Sha3_384::digest(&content).into());
        let size_bytes = content.len() as u64;
        let size = FileSize::new(size_bytes).expect("it is not empty");
        package.download = Download { size, sha3_384, ..package.download.clone() };
        Known { revision: package.revision, sha3_384, size_bytes }
    });
    known.collect()
}

/// A file, or what of it was asked for.
pub(super) fn download(world: &World, asked: &Asked) -> Answer {
    let name = asked.path.strip_prefix(DOWNLOAD).and_then(|name| name.parse().ok());
    let found = match name {
        Some(FileName::Package { id, revision }) => world
            .by_id(id)
            .filter(|snap| snap.files.iter().any(|known| known.revision == revision))
            .map(|snap| content(snap.id(), revision)),
        _ => None,
    };
    let Some(content) = found else {
        return Answer::refusal(StatusCode::NOT_FOUND, "resource-not-found", "no such file");
    };
    let size = content.len();
    let first = asked.header("range").and_then(|range| {
        let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
        let last = if last.is_empty() { size } else { last.parse::<usize>().ok()? + 1 };
        Some((first.parse::<usize>().ok()?, last.min(size)))
    });
    let content = Bytes::from(content);
    let mut answer = match first.filter(|(first, last)| first < last) {
        None => Answer::bytes(content),
        Some((first, last)) => {
            let mut part = Answer::bytes(content.slice(first..last));
            part.status = StatusCode::PARTIAL_CONTENT;
            let range = format!("bytes {first}-{}/{size}", last - 1);
            let range = HeaderValue::from_str(&range).expect("words and digits");
            part.headers.insert(CONTENT_RANGE, range);
            part
        }
    };
    answer.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    answer
}

/// An assertion.
pub(super) fn assertion(world: &World, asked: &Asked) -> Answer {
    let path = asked.path.strip_prefix(ASSERTIONS).unwrap_or_default();
    let parts: Vec<&str> = path.split('/').collect();
    let text = match parts[..] {
        ["snap-revision", digest] | ["snap-revision", digest, "global-upload"] => {
            revision(world, digest)
        }
        ["snap-declaration", "16", id] => declaration(world, id),
        ["account", id] => Some(account(id)),
        ["account-key", STORE_KEY] => Some(key(STORE_KEY)),
        ["account-key", ROOT_KEY] => Some(key(ROOT_KEY)),
        _ => None,
    };
    let Some(text) = text else {
        return Answer::refusal(StatusCode::NOT_FOUND, "not-found", "no such assertion");
    };
    let mut answer = Answer::bytes(text);
    let kind = HeaderValue::from_static("application/x.ubuntu.assertion");
    answer.headers.insert(CONTENT_TYPE, kind);
    answer
}

fn revision(world: &World, digest: &str) -> Option<String> {
    for snap in world.snaps() {
        let is_it = |known: &&Known| URL_SAFE_NO_PAD.encode(known.sha3_384.bytes()) == digest;
        if let Some(known) = snap.files.iter().find(is_it) {
            return Some(written(
                "snap-revision",
                STORE_KEY,
                &[
                    ("snap-sha3-384", digest),
                    ("snap-id", snap.id().as_str()),
                    ("snap-revision", &known.revision.to_string()),
                    ("snap-size", &known.size_bytes.to_string()),
                    ("developer-id", publisher(snap.publisher.as_ref())),
                ],
            ));
        }
    }
    None
}

fn declaration(world: &World, id: &str) -> Option<String> {
    let snap = world.by_id(id.parse().ok()?)?;
    Some(written(
        "snap-declaration",
        STORE_KEY,
        &[
            ("series", "16"),
            ("snap-id", id),
            ("snap-name", snap.name().as_str()),
            ("publisher-id", publisher(snap.publisher.as_ref())),
        ],
    ))
}

fn publisher(known: Option<&Label>) -> &str {
    known.map_or(NOBODY, Label::as_str)
}

fn account(id: &str) -> String {
    let signer = if id == BRAND { ROOT_KEY } else { STORE_KEY };
    written("account", signer, &[("account-id", id), ("display-name", "Somebody")])
}

fn key(digest: &str) -> String {
    written(
        "account-key",
        ROOT_KEY,
        &[("public-key-sha3-384", digest), ("account-id", BRAND), ("name", "store")],
    )
}

fn written(kind: &str, signer: &str, headers: &[(&str, &str)]) -> String {
    let mut text = format!("type: {kind}\nauthority-id: {BRAND}\n");
    for (name, value) in headers {
        writeln!(text, "{name}: {value}").expect("a string takes all");
    }
    write!(
        text,
        "timestamp: 2026-01-01T00:00:00Z\nsign-key-sha3-384: {signer}\n\nAXNpbXVsYXRlZA==\n"
    )
    .expect("a string takes all");
    text
}
