//! What an operator sent: a decision in a body, or what one is about in a query.

use crate::editorial::Decision;
use crate::http::asked::Asked;
use crate::http::parameters::Query;
use crate::http::problem::Problem;
use crate::refresh::Fault;
use crate::snap::Architecture;
use crate::snap::Channel;
use crate::snap::Revision;
use serde::Deserialize;

/// The largest body in bytes: a decision is a line.
const MAX_BODY_BYTES: usize = 4 * 1_024;

/// As sent: `channel` and `revision`, perhaps for one `architecture`, or `block` alone.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    channel: Option<String>,
    revision: Option<i64>,
    architecture: Option<String>,
    block: Option<i64>,
}

/// The decision that the body holds, or everything that is wrong with it.
pub(super) fn decision(asked: &Asked<'_>) -> Result<Decision, Problem> {
    nothing(asked.query)?;
    if asked.body.len() > MAX_BODY_BYTES {
        return Err(Problem::TooLarge(MAX_BODY_BYTES));
    }
    // The parser's words are not repeated: they may show what was sent.
    let expected =
        r#"expected an object such as {"channel": "stable", "revision": 10} or {"block": 10}"#;
    let wire: Wire = serde_json::from_slice(asked.body).map_err(|_| Problem::body("", expected))?;
    let mut faults = Vec::new();
    let mut wrong = |pointer: &str, message: String| {
        faults.push(Fault { pointer: pointer.to_owned(), message: message.into() });
    };
    let revision = |number: i64| Revision::new(number).map_err(|invalid| invalid.to_string());
    let decision = match wire {
        Wire { channel: None, revision: None, architecture: None, block: Some(number) } => {
            match revision(number) {
                Ok(revision) => Some(Decision::Block(revision)),
                Err(message) => {
                    wrong("/block", message);
                    None
                }
            }
        }
        Wire { channel: Some(channel), revision: Some(number), architecture, block: None } => {
            let channel = channel.parse::<Channel>();
            let channel = channel.map_err(|invalid| wrong("/channel", invalid.to_string())).ok();
            let revision = revision(number).map_err(|message| wrong("/revision", message)).ok();
            let architecture = architecture.map(|text| text.parse::<Architecture>()).transpose();
            let architecture =
                architecture.map_err(|invalid| wrong("/architecture", invalid.to_string())).ok();
            channel.zip(revision).zip(architecture).map(|((channel, revision), architecture)| {
                Decision::Override { channel, revision, architecture }
            })
        }
        _ => {
            wrong("", expected.to_owned());
            None
        }
    };
    decision.ok_or(Problem::BadBody(faults))
}

/// What is to be taken back: the override of a channel, or the block of a revision.
pub(super) fn deletion(query: &str) -> Result<Decision, Problem> {
    let mut query = Query::new(query, &["channel", "architecture", "revision"]);
    let (is_channel, is_revision) = (query.has("channel"), query.has("revision"));
    if is_channel == is_revision || is_revision && query.has("architecture") {
        let needed = "needed is a channel, perhaps with an architecture, or a revision";
        query.refuse("missing-parameter", needed);
    }
    let told = ("bad-channel", "this is not a channel such as stable or 2.0/beta");
    let channel = query.read("channel", told, |text| text.parse::<Channel>().ok());
    let told = ("bad-architecture", "this is not an architecture such as amd64 or all");
    let architecture = query.read("architecture", told, |text| text.parse::<Architecture>().ok());
    let told = ("bad-revision", "a revision is a whole number from 1 to 2147483647");
    let revision = query.read("revision", told, |text| text.parse::<Revision>().ok());
    query.checked()?;
    Ok(match (channel, revision) {
        (Some(channel), _) => Decision::Release { channel, architecture },
        (None, revision) => Decision::Unblock(revision.expect("one of the two is there")),
    })
}

/// Nothing may stand in the query.
pub(super) fn nothing(query: &str) -> Result<(), Problem> {
    Query::new(query, &[]).checked()
}
