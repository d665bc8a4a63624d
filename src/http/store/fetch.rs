//! Which assertions a device lacks, and where it gets them (contract 4.3).
//!
//! What we hold comes in streams. What we do not hold, and the store behind us may, has a URL of its own each, the one
//! it has for who asks for it alone: whoever follows it waits for that store, and nobody here does.

use crate::assertion::Key;
use crate::assertion::Kind;
use crate::backstore::Backstore;
use crate::backstore::Sequence;
use crate::backstore::Wanted;
use crate::http::freshness::Freshness;
use crate::http::json;
use crate::http::public_base::Base;
use crate::http::store::Outcome;
use crate::http::store::assertion_stream;
use crate::http::store::assertion_stream::MAX_WISHES;
use crate::http::store::assertion_stream::Wish;
use crate::http::store::assertions::assertion_address;
use crate::http::store::assertions::due;
use crate::http::store::fetch_sent::AssertionSent;
use crate::http::store::fetch_sent::Group;
use crate::http::store::fetch_wire::FormatsWire;
use crate::http::store::wire::Text;
use std::collections::HashSet;
use tokio::time::Instant;

/// The word for it, in action and result.
pub(super) const WORD: &str = "fetch-assertions";

/// Everything that may be said of a group, for counting.
pub(in crate::http) const CODES: [&str; 5] = [
    "nothing",
    "not-found",
    "invalid-request",
    "missing-fetch-assertions-key",
    "duplicate-fetch-assertions-key",
];

/// The most failures that are told of one group; a single one voids it.
const MAX_FAILURES: usize = 100;

/// The most assertions of one request that the store behind us is to be asked for: each is a request of the device, and
/// its URL a part of the answer. A device with a hundred snaps that are all new to us asks for some three hundred.
const MAX_BEHIND: usize = 1_000;

/// What is said of an assertion that we do not hold.
#[derive(Debug, Clone, Copy)]
pub(in crate::http) enum Unheld<'r> {
    /// That there is none.
    IsNot,
    /// Where the store behind us is asked for it; and for what is held of that store, and not fresh.
    IsAskedFor(&'r Freshness),
}

/// What became of a group.
#[derive(Debug)]
pub(super) struct Fetched<'w> {
    key: &'w str,
    urls: Vec<String>,
    failures: Vec<Failure<'w>>,
}

/// Why a group cannot be fetched.
#[derive(Debug)]
struct Failure<'w> {
    code: &'static str,
    message: &'static str,
    /// The assertion it is about, if it is about one.
    about: Option<&'w AssertionSent<'w>>,
}

/// Where a device gets an assertion that it lacks.
enum Lacking {
    /// In a stream of what we hold.
    Held(Wish),
    /// At this path of ours, from the store behind us.
    Behind(String),
    /// There too, for there may be a newer one; and what it lacks of what we hold.
    Anew(String, Option<Wish>),
}

/// What became of each group, in their order. The URLs begin with `base`.
pub(super) fn fetch<'w>(
    (backstore, unheld): (&Backstore, Unheld<'_>),
    groups: &'w [(usize, Group<'w>)],
    formats: &FormatsWire<'_>,
    base: &Base<'_>,
) -> Vec<Fetched<'w>> {
    let mut keys = HashSet::with_capacity(groups.len());
    let mut fetched = Vec::with_capacity(groups.len());
    let mut n_behind = 0;
    for (_, group) in groups {
        let mut failures = Vec::new();
        let mut refuse = |code, message| failures.push(Failure { code, message, about: None });
        match group.key {
            None => refuse("missing-fetch-assertions-key", "the group has no key"),
            Some(key) if !keys.insert(key) => {
                refuse("duplicate-fetch-assertions-key", "an earlier group has the same key");
            }
            Some(_) => {}
        }
        let (mut wishes, mut behind) = (Vec::new(), Vec::new());
        for sent in &group.assertions {
            match decide((backstore, unheld), formats, sent) {
                Ok(Some(Lacking::Held(wish))) => wishes.push(wish),
                Ok(Some(Lacking::Behind(path) | Lacking::Anew(path, _)))
                    if n_behind < MAX_BEHIND =>
                {
                    n_behind += 1;
                    behind.push(path);
                }
                Ok(Some(Lacking::Behind(_))) => {
                    let message =
                        "it is not held here, and too many are that are asked for at once";
                    failures.push(Failure { code: "not-found", message, about: Some(sent) });
                }
                Ok(Some(Lacking::Anew(_, wish))) => wishes.extend(wish),
                Ok(None) => {}
                Err((code, message)) => failures.push(Failure { code, message, about: Some(sent) }),
            }
            if failures.len() == MAX_FAILURES {
                break;
            }
        }
        let mut urls = Vec::new();
        if failures.is_empty() {
            let paths = wishes.chunks(MAX_WISHES).map(assertion_stream::path).chain(behind);
            urls.extend(paths.map(|path| base.text().to_owned() + &path));
        }
        fetched.push(Fetched { key: group.key.unwrap_or_default(), urls, failures });
    }
    fetched
}

