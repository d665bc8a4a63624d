//! What an operator sent: a decision in a body, or what one is about in a query.

use crate::editorial::Decision;
use crate::http::asked::Asked;
use crate::http::problem::CodedFault;
use crate::http::problem::Problem;
use crate::http::route::decode;
use crate::refresh::Fault;
use crate::snap::Architecture;
use crate::snap::Channel;
use crate::snap::Revision;
use serde::Deserialize;
use std::borrow::Cow;

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
        faults.push(Fault { pointer: pointer.to_owned(), message });
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
    let query = Query::of(query, &["channel", "architecture", "revision"])?;
    let revision = query.read("revision", "a revision", |text| text.parse::<Revision>().ok())?;
    let channel = query.read("channel", "a channel", |text| text.parse::<Channel>().ok())?;
    let architecture =
        query.read("architecture", "an architecture", |text| text.parse::<Architecture>().ok())?;
    match (channel, revision, architecture) {
        (Some(channel), None, architecture) => Ok(Decision::Release { channel, architecture }),
        (None, Some(revision), None) => Ok(Decision::Unblock(revision)),
        _ => Err(bad("", "either channel, perhaps with architecture, or revision is needed")),
    }
}

/// Nothing may stand in the query.
pub(super) fn nothing(query: &str) -> Result<(), Problem> {
    Query::of(query, &[]).map(drop)
}

/// The parameters of a query, each known and there once.
pub(super) struct Query<'q>(Vec<(Cow<'q, str>, Cow<'q, str>)>);

impl<'q> Query<'q> {
    pub(super) fn of(query: &'q str, known: &[&'static str]) -> Result<Self, Problem> {
        let mut pairs: Vec<(Cow<'q, str>, Cow<'q, str>)> = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decode(name);
            let Some(known) = known.iter().find(|known| **known == name) else {
                return Err(bad("", "there is a parameter that this path does not take"));
            };
            if pairs.iter().any(|(earlier, _)| *earlier == *known) {
                return Err(bad(known, "this may be given once"));
            }
            pairs.push((name, decode(value)));
        }
        Ok(Self(pairs))
    }

    /// The value of a parameter, as `parse` reads it; what it finds nothing in is refused as not `what`.
    pub(super) fn read<T>(
        &self,
        name: &str,
        what: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, Problem> {
        let Some((_, value)) = self.0.iter().find(|(known, _)| known == name) else {
            return Ok(None);
        };
        parse(value).map(Some).ok_or_else(|| bad(name, &format!("this is not {what}")))
    }
}

fn bad(name: &str, message: &str) -> Problem {
    let (message, pointer) = (message.to_owned(), format!("query:{name}"));
    Problem::Refused(vec![CodedFault { code: "bad-argument", message, pointer }])
}
