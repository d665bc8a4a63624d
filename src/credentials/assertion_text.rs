//! An assertion as text: headers, perhaps a body, a signature. Only what sessions need is read here.

use std::collections::BTreeMap;

/// The longest assertion of a session request: a model may list some hundred snaps.
const MAX_TEXT: usize = 256 * 1_024;
/// The most headers; a model has about twenty.
const MAX_HEADERS: usize = 128;

/// What is wrong with the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the text of an assertion: {0}")]
pub struct InvalidAssertion(&'static str);

/// The parts of an assertion's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AssertionText<'t> {
    headers: BTreeMap<&'t str, String>,
    /// What its signature signs.
    pub(super) content: &'t str,
    /// What stands between headers and signature; empty for most.
    pub(super) body: &'t str,
    /// As it stands in the text.
    pub(super) signature: &'t str,
}

impl<'t> AssertionText<'t> {
    /// Takes a text apart. Headers that hold lists or maps are passed over.
    ///
    /// # Errors
    /// With the first rule that it breaks.
    pub(super) fn parse(text: &'t str) -> Result<Self, InvalidAssertion> {
        if text.len() > MAX_TEXT {
            return Err(InvalidAssertion("at most 256 KiB"));
        }
        let apart = || text.split_once("\n\n");
        let (head, rest) = apart().ok_or(InvalidAssertion("no empty line before a signature"))?;
        let headers = headers(head)?;
        let length = headers.get("body-length").map_or(Ok(0), |length| length.parse::<usize>());
        let length = length.map_err(|_| InvalidAssertion("body-length is no number"))?;
        let (body, signature, end) = if length == 0 {
            ("", rest, head.len())
        } else {
            let body = rest.split_at_checked(length).and_then(|(body, behind)| {
                let signature = behind.strip_prefix("\n\n")?;
                Some((body, signature, head.len() + 2 + length))
            });
            body.ok_or(InvalidAssertion("the body is not as long as body-length says"))?
        };
        let signature = signature.trim_end_matches('\n');
        if signature.is_empty() || signature.contains("\n\n") {
            return Err(InvalidAssertion("one signature behind the last empty line"));
        }
        let content = text.get(..end).ok_or(InvalidAssertion("a body that is text"))?;
        Ok(Self { headers, content, body, signature })
    }

    /// The value of a header that is a text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

/// `name: value`, or `name:` and the lines of its value, each four blanks further in.
fn headers(head: &str) -> Result<BTreeMap<&str, String>, InvalidAssertion> {
    let mut headers = BTreeMap::new();
    let mut lines = head.split('\n').peekable();
    while let Some(line) = lines.next() {
        let (name, value) = line.split_once(':').ok_or(InvalidAssertion("a header without :"))?;
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if name.is_empty() || !name.bytes().all(plain) {
            return Err(InvalidAssertion("names of headers are small letters, digits and dashes"));
        }
        let mut further = Vec::new();
        while let Some(line) = lines.next_if(|line| line.starts_with(' ')) {
            further.push(line);
        }
        let value = match (value.strip_prefix(' '), further.as_slice()) {
            (Some(value), []) if !value.is_empty() => Some(value.to_owned()),
            (None, [_, ..]) if value.is_empty() => {
                let own: Option<Vec<_>> =
                    further.iter().map(|line| line.strip_prefix("    ")).collect();
                own.map(|lines| lines.join("\n"))
            }
            _ => return Err(InvalidAssertion("a header is a line, or lines further in")),
        };
        let is_known = headers.contains_key(name);
        if is_known || headers.len() >= MAX_HEADERS {
            return Err(InvalidAssertion("each header once, and at most 128"));
        }
        // A list is known by its name alone, so that it cannot come twice, and reads as no value.
        headers.insert(name, value.unwrap_or_default());
    }
    headers.retain(|_, value| !value.is_empty());
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_assertion_is_taken_apart() {
        let text = "type: serial\nbody-length: 7\ngrades:\n  - one\n  - two\ndevice-key:\n    AB\n    CD\n\
                    store: acme\n\nb\n\nod y\n\nSIG\nNATURE\n";
        let read = AssertionText::parse(text).unwrap();
        assert_eq!(read.header("type"), Some("serial"));
        assert_eq!(read.header("device-key"), Some("AB\nCD"));
        assert_eq!(read.header("grades"), None);
        assert_eq!(read.header("store"), Some("acme"));
        assert_eq!((read.body, read.signature), ("b\n\nod y", "SIG\nNATURE"));
        assert!(text.starts_with(read.content) && read.content.ends_with("od y"));
        let plain = AssertionText::parse("type: model\n\nSIG").unwrap();
        assert_eq!((plain.content, plain.body, plain.signature), ("type: model", "", "SIG"));
    }

    #[test]
    fn what_is_no_assertion_is_refused() {
        for bad in [
            "",
            "type: model",
            "type: model\n\n",
            "type: model\n\n\n",
            "type: model\n\nSIG\n\nSIG",
            "type model\n\nSIG",
            "Type: model\n\nSIG",
            ": model\n\nSIG",
            "type:\n\nSIG",
            "type: model\n  - x\n\nSIG",
            " type: model\n\nSIG",
            "type: model\ntype: model\n\nSIG",
            "grades:\n  - x\ngrades:\n  - y\n\nSIG",
            "type: model\nbody-length: x\n\nSIG",
            "type: model\nbody-length: 9\n\nbody\n\nSIG",
            "type: model\nbody-length: 3\n\nbody\n\nSIG",
            "type: model\nbody-length: 1\n\né\n\nSIG",
        ] {
            assert!(AssertionText::parse(bad).is_err(), "{bad}");
        }
        let long = format!("type: {}\n\nSIG", "x".repeat(MAX_TEXT));
        assert!(AssertionText::parse(&long).is_err());
        let many: Vec<_> = (0..=MAX_HEADERS).map(|n| format!("a-{n}: x\n")).collect();
        assert!(AssertionText::parse(&format!("{}\nSIG", many.concat())).is_err());
    }
}