/// What the device gets of an assertion: nothing, when it has the newest.
fn decide(
    (backstore, unheld): (&Backstore, Unheld<'_>),
    formats: &FormatsWire<'_>,
    sent: &AssertionSent<'_>,
) -> Result<Option<Lacking>, (&'static str, &'static str)> {
    let not_found = ("not-found", "no such assertion");
    let kind = Kind::of_name(sent.kind).ok_or(not_found)?;
    let invalid = |rule| ("invalid-request", rule);
    let mut parts = sent.parts;
    let mut sequence = sent.sequence;
    match (kind.is_sequence(), sent.is_sequence_key) {
        (true, false) => {
            let (last, before) = parts.split_last().ok_or(invalid("the key has too few parts"))?;
            let number = last.as_str().parse().ok().filter(|number| *number > 0);
            parts = before;
            sequence = Sequence::Exactly(number.ok_or(invalid("the sequence is no number"))?);
        }
        (false, true) => return Err(invalid("assertions of this type form no sequence")),
        _ => {}
    }
    let key = Key::new(kind, parts.iter().map(Text::as_str)).map_err(invalid)?;
    let max_format = formats.of(kind.name());
    let wanted = Wanted { sequence, max_format: Some(max_format) };
    let Some(held) = backstore.find(&key, wanted) else {
        // Who has one already lacks nothing: what is newer is not there, or not in a format that is understood.
        let has_one = sent.has_revision.is_some() || matches!(sequence, Sequence::Behind(_));
        return match unheld {
            _ if has_one && backstore.knows(&key) => Ok(None),
            Unheld::IsNot => Err(not_found),
            Unheld::IsAskedFor(_) => Ok(Some(Lacking::Behind(assertion_address(&key, wanted)))),
        };
    };
    let is_later = matches!(sequence, Sequence::AtLeast(number) if held.sequence > number)
        || matches!(sequence, Sequence::Behind(_));
    let is_newer = sent.has_revision.is_none_or(|revision| held.revision > revision);
    let wish = Wish { key: key.id(), sequence: held.sequence, max_format };
    let wish = (is_later || is_newer).then_some(wish);
    // The clock is only looked at for what came from the store behind us.
    if let Unheld::IsAskedFor(freshness) = unheld
        && held.in_passing
        && let Some(path) = due(freshness, (&key, wanted), held, Instant::now())
    {
        return Ok(Some(Lacking::Anew(path, wish)));
    }
    Ok(wish.map(Lacking::Held))
}

impl Fetched<'_> {
    /// What became of it, for counting.
    pub(super) fn outcome(&self) -> Outcome {
        let what = match self.failures.first() {
            Some(failure) => failure.code,
            None if self.urls.is_empty() => "nothing",
            None => "offer",
        };
        Outcome { word: WORD, what }
    }

    /// Appends the result.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"assertion-stream-urls\":");
        json::list(out, &self.urls, |out, url| json::string(out, url));
        if !self.failures.is_empty() {
            out.extend_from_slice(b",\"error-list\":");
            json::list(out, &self.failures, |out, failure| failure.write(out));
        }
        out.extend_from_slice(b",\"key\":");
        json::string(out, self.key);
        out.extend_from_slice(b",\"result\":\"fetch-assertions\"}");
    }
}

impl Failure<'_> {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"code\":");
        json::string(out, self.code);
        out.extend_from_slice(b",\"message\":");
        json::string(out, self.message);
        if let Some(sent) = self.about {
            let member: &[u8] =
                if sent.is_sequence_key { b",\"sequence-key\":" } else { b",\"primary-key\":" };
            out.extend_from_slice(member);
            json::list(out, sent.parts, |out, part| json::string(out, part.as_str()));
            out.extend_from_slice(b",\"type\":");
            json::string(out, sent.kind);
        }
        out.push(b'}');
    }
}
