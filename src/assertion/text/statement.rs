//! A signed text in the form of assertions, whatever its type.

use crate::assertion::Flaw;
use crate::assertion::Headers;
use crate::assertion::text::Parts;
use std::ops::Range;
use std::str::FromStr;

/// A signed text in the form of assertions. Neither its type nor its signature was looked at.
#[derive(Debug)]
pub struct Statement {
    parts: Parts,
    text: String,
}

impl Statement {
    /// What it says.
    pub fn headers(&self) -> &Headers {
        &self.parts.headers
    }

    /// What stands between the headers and the signature; mostly nothing.
    pub fn body(&self) -> &str {
        self.stretch(self.parts.body.clone())
    }

    /// What the signature signs: headers and body, without the empty line behind them.
    pub fn content(&self) -> &str {
        let body = &self.parts.body;
        let end = if body.is_empty() { body.start - 2 } else { body.end };
        self.stretch(0..end)
    }

    /// The signature, as it stands in the text.
    pub fn signature(&self) -> &str {
        self.stretch(self.parts.signature.clone())
    }

    fn stretch(&self, place: Range<usize>) -> &str {
        self.text.get(place).expect("line feeds are around each part")
    }
}

/// A text that is one statement and nothing else but line feeds at its end.
impl FromStr for Statement {
    type Err = Flaw;

    fn from_str(text: &str) -> Result<Self, Flaw> {
        Ok(Self { parts: Parts::of_whole(text)?, text: text.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assertion::text::MAX_HEAD;
    use proptest::prelude::*;

    #[test]
    fn a_statement_is_taken_apart() {
        let text = "type: serial\nbody-length: 7\ngrades:\n  - one\n  - two\ndevice-key:\n    AB\n    CD\n\
                    store: acme\n\nb\n\nod y\n\nSIGN\nATUR\n";
        let read: Statement = text.parse().unwrap();
        let header = |name: &str| read.headers().text(name);
        assert_eq!((header("type"), header("device-key")), (Some("serial"), Some("AB\nCD")));
        assert_eq!((header("grades"), header("store")), (None, Some("acme")));
        assert_eq!((read.body(), read.signature()), ("b\n\nod y", "SIGN\nATUR"));
        assert!(text.starts_with(read.content()) && read.content().ends_with("od y"));
        let plain: Statement = "type: device-session-request\n\nSIGN".parse().unwrap();
        let parts = (plain.content(), plain.body(), plain.signature());
        assert_eq!(parts, ("type: device-session-request", "", "SIGN"));
        let empty: Statement = "type: x\nbody-length: 0\n\nSIGN\n\n".parse().unwrap();
        assert_eq!((empty.content(), empty.body()), ("type: x\nbody-length: 0", ""));
    }

    #[test]
    fn what_is_no_statement_is_refused() {
        for bad in [
            "",
            "type: model",
            "type: model\n\n",
            "type: model\n\n\n",
            "type: model\n\nSIGN\n\nSIGN",
            "type: model\n\nSI N",
            "type model\n\nSIGN",
            "Type: model\n\nSIGN",
            ": model\n\nSIGN",
            "type:\n\nSIGN",
            "type: model\n  - x\n\nSIGN",
            " type: model\n\nSIGN",
            "type: model\ntype: model\n\nSIGN",
            "grades:\n  - x\ngrades:\n  - y\n\nSIGN",
            "type: model\nbody-length: x\n\nSIGN",
            "type: model\nbody-length: 9\n\nbody\n\nSIGN",
            "type: model\nbody-length: 3\n\nbody\n\nSIGN",
            "type: model\nbody-length: 1\n\né\n\nSIGN",
        ] {
            assert!(bad.parse::<Statement>().is_err(), "{bad}");
        }
        let long = |n: usize| format!("type: {}\n\nSIGN", "x".repeat(n)).parse::<Statement>();
        assert!(long(MAX_HEAD - 8).is_ok() && long(MAX_HEAD).is_err());
    }

    proptest! {
        #[test]
        fn whatever_is_read_is_all_of_the_text(text in "([a-c]{1,2}: (\\PC|\n){0,9}|body-length: [0-9]|\n|SIGN|é){0,9}") {
            if let Ok(read) = text.parse::<Statement>() {
                let length = read.content().len() + 2 + read.signature().len();
                prop_assert_eq!(text.trim_end_matches('\n').len(), length);
                prop_assert!(text.starts_with(read.content()));
                prop_assert!(read.content().ends_with(read.body()));
            }
        }
    }
}
