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
    process: [u8; DIGITS],
    count: AtomicU64,
}

/// The digits of each part.
const DIGITS: usize = 16;

impl RequestIds {
    /// Ids that begin with `process`, which should be random.
    pub(super) fn new(process: u64) -> Self {
        Self { process: hexadecimal(process), count: AtomicU64::new(0) }
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
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        let mut text = [0; 2 * DIGITS];
        text[..DIGITS].copy_from_slice(&self.process);
        text[DIGITS..].copy_from_slice(&hexadecimal(count));
        HeaderValue::from_bytes(&text).expect("hexadecimal digits are a header value")
    }
}

fn hexadecimal(number: u64) -> [u8; DIGITS] {
    std::array::from_fn(|place| b"0123456789abcdef"[(number >> (60 - 4 * place) & 15) as usize])
}
