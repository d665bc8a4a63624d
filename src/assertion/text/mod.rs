//! One assertion: its text, and what the text says.

mod statement;

pub use statement::Statement;

use crate::assertion::Flaw;
use crate::assertion::Headers;
use crate::assertion::Identity;
use crate::assertion::Key;
use crate::assertion::Kind;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::fmt;
use std::ops::Range;
use std::str::FromStr;

/// The longest assertion, in bytes: what devices take as a body alone.
pub const MAX_BYTES: usize = 2 * 1_024 * 1_024;
/// The longest headers. Snap declarations have the longest, of some KiB.
const MAX_HEAD: usize = 128 * 1_024;
/// The longest signature. One of the largest keys in use takes 1.5 KiB.
const MAX_SIGNATURE: usize = 128 * 1_024;

/// An assertion whose form is that of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assertion {
    identity: Identity,
    headers: Headers,
    body: Range<usize>,
    text: String,
}

impl Assertion {
    /// Which one it is.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// What it says.
    pub fn headers(&self) -> &Headers {
        &self.headers
    }

    /// What stands between the headers and the signature; mostly nothing.
    pub fn body(&self) -> &str {
        self.text.get(self.body.clone()).expect("the body is whole characters of the text")
    }

    /// The whole of it, word for word, with one line feed at the end.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Reads the assertion whose parts were found in these bytes.
    pub(super) fn read(bytes: &[u8], parts: &Parts) -> Result<Self, Flaw> {
        let text = std::str::from_utf8(&bytes[..parts.signature.end]).map_err(|error| {
            let n_lines = count_lines(&bytes[..error.valid_up_to()]);
            Flaw::new(n_lines + 1, "this is not UTF-8")
        })?;
        let headers = parts.headers.clone();
        let identity = identity(&headers)?;
        let mut text = text.to_owned();
        text.push('\n');
        Ok(Self { identity, headers, body: parts.body.clone(), text })
    }
}

impl fmt::Display for Assertion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A text that is one assertion and nothing else but line feeds at its end.
impl FromStr for Assertion {
    type Err = Flaw;

    fn from_str(text: &str) -> Result<Self, Flaw> {
        Self::read(text.as_bytes(), &Parts::of_whole(text)?)
    }
}

/// How many line feeds there are.
pub(super) fn count_lines(bytes: &[u8]) -> u64 {
    bytes.split(|byte| *byte == b'\n').count() as u64 - 1
}

/// Where in a text its parts are.
#[derive(Debug)]
pub(super) struct Parts {
    headers: Headers,
    body: Range<usize>,
    /// The assertion ends with it.
    pub(super) signature: Range<usize>,
}

impl Parts {
    /// The parts of a text that is one assertion and nothing else but line feeds at its end.
    fn of_whole(text: &str) -> Result<Self, Flaw> {
        let parts = Self::find(text.as_bytes())?;
        let end = parts.signature.end;
        let rest = &text.as_bytes()[end..];
        if let Some(n_feeds) = rest.iter().position(|byte| *byte != b'\n') {
            let line = count_lines(&text.as_bytes()[..end + n_feeds]) + 1;
            return Err(Flaw::new(line, "something follows the signature"));
        }
        Ok(parts)
    }

