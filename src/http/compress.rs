//! gzip, for answers that are worth it.

use flate2::Compression;
use flate2::write::GzEncoder;
use hyper::HeaderMap;
use hyper::header::ACCEPT_ENCODING;
use std::io::Write;

/// The fastest level: even this costs more than making the answer (README, figures).
const LEVEL: u32 = 1;

/// The level of bodies that are compressed once and sent many times; those beyond it take longer and save little.
const KEPT_LEVEL: u32 = 6;

/// When answers are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compress {
    /// Never: a proxy does it, or nobody.
    Off,
    /// When the caller accepts gzip and the body has at least this many bytes.
    From(usize),
}

/// The body compressed, when that is wanted, accepted and worthwhile.
pub(super) fn gzip(when: Compress, headers: &HeaderMap, body: &[u8]) -> Option<Vec<u8>> {
    let Compress::From(least) = when else { return None };
    if body.len() < least || !accepts_gzip(headers) {
        return None;
    }
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 2), Compression::new(LEVEL));
    encoder.write_all(body).expect("a buffer in memory takes every byte");
    let packed = encoder.finish().expect("a buffer in memory takes every byte");
    (packed.len() < body.len()).then_some(packed)
}

/// The body compressed as well as is worth it, for one that is sent many times.
pub(super) fn well(body: &[u8]) -> Vec<u8> {
    let level = Compression::new(KEPT_LEVEL);
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 3), level);
    encoder.write_all(body).expect("a buffer in memory takes every byte");
    encoder.finish().expect("a buffer in memory takes every byte")
}

/// Packs a body that is sent piece by piece.
pub(super) struct Packer(GzEncoder<Vec<u8>>);

/// A packer of a body that has yet to begin.
pub(super) fn packer() -> Packer {
    Packer(GzEncoder::new(Vec::new(), Compression::new(LEVEL)))
}

impl Packer {
    /// Packs a piece; gives what can be sent by now, which is everything after the last piece.
    pub(super) fn pack(&mut self, piece: &[u8], is_last: bool) -> Vec<u8> {
        self.0.write_all(piece).expect("a buffer in memory takes every byte");
        if is_last {
            self.0.try_finish().expect("a buffer in memory takes every byte");
        }
        std::mem::take(self.0.get_mut())
    }
}

/// Whether the caller takes gzip (RFC 9110, 12.5.3); a weight of zero is a no.
pub(super) fn accepts_gzip(headers: &HeaderMap) -> bool {
    let weight = |coding: &str| {
        let mut parts = coding.split(';').map(str::trim);
        let named = parts.next().unwrap_or_default();
        let weight = parts.find_map(|part| part.strip_prefix("q=")).unwrap_or("1");
        let is_gzip = named.eq_ignore_ascii_case("gzip") || named == "*";
        (is_gzip, weight.parse::<f32>().unwrap_or(0.0))
    };
    let values = headers.get_all(ACCEPT_ENCODING).into_iter();
    let codings = values.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    let mut codings = codings.map(weight).filter(|(is_gzip, _)| *is_gzip).peekable();
    codings.peek().is_some() && codings.all(|(_, weight)| weight > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_given_only_to_those_who_take_it() {
        let accepts = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_ENCODING, value.parse().unwrap());
            accepts_gzip(&headers)
        };
        for yes in ["gzip", "deflate, gzip;q=0.5", "GZIP", "*"] {
            assert!(accepts(yes), "{yes}");
        }
        for no in ["", "identity", "br", "gzip;q=0", "gzip; q=0.0", "gzip;q=x"] {
            assert!(!accepts(no), "{no}");
        }
        assert!(!accepts_gzip(&HeaderMap::new()));
    }
}
