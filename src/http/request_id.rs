//! The name a request goes by in answers and logs.

use hyper::HeaderMap;
use hyper::header::HeaderName;
use hyper::header::HeaderValue;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

/// The header it travels in.
pub(super) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest one that is echoed, in characters.
const MAX: usize = 128;

/// Makes request ids: a part that differs between processes, and a count.
#[derive(Debug)]
pub(super) struct RequestIds {
    process: u64,
    count: AtomicU64,
}

impl RequestIds {
    /// Ids that begin with `process`, which should be random.
    pub(super) fn new(process: u64) -> Self {
        Self { process, count: AtomicU64::new(0) }
    }

    /// The id the caller gave, if it is 1 to 128 visible ASCII characters, or a new one.
    pub(super) fn of(&self, headers: &HeaderMap) -> HeaderValue {
        let fits = |value: &&HeaderValue| {
            let bytes = value.as_bytes();
            (1..=MAX).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic)
        };
        headers.get(X_REQUEST_ID).filter(fits).cloned().unwrap_or_else(|| self.new_id())
    }

    fn new_id(&self) -> HeaderValue {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        let mut text = [0; 32];
        for (place, digit) in text.iter_mut().enumerate() {
            let (half, place) =
                if place < 16 { (self.process, place) } else { (count, place - 16) };
            *digit = DIGITS[(half >> (60 - 4 * place) & 15) as usize];
        }
        HeaderValue::from_bytes(&text).expect("hexadecimal digits are a header value")
    }
}
