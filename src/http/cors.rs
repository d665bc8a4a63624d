//! Lets pages of other origins read answers (contract/rankings 2.0): everything there is public or needs a token that
//! browsers do not send by themselves.

use hyper::HeaderMap;
use hyper::Method;
use hyper::header::ACCESS_CONTROL_ALLOW_HEADERS;
use hyper::header::ACCESS_CONTROL_ALLOW_METHODS;
use hyper::header::ACCESS_CONTROL_ALLOW_ORIGIN;
use hyper::header::ACCESS_CONTROL_REQUEST_HEADERS;
use hyper::header::HeaderValue;
use hyper::header::ORIGIN;
use hyper::header::VARY;
use hyper::http::request::Parts;

/// Every method that any of the routes takes.
const METHODS: HeaderValue =
    HeaderValue::from_static("DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT");

/// Adds to an answer what a browser wants to see: the origin that asked, or any; to a preflight, methods and headers.
pub(super) fn allow(asked: &Parts, headers: &mut HeaderMap) {
    match asked.headers.get(ORIGIN) {
        Some(origin) => {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            headers.append(VARY, HeaderValue::from_static("origin"));
        }
        None => {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        }
    }
    if asked.method == Method::OPTIONS {
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
        if let Some(wanted) = asked.headers.get(ACCESS_CONTROL_REQUEST_HEADERS) {
            headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, wanted.clone());
        }
    }
}
