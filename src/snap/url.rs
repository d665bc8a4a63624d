//! Where a file or a picture is.

use crate::snap::Invalid;
use crate::snap::codec::text_codec;
use crate::snap::text::checked_text;
use std::fmt;
use std::str::FromStr;

/// Whether a URL may hold the byte without encoding it.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_graphic()
        & !matches!(byte, b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}')
}

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
        // Without an early end, so that many bytes are looked at at once: a catalogue holds a hundred thousand URLs.
        if !text.bytes().fold(true, |all, byte| all & is_plain(byte)) {
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