    /// Finds the parts of the assertion that these bytes begin with. Of a longer stream, as much as [`MAX_BYTES`] is
    /// enough.
    pub(super) fn find(bytes: &[u8]) -> Result<Self, Flaw> {
        let head_end = find_gap(bytes, MAX_HEAD).ok_or_else(|| match bytes.len() {
            0..MAX_HEAD => {
                let text = bytes.trim_ascii_end();
                Flaw::new(count_lines(text) + 1, "it breaks off within the headers")
            }
            _ => Flaw::new(1, "the headers take over 128 KiB"),
        })?;
        let head = std::str::from_utf8(&bytes[..head_end]).map_err(|error| {
            Flaw::new(count_lines(&bytes[..error.valid_up_to()]) + 1, "this is not UTF-8")
        })?;
        let headers = Headers::read(head)?;
        let length = number(&headers, "body-length")?.unwrap_or(0) as usize;
        let body_start = head_end + 2;
        let body = body_start..body_start.saturating_add(length);
        let line_of = |place: usize| count_lines(&bytes[..place]) + 1;
        let mut signature_start = body_start;
        if length > 0 {
            if length > MAX_BYTES {
                return Err(Flaw::new(line_of(body_start), "the body takes over 2 MiB"));
            }
            let behind = bytes.get(body.end..body.end + 2);
            if behind != Some(b"\n\n") {
                let what = "the body is not as long as body-length says";
                return Err(Flaw::new(line_of(body_start), what));
            }
            signature_start = body.end + 2;
        }
        let rest = &bytes[signature_start..];
        let length = find_gap(rest, MAX_SIGNATURE).unwrap_or(rest.len());
        let end = signature_start + rest[..length].trim_ascii_end().len();
        if end > signature_start + MAX_SIGNATURE {
            return Err(Flaw::new(line_of(signature_start), "the signature takes over 128 KiB"));
        }
        if end + 1 > MAX_BYTES {
            return Err(Flaw::new(line_of(signature_start), "it takes over 2 MiB"));
        }
        if !is_signature(&bytes[signature_start..end]) {
            return Err(Flaw::new(line_of(signature_start), "the signature is not in base64"));
        }
        Ok(Self { headers, body, signature: signature_start..end })
    }
}

/// Where the first empty line is, as the place of the two line feeds, if it is not further than that.
fn find_gap(bytes: &[u8], within: usize) -> Option<usize> {
    let within = bytes.len().min(within + 2);
    bytes[..within].windows(2).position(|pair| pair == b"\n\n")
}

/// Whether it is base64, perhaps in several lines.
fn is_signature(bytes: &[u8]) -> bool {
    let joined: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != b'\n').collect();
    !joined.is_empty() && STANDARD.decode(joined).is_ok()
}

/// What the headers say the assertion is.
fn identity(headers: &Headers) -> Result<Identity, Flaw> {
    let line_of = |name: &str| line_of(headers, name);
    let wanted = |name: &str| {
        let told = headers.text(name).filter(|text| !text.is_empty());
        told.ok_or_else(|| Flaw::new(line_of(name), format!("the header {name} is missing")))
    };
    let kind = Kind::of_name(wanted("type")?)
        .ok_or_else(|| Flaw::new(line_of("type"), "this type of assertion is not known here"))?;
    wanted("authority-id")?;
    wanted("sign-key-sha3-384")?;
    let mut parts = Vec::new();
    for name in kind.key_headers_before_sequence() {
        match (headers.value(name), kind.last_if_absent()) {
            (None, Some(last)) if kind.key_headers().last() == Some(name) => parts.push(last),
            _ => parts.push(wanted(name)?),
        }
    }
    let key = Key::new(kind, parts).map_err(|rule| {
        let first = kind.key_headers()[0];
        Flaw::new(line_of(first), rule)
    })?;
    let mut sequence = 0;
    if kind.is_sequence() {
        let name = kind.key_headers()[kind.key_headers().len() - 1];
        wanted(name)?;
        sequence = number(headers, name)?.unwrap_or(0);
        if sequence == 0 {
            return Err(Flaw::new(line_of(name), "sequences are counted from 1"));
        }
    }
    let format = number(headers, "format")?.unwrap_or(0);
    let revision = number(headers, "revision")?.unwrap_or(0);
    Ok(Identity { key, sequence, format, revision })
}

/// The whole number of a header, if it is there.
fn number(headers: &Headers, name: &str) -> Result<Option<u32>, Flaw> {
    let Some(value) = headers.value(name) else { return Ok(None) };
    let is_plain = |text: &&str| {
        text.bytes().all(|byte| byte.is_ascii_digit()) && (*text == "0" || !text.starts_with('0'))
    };
    let number = value.as_text().filter(is_plain).and_then(|text| text.parse::<i32>().ok());
    let number = number.and_then(|number| u32::try_from(number).ok());
    number.map(Some).ok_or_else(|| {
        let what = format!("the header {name} is not a whole number of 31 bits");
        Flaw::new(line_of(headers, name), what)
    })
}

/// The line a header begins in; the first, if it is not there.
fn line_of(headers: &Headers, name: &str) -> u64 {
    let before = headers.iter().take_while(|(known, _)| *known != name);
    let lines: u64 = before.map(|(_, value)| value.n_lines()).sum();
    if headers.value(name).is_some() { lines + 1 } else { 1 }
}

#[cfg(test)]
mod tests;
