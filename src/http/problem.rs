//! What is said when a request as a whole gets no answer.

use crate::http::json;
use crate::http::store::Renewals;
use crate::refresh::Fault;
use hyper::StatusCode;
use std::borrow::Cow;

/// The most faults that are told of one request; more help nobody.
const MAX_FAULTS: usize = 100;

/// Room for some faults of a body.
const FIRST_GUESS: usize = 1_024;

/// One thing that is wrong with a request, with its own code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CodedFault {
    /// For programs.
    pub(super) code: &'static str,
    /// What a person reads.
    pub(super) message: String,
    /// Where: a JSON pointer into the body, or `query:` and the parameter.
    pub(super) pointer: String,
}

/// A refusal of a whole request. Only this type knows status codes; what it shows is what a client may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Problem {
    /// Mandatory headers or the query are missing or wrong, and perhaps the body too.
    BadArgument { arguments: Vec<String>, faults: Vec<Fault> },
    /// The body is not what the contract says.
    BadBody(Vec<Fault>),
    /// The device may not use that store.
    StoreDisallowed,
    /// What the request shows of itself is good no more; these credentials are to be renewed.
    CredentialsExpired(Renewals),
    /// There is no such snap, or no such path.
    NotFound(String),
    /// The path has other methods; these.
    MethodNotAllowed(&'static str),
    /// The request did not arrive in time.
    TooSlow,
    /// The body is larger than this many bytes.
    TooLarge(usize),
    /// More requests are in flight than the server takes.
    Busy,
    /// No catalogue was loaded yet.
    NotReady,
    /// What was asked needs the database, which is away; the cause is in the log.
    DatabaseAway,
    /// An answer of another kind, with its own code.
    Told {
        /// The status.
        status: StatusCode,
        /// The code of its one entry.
        code: &'static str,
        /// What a person reads.
        message: String,
    },
    /// The query or the body holds what the route does not take.
    Refused(Vec<CodedFault>),
    /// A defect of ours; the cause is in the log.
    Internal,
}

impl Problem {
    /// A single fault of the body.
    pub(super) fn body(pointer: &str, message: impl Into<Cow<'static, str>>) -> Self {
        Self::BadBody(vec![Fault { pointer: pointer.to_owned(), message: message.into() }])
    }

    /// A single header or parameter that is missing or wrong.
    pub(super) fn bad_argument(text: String) -> Self {
        Self::BadArgument { arguments: vec![text], faults: Vec::new() }
    }

    /// The status.
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::BadArgument { .. } | Self::BadBody(_) | Self::Refused(_) => {
                StatusCode::BAD_REQUEST
            }
            Self::StoreDisallowed => StatusCode::FORBIDDEN,
            Self::CredentialsExpired(_) => StatusCode::UNAUTHORIZED,
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Busy => StatusCode::TOO_MANY_REQUESTS,
            Self::NotReady | Self::DatabaseAway => StatusCode::SERVICE_UNAVAILABLE,
            Self::Told { status, .. } => *status,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// In how many seconds to ask again, where that helps.
    pub(super) fn retry_after_s(&self) -> Option<&'static str> {
        let passes = self.status() == StatusCode::SERVICE_UNAVAILABLE || *self == Self::Busy;
        passes.then_some("1")
    }

    /// The words by which snapd knows what to renew (contract 4.4).
    pub(super) fn challenge(&self) -> Option<&'static str> {
        let Self::CredentialsExpired(renewals) = self else { return None };
        Some(match (renewals.user, renewals.device) {
            (true, true) => "Macaroon needs_refresh=1, refresh_device_session=1",
            (false, true) => "Macaroon refresh_device_session=1",
            _ => "Macaroon needs_refresh=1",
        })
    }

    /// The body: `{"error-list": […]}` (contract 4.4), each fault with its pointer.
    pub(super) fn body_bytes(&self) -> Vec<u8> {
        let mut entries = Entries::begin();
        match self {
            Self::BadArgument { arguments, faults } => {
                for text in arguments {
                    entries.add("bad-argument", &[text], None);
                }
                entries.add_faults(faults);
            }
            Self::BadBody(faults) => entries.add_faults(faults),
            Self::StoreDisallowed => {
                let text = "the store of the header Snap-Device-Store is not known here";
                entries.add("store-disallowed", &[text], None);
            }
            Self::CredentialsExpired(renewals) => {
                for (code, text) in expired(*renewals) {
                    entries.add(code, &[text], None);
                }
            }
            Self::NotFound(what) => entries.add("resource-not-found", &[what], None),
            Self::MethodNotAllowed(allow) => {
                entries.add("method-not-allowed", &["this path takes ", allow], None);
            }
            Self::TooSlow => {
                entries.add("request-timeout", &["the body did not arrive in time"], None);
            }
            Self::TooLarge(limit) => {
                entries.add("api-error", &[&format!("the body is over {limit} bytes")], None);
            }
            Self::Busy => entries.add("rate-limit-exceeded", &["too many requests at once"], None),
            Self::NotReady => {
                let text = "no catalogue is loaded yet";
                entries.add("remote-service-unavailable", &[text], None);
            }
            Self::DatabaseAway => {
                let text = "what was asked needs the database, which does not answer";
                entries.add("remote-service-unavailable", &[text], None);
            }
            Self::Told { code, message, .. } => entries.add(code, &[message], None),
            Self::Refused(faults) => {
                for CodedFault { code, message, pointer } in faults {
                    entries.add(code, &[message], Some(pointer));
                }
            }
            Self::Internal => entries.add("internal-error", &["a defect of the server"], None),
        }
        entries.end()
    }
}

fn expired(renewals: Renewals) -> impl Iterator<Item = (&'static str, &'static str)> {
    let user = ("user-authentication-error", "the user's credentials have expired");
    let device =
        ("device-authentication-error", "the device's session has expired or was not made here");
    let user = renewals.user.then_some(user);
    user.into_iter().chain(renewals.device.then_some(device))
}

/// The entries of a refusal, written one behind the other.
struct Entries {
    body: Vec<u8>,
    n: usize,
}

impl Entries {
    fn begin() -> Self {
        let mut body = Vec::with_capacity(FIRST_GUESS);
        body.extend_from_slice(b"{\"error-list\":[");
        Self { body, n: 0 }
    }

    /// One more entry, unless there are as many as are told. The message comes in parts.
    fn add(&mut self, code: &str, message: &[&str], pointer: Option<&str>) {
        if self.n >= MAX_FAULTS {
            return;
        }
        self.body.extend_from_slice(if self.n > 0 { b",{\"code\":" } else { b"{\"code\":" });
        json::string(&mut self.body, code);
        self.body.extend_from_slice(b",\"message\":");
        json::joined(&mut self.body, message);
        if let Some(pointer) = pointer {
            self.body.extend_from_slice(b",\"pointer\":");
            json::string(&mut self.body, pointer);
        }
        self.body.push(b'}');
        self.n += 1;
    }

    fn add_faults(&mut self, faults: &[Fault]) {
        for Fault { pointer, message } in faults {
            let place = if pointer.is_empty() { "the body" } else { pointer };
            self.add("api-error", &[place, ": ", message], Some(pointer));
        }
    }

    fn end(mut self) -> Vec<u8> {
        self.body.extend_from_slice(b"]}");
        self.body
    }
}
