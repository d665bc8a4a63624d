//! Tests of the dry parts of the room.

mod change;
mod document;
mod forms;
mod frames;
mod generate;
mod merge;
mod refusals;

use crate::exchange::Document;
use crate::exchange::Rejection;
use crate::exchange::Statement;
use crate::snap::Instant;
use serde_json::Value;
use serde_json::json;

const ID: &str = "Nn4Qw8Er2Ty6Ui0Op3As7Df1Gh5Jk9Lz";

/// A revision as documents have it, of the bare minimum.
fn revision(number: u32) -> Value {
    json!({
        "download": {
            "sha3-384": "ab".repeat(48),
            "size": 4096,
            "url": format!("https://store.example/{ID}_{number}.snap"),
        },
        "revision": number,
        "version": "1.0",
    })
}

/// An entry of a channel map.
fn entry(number: u32, channel: &str, architecture: &str, released_at: &str) -> Value {
    let mut entry = revision(number);
    entry["channel"] =
        json!({"architecture": architecture, "name": channel, "released-at": released_at});
    entry
}

/// A row of the history; `closed_at` may be null.
fn row(
    number: u32,
    channel: &str,
    architecture: &str,
    released_at: &str,
    closed_at: Option<&str>,
) -> Value {
    json!({
        "architecture": architecture,
        "channel": channel,
        "closed-at": closed_at,
        "released-at": released_at,
        "revision": number,
    })
}

fn document(channel_map: &[Value]) -> Value {
    json!({"name": "lumen-notes", "snap-id": ID, "channel-map": channel_map})
}

fn parse(document: &Value) -> Result<Statement, Rejection> {
    Document::parse(document.to_string().as_bytes())
}

fn parsed(document: &Value) -> Statement {
    parse(document).expect("a good document")
}

fn day(day: u32) -> String {
    format!("2026-05-{day:02}T12:00:00Z")
}

fn instant(text: &str) -> Instant {
    text.parse().expect("a time")
}

/// The releases as text, one a line: `channel architecture revision opened-closed`, times as days of May.
fn told(listing: &crate::snap::Listing) -> Vec<String> {
    let day = |time: Instant| {
        let text = time.to_string();
        text.get(8..10).map(str::to_owned).unwrap_or_default()
    };
    let line = |release: &crate::snap::Release| {
        let closed = release.closed_at.map(day).unwrap_or_default();
        format!(
            "{} {} {} {}-{closed}",
            release.channel,
            release.architecture,
            release.revision,
            day(release.released_at)
        )
    };
    listing.releases.iter().map(line).collect()
}
