//! What was asked, read whole.

use crate::http::route::Route;
use hyper::HeaderMap;
use hyper::Method;
use hyper::Uri;
use percent_encoding::percent_decode_str;
use std::borrow::Cow;
use std::net::IpAddr;
use std::str::FromStr;

/// A request of which everything is there.
pub(super) struct Asked<'r> {
    pub(super) route: Route,
    pub(super) method: &'r Method,
    /// What stands in the place of the path's parameter; empty when it has none.
    pub(super) parameter: &'r str,
    /// The query as it was sent.
    pub(super) query: &'r str,
    pub(super) headers: &'r HeaderMap,
    pub(super) uri: &'r Uri,
    /// Who is at the other end of the connection: the client, or a proxy before it.
    pub(super) peer: IpAddr,
    /// The name the request goes by in answers and logs.
    pub(super) request_id: &'r str,
    pub(super) body: &'r [u8],
}

/// A whole number as a query holds it: in digits, where `T` has them with a minus, and never with a plus.
pub(super) fn whole_number<T: FromStr>(text: &str) -> Option<T> {
    text.parse().ok().filter(|_| !text.starts_with('+'))
}

impl<'r> Asked<'r> {
    /// The first value of that name in the query, decoded; a plus is a blank.
    pub(super) fn query_value(&self, name: &str) -> Option<Cow<'r, str>> {
        let pairs = self.query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        let mut named = pairs.filter(|(known, _)| *known == name);
        let (_, value) = named.next()?;
        if value.contains('+') {
            let value = value.replace('+', " ");
            return Some(percent_decode_str(&value).decode_utf8_lossy().into_owned().into());
        }
        Some(percent_decode_str(value).decode_utf8_lossy())
    }
}
