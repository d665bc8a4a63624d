//! Answers that callers may keep: with a tag, compressed when that was worth it, and not sent again to who has them.

use crate::http::asked::Asked;
use crate::http::compress;
use crate::http::compress::Compress;
use crate::http::reply::Content;
use crate::http::reply::Reply;
use crate::http::site::Site;
use bytes::Bytes;
use hyper::HeaderMap;
use hyper::StatusCode;
use hyper::header::CACHE_CONTROL;
use hyper::header::ETAG;
use hyper::header::HeaderValue;
use hyper::header::IF_NONE_MATCH;
use sha2::Digest;
use sha2::Sha256;
use std::fmt::Write;

/// The least body that is compressed when it is published; the setting may ask for more.
const LEAST: usize = 512;

/// What marks the tag of a compressed body: it is other bytes, so it is another tag (RFC 9110, 8.8.3).
const PACKED: &str = "-gzip";

/// The tags of a body, as it is and compressed.
#[derive(Debug, Clone)]
struct Tags {
    plain: HeaderValue,
    packed: HeaderValue,
}

impl Tags {
    fn of(body: &[u8]) -> Self {
        let digest = Sha256::digest(body);
        Self::of_digest(digest[..16].try_into().expect("a digest has 32 bytes"))
    }

    fn of_digest(digest: [u8; 16]) -> Self {
        let mut digits = String::new();
        for byte in digest {
            write!(digits, "{byte:02x}").expect("a text takes more text");
        }
        let tag = |text: String| HeaderValue::try_from(text).expect("digits are no control signs");
        let packed = tag(format!("\"{digits}{PACKED}\""));
        Self { plain: tag(format!("\"{digits}\"")), packed }
    }

    fn tag(&self, is_packed: bool) -> &HeaderValue {
        if is_packed { &self.packed } else { &self.plain }
    }

    /// Whether the caller has this body, in whatever coding (RFC 9110, 13.1.2: weakly compared).
    fn are_known_to(&self, headers: &HeaderMap) -> bool {
        let mine = self.plain.to_str().unwrap_or_default();
        let values = headers.get_all(IF_NONE_MATCH).into_iter();
        let mut tags =
            values.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
        tags.any(|tag| {
            let tag = tag.trim();
            let tag = tag.strip_prefix("W/").unwrap_or(tag);
            let opened = tag.strip_suffix('"').and_then(|tag| tag.strip_suffix(PACKED));
            let is_mine = match opened {
                Some(opened) => mine.strip_suffix('"') == Some(opened),
                None => tag == mine,
            };
            is_mine || tag == "*"
        })
    }
}

/// A whole answer, rendered when it was published.
#[derive(Debug, Clone)]
pub(super) struct Page {
    plain: Bytes,
    gzip: Option<Bytes>,
    tags: Tags,
}

impl Page {
    /// The page of that body. One that says the same as before is the one before: neither compressed nor kept again.
    pub(super) fn of(body: Vec<u8>, earlier: Option<&Self>) -> Self {
        if let Some(earlier) = earlier.filter(|earlier| earlier.plain == body) {
            return earlier.clone();
        }
        let packed = (body.len() >= LEAST).then(|| compress::well(&body));
        let gzip = packed.filter(|packed| packed.len() < body.len()).map(Bytes::from);
        Self { tags: Tags::of(&body), plain: body.into(), gzip }
    }

    /// The body as it is.
    #[cfg(test)]
    pub(super) fn body(&self) -> &[u8] {
        &self.plain
    }

    /// The answer to a request.
    pub(super) fn reply(&self, site: &Site, asked: &Asked<'_>) -> Reply {
        let is_worth = matches!(site.compress, Compress::From(least) if self.plain.len() >= least);
        let gzip = self.gzip.as_ref().filter(|_| is_worth);
        let is_packed = gzip.is_some() && compress::accepts_gzip(asked.headers);
        if self.tags.are_known_to(asked.headers) {
            return unchanged(site, self.tags.tag(is_packed));
        }
        let content = Content::Rendered { plain: self.plain.clone(), gzip: gzip.cloned() };
        fresh(site, self.tags.tag(is_packed), content)
    }
}

/// The answer of a body that was composed for this request.
pub(super) fn composed(site: &Site, asked: &Asked<'_>, body: Vec<u8>) -> Reply {
    let tags = Tags::of(&body);
    if tags.are_known_to(asked.headers) {
        let is_worth = matches!(site.compress, Compress::From(least) if body.len() >= least);
        let is_packed = is_worth && compress::accepts_gzip(asked.headers);
        return unchanged(site, tags.tag(is_packed));
    }
    let packed = compress::gzip(site.compress, asked.headers, &body);
    let tag = tags.tag(packed.is_some());
    let content = Content::Rendered { plain: body.into(), gzip: packed.map(Bytes::from) };
    fresh(site, tag, content)
}

/// The answer of a text whose digest is known. It is sent as it is; whoever keeps it asks each time whether it still
/// holds.
pub(super) fn verbatim(
    asked: &Asked<'_>,
    digest: [u8; 16],
    content_type: &'static str,
    content: Content,
) -> Reply {
    let tags = Tags::of_digest(digest);
    let reply = if tags.are_known_to(asked.headers) {
        Reply::json(StatusCode::NOT_MODIFIED, Vec::new())
    } else {
        Reply { content, ..Reply::json(StatusCode::OK, Vec::new()) }
    };
    let reply = Reply { content_type, ..reply }.with(ETAG, tags.plain);
    reply.with(CACHE_CONTROL, HeaderValue::from_static("no-cache"))
}

fn fresh(site: &Site, tag: &HeaderValue, content: Content) -> Reply {
    let reply = Reply { content, ..Reply::json(StatusCode::OK, Vec::new()) };
    reply.with(ETAG, tag.clone()).with(CACHE_CONTROL, site.keep.clone())
}

fn unchanged(site: &Site, tag: &HeaderValue) -> Reply {
    let reply = Reply::json(StatusCode::NOT_MODIFIED, Vec::new());
    reply.with(ETAG, tag.clone()).with(CACHE_CONTROL, site.keep.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_a_body_is_known_by_its_tags() {
        let tags = Tags::of(b"[]\n");
        let plain = tags.tag(false).to_str().unwrap().to_owned();
        let packed = tags.tag(true).to_str().unwrap().to_owned();
        assert_ne!(plain, packed);
        let knows = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(IF_NONE_MATCH, value.parse().unwrap());
            }
            tags.are_known_to(&headers)
        };
        let listed = format!("\"other\", W/{plain} , \"third\"");
        for yes in [&*plain, &packed, &format!("W/{packed}"), &listed, "*"] {
            assert!(knows(&[yes]), "{yes}");
        }
        assert!(knows(&["\"other\"", &plain]));
        for no in ["", "\"\"", "\"other\"", "\"-gzip\"", plain.trim_matches('"')] {
            assert!(!knows(&[no]), "{no}");
        }
        assert!(!knows(&[]));
    }
}
