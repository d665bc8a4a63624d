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

/// What a browser says of itself in a request.
#[derive(Debug)]
pub(super) struct Browser {
    origin: Option<HeaderValue>,
    is_preflight: bool,
    /// The headers that the page wants to send, if it says some.
    wanted: Option<HeaderValue>,
}

impl Browser {
    /// The browser that asks, or whoever it is.
    pub(super) fn of(asked: &Parts) -> Self {
        let said = |name| asked.headers.get(name).cloned();
        Self {
            origin: said(ORIGIN),
            is_preflight: asked.method == Method::OPTIONS,
            wanted: said(ACCESS_CONTROL_REQUEST_HEADERS),
        }
    }

    /// Adds to an answer what it wants to see: the origin that asked, or any; to a preflight, methods and headers.
    pub(super) fn allow(self, headers: &mut HeaderMap) {
        match self.origin {
            Some(origin) => {
                headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
                headers.append(VARY, HeaderValue::from_static("origin"));
            }
            None => {
                headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
            }
        }
        if self.is_preflight {
            headers.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
            if let Some(wanted) = self.wanted {
                headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, wanted);
            }
        }
    }
}
