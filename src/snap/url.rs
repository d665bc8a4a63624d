//! Where a file or a picture is.

use crate::snap::Invalid;
use crate::snap::codec::text_codec;
use crate::snap::text::checked_text;
use std::fmt;
use std::str::FromStr;

/// The bytes a URL does not have to encode. A table, for a catalogue holds hundreds of thousands of URLs.
const PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = b'!';
    while byte <= b'~' {
        plain[byte as usize] =
            !matches!(byte, b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}');
        byte += 1;
    }
    plain
};

checked_text!(
    /// An absolute `http` or `https` URL of at most 2,048 visible ASCII characters. snapd needs download URLs
    /// to be absolute (contract 3.4).
    Url,
    "url",
    |text| {
        let Some(rest) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))
        else {
            return Err("an absolute http or https URL");
        };
        if rest.is_empty() || rest.starts_with(['/', '?', '#']) {
            return Err("a URL with a host");
        }
        if text.len() > 2_048 {
            return Err("at most 2,048 characters");
        }
        if !text.bytes().all(|byte| PLAIN[usize::from(byte)]) {
            return Err("no spaces, quotes or other characters a URL has to encode");
        }
        Ok(())
    }
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_absolute_web_addresses_are_urls() {
        assert!("https://store.example/a_1.snap".parse::<Url>().is_ok());
        let bad = ["", "/a", "ftp://a/b", "https://", "https:///a", "https://a b", "https://a/\"x"];
        for bad in bad {
            assert!(bad.parse::<Url>().is_err(), "{bad}");
        }
    }
}
