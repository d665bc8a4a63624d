//! The store behind us: what we do not hold is asked of it, and what it says is passed on.
//!
//! It is asked once, as somebody is waiting: who asked repeats, if anybody. Nothing here keeps what was sent or said,
//! and what a caller showed of themselves goes to this store alone.

use crate::upstream::client::host;
use crate::upstream::connections::connections;
use crate::upstream::connections::made;
use crate::upstream::error::Fault;
use crate::upstream::error::Trouble;
use crate::upstream::error::UpstreamError;
use bytes::Bytes;
use reqwest::Method;
use reqwest::RequestBuilder;
use reqwest::Response;
use reqwest::StatusCode;
use reqwest::Url;
use reqwest::header::HeaderMap;
use reqwest::header::LOCATION;
use std::time::Duration;

/// The longest wait for a connection: who is there takes it at once, and somebody waits.
const CONNECTING: Duration = Duration::from_secs(5);
/// More redirections of a file than a store with a network of copies needs.
const MAX_REDIRECTS: usize = 3;

/// A store that what we do not hold is asked of. A copy is the same store.
#[derive(Debug, Clone)]
pub struct Origin {
    http: reqwest::Client,
    url: String,
    /// What may be told of where it is.
    host: String,
    timeout: Duration,
}

/// What is asked of it.
#[derive(Debug, Clone)]
pub struct Passing {
    /// The method.
    pub method: Method,
    /// The path with its query, encoded, from the slash on that follows the store's address.
    pub path: String,
    /// The headers, all of them for this store.
    pub headers: HeaderMap,
    /// The body; empty for none.
    pub body: Bytes,
}

impl Passing {
    /// A question without a body.
    pub fn get(path: String, headers: HeaderMap) -> Self {
        Self { method: Method::GET, path, headers, body: Bytes::new() }
    }
}

/// What it said: all of it.
#[derive(Debug, Clone)]
pub struct Passed {
    /// The status, which leads nowhere else and is no trouble of the store's own.
    pub status: StatusCode,
    /// Every header.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

/// What it says, the body still to come.
#[derive(Debug)]
pub struct Flow {
    /// The status, which leads nowhere else and is no trouble of the store's own.
    pub status: StatusCode,
    /// Every header.
    pub headers: HeaderMap,
    doing: String,
    response: Response,
}

impl Flow {
    /// The next piece of the body; nothing at its end.
    ///
    /// # Errors
    /// When the body breaks off, or nothing of it comes for too long.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, UpstreamError> {
        let chunk = self.response.chunk().await;
        chunk.map_err(|error| UpstreamError::new(&*self.doing, Fault::of_body(error)))
    }
}

impl Origin {
    /// The store whose paths begin behind that address. An answer has so long to come whole, a file so long for each
    /// piece.
    ///
    /// # Errors
    /// When the address is none, or the system's certificates cannot be read and it needs them.
    pub fn new(url: &str, timeout: Duration) -> Result<Self, UpstreamError> {
        let builder = connections(&[url], CONNECTING.min(timeout))?
            .redirect(reqwest::redirect::Policy::none())
            .read_timeout(timeout)
            // Digests are of what was sent.
            .no_gzip();
        let url = url.trim_end_matches('/').to_owned();
        Ok(Self { http: made(builder)?, host: host(&url), url, timeout })
    }

    /// Asks, and waits for all of the answer, up to so many bytes. `doing` follows “cannot”.
    ///
    /// # Errors
    /// When it cannot be asked, does not answer in time, or its answer is none to be passed on: too large, a way
    /// elsewhere, or a trouble of its own (status 500 and above).
    pub async fn pass(
        &self,
        doing: &str,
        passing: Passing,
        max_bytes: usize,
    ) -> Result<Passed, UpstreamError> {
        let doing = self.doing(doing);
        let wrong = |fault| UpstreamError::new(&*doing, fault);
        let request = self.request(passing).timeout(self.timeout);
        let mut response = answered(request).await.map_err(wrong)?;
        let status = checked(&response).map_err(|trouble| wrong(trouble.into()))?;
        let mut body = Vec::new();
        loop {
            let chunk = response.chunk().await.map_err(|error| wrong(Fault::of_body(error)))?;
            let Some(chunk) = chunk else { break };
            if body.len() + chunk.len() > max_bytes {
                return Err(wrong(Trouble::TooLarge(max_bytes).into()));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Passed { status, headers: response.headers().clone(), body: body.into() })
    }

    /// Asks for a file. It may be kept elsewhere: there, nothing is shown of who asks.
    ///
    /// # Errors
    /// When it cannot be asked, or its answer is none to be passed on.
    pub async fn open(&self, doing: &str, passing: Passing) -> Result<Flow, UpstreamError> {
        let doing = self.doing(doing);
        let wrong = |fault| UpstreamError::new(&*doing, fault);
        let plain: HeaderMap = passing
            .headers
            .iter()
            .filter(|(name, value)| !value.is_sensitive() && name.as_str() != "cookie")
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let method = passing.method.clone();
        let mut response = answered(self.request(passing)).await.map_err(wrong)?;
        for _ in 0..MAX_REDIRECTS {
            let Some(next) = self.leads_to(&response).map_err(|trouble| wrong(trouble.into()))?
            else {
                break;
            };
            let request = self.http.request(method.clone(), next).headers(plain.clone());
            response = answered(request).await.map_err(wrong)?;
        }
        let status = checked(&response).map_err(|trouble| wrong(trouble.into()))?;
        let headers = response.headers().clone();
        Ok(Flow { status, headers, doing, response })
    }

    fn doing(&self, doing: &str) -> String {
        format!("{doing} of the store at {}", self.host)
    }

    fn request(&self, passing: Passing) -> RequestBuilder {
        let Passing { method, path, headers, body } = passing;
        let request = self.http.request(method, format!("{}{path}", self.url)).headers(headers);
        if body.is_empty() { request } else { request.body(body) }
    }

    /// Where an answer leads, if it does: within this store, or to a place that proves who it is.
    fn leads_to(&self, response: &Response) -> Result<Option<Url>, Trouble> {
        let status = response.status();
        if !is_elsewhere(status) {
            return Ok(None);
        }
        let here = response.url();
        let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
        let next = location.and_then(|location| here.join(location).ok());
        let own = Url::parse(&self.url).ok();
        let is_own = |next: &Url| own.as_ref().is_some_and(|own| own.origin() == next.origin());
        let is_proven = |next: &Url| next.scheme() == "https" && next.port().is_none();
        next.filter(|next| is_own(next) || is_proven(next))
            .map(Some)
            .ok_or(Trouble::Elsewhere(status.as_u16()))
    }
}

async fn answered(request: RequestBuilder) -> Result<Response, Fault> {
    request.send().await.map_err(Fault::of_request)
}

fn is_elsewhere(status: StatusCode) -> bool {
    status.is_redirection() && status != StatusCode::NOT_MODIFIED
}

/// The status, if it is one to be passed on.
fn checked(response: &Response) -> Result<StatusCode, Trouble> {
    let status = response.status();
    if status.is_server_error() {
        return Err(Trouble::Status(status.as_u16()));
    }
    if is_elsewhere(status) {
        return Err(Trouble::Elsewhere(status.as_u16()));
    }
    Ok(status)
}
