//! Which headers, statuses and content types pass: closed lists, so that nothing slips through that nobody thought of.

use hyper::HeaderMap;
use hyper::StatusCode;
use hyper::header::CONNECTION;
use hyper::header::CONTENT_TYPE;
use hyper::header::HeaderName;
use hyper::header::HeaderValue;

/// What a device says of itself and of what it asks, in both spellings (contract 1.1).
const SENT: [&str; 23] = [
    "accept",
    "content-type",
    "if-none-match",
    "user-agent",
    "snap-accept-delta-format",
    "snap-cdn",
    "snap-classic",
    "snap-client-user-agent",
    "snap-device-architecture",
    "snap-device-capabilities",
    "snap-device-location",
    "snap-device-series",
    "snap-device-store",
    "snap-refresh-managed",
    "snap-refresh-reason",
    "x-ubuntu-architecture",
    "x-ubuntu-classic",
    "x-ubuntu-series",
    "x-ubuntu-store",
    "x-ubuntu-wire-protocol",
    "authorization",
    "snap-device-authorization",
    "x-device-authorization",
];

/// How many of them, at the end of the list, show who somebody is.
const N_CREDENTIALS: usize = 3;

/// What the store behind us says that a device may need. `Location` is not among them: nobody is sent elsewhere.
const SAID: [&str; 6] = [
    "cache-control",
    "etag",
    "last-modified",
    "retry-after",
    "www-authenticate",
    "x-suggested-currency",
];

/// The content types that devices know.
const TYPES: [&str; 4] = [
    "application/json",
    "application/problem+json",
    "application/hal+json",
    "application/x.ubuntu.assertion",
];

/// The statuses that are documented of these paths; devices know no others.
const STATUSES: [u16; 12] = [200, 201, 202, 204, 304, 400, 401, 402, 403, 404, 409, 429];

/// The headers that go to the store behind us. Those that the caller names as the connection's own stay here.
pub(super) fn sent(asked: &HeaderMap) -> HeaderMap {
    let own = asked.get_all(CONNECTION).iter().filter_map(|value| value.to_str().ok());
    let own: Vec<&str> = own.flat_map(|names| names.split(',')).map(str::trim).collect();
    let mut sent = HeaderMap::new();
    for (place, name) in SENT.into_iter().enumerate() {
        let is_own = own.iter().any(|own| own.eq_ignore_ascii_case(name));
        let Some(value) = asked.get(name).filter(|_| !is_own) else { continue };
        let mut value = value.clone();
        value.set_sensitive(place >= SENT.len() - N_CREDENTIALS);
        sent.insert(HeaderName::from_static(name), value);
    }
    sent
}

/// Whether the caller shows who they are; such a request is for them alone.
pub(super) fn shows_credentials(sent: &HeaderMap) -> bool {
    sent.values().any(HeaderValue::is_sensitive)
}

/// The headers that come back.
pub(super) fn said(headers: &HeaderMap) -> Vec<(HeaderName, HeaderValue)> {
    let known = SAID.into_iter().filter_map(|name| {
        let value = headers.get(name)?.clone();
        Some((HeaderName::from_static(name), value))
    });
    known.collect()
}

/// The status, if it is one of those that pass.
pub(super) fn known_status(status: StatusCode) -> Option<StatusCode> {
    STATUSES.contains(&status.as_u16()).then_some(status)
}

/// The content type, if it is one of those that pass; exactly as devices compare it.
pub(super) fn known_type(headers: &HeaderMap) -> Option<&'static str> {
    let stated = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let stated = stated.split(';').next().unwrap_or_default().trim();
    TYPES.into_iter().find(|known| known.eq_ignore_ascii_case(stated))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn what_is_not_on_the_list_stays_here() {
        let sent = sent(&headers(&[
            ("authorization", "Macaroon root=\"x\""),
            ("connection", "close, Snap-Device-Store"),
            ("cookie", "a=b"),
            ("host", "here"),
            ("snap-device-series", "16"),
            ("snap-device-store", "mine"),
            ("transfer-encoding", "chunked"),
            ("x-forwarded-host", "elsewhere"),
        ]));
        let mut names: Vec<_> = sent.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["authorization", "snap-device-series"]);
        assert!(shows_credentials(&sent) && !format!("{sent:?}").contains("root"));
    }

    #[test]
    fn nobody_is_sent_elsewhere() {
        let said = said(&headers(&[
            ("location", "https://elsewhere"),
            ("set-cookie", "a=b"),
            ("www-authenticate", "Macaroon needs_refresh=1"),
        ]));
        let names: Vec<_> = said.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["www-authenticate"]);
        let typed = |text| known_type(&headers(&[("content-type", text)]));
        assert_eq!(typed("Application/JSON; charset=utf-8"), Some("application/json"));
        assert_eq!(typed("text/html"), None);
    }
}
