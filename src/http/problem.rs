//! What is said when a request as a whole gets no answer.

use crate::http::json;
use crate::http::store::Renewals;
use crate::refresh::Fault;
use hyper::StatusCode;

/// The most faults that are told of one request; more help nobody.
const MAX_FAULTS: usize = 100;

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
    pub(super) fn body(pointer: &str, message: impl Into<String>) -> Self {
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
        matches!(self, Self::Busy | Self::NotReady | Self::DatabaseAway).then_some("1")
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
        let mut entries: Vec<(&str, String, Option<&str>)> = Vec::new();
        match self {
            Self::BadArgument { arguments, faults } => {
                entries.extend(arguments.iter().map(|text| ("bad-argument", text.clone(), None)));
                entries.extend(faults.iter().map(body_fault));
            }
            Self::BadBody(faults) => entries.extend(faults.iter().map(body_fault)),
            Self::StoreDisallowed => entries.push((
                "store-disallowed",
                "the store of the header Snap-Device-Store is not known here".into(),
                None,
            )),
            Self::CredentialsExpired(renewals) => {
                entries.extend(expired(*renewals).map(|(code, text)| (code, text.into(), None)));
            }
            Self::NotFound(what) => entries.push(("resource-not-found", what.clone(), None)),
            Self::MethodNotAllowed(allow) => {
                entries.push(("method-not-allowed", format!("this path takes {allow}"), None));
            }
            Self::TooSlow => {
                entries.push(("request-timeout", "the body did not arrive in time".into(), None));
            }
            Self::TooLarge(limit) => {
                entries.push(("api-error", format!("the body is over {limit} bytes"), None));
            }
            Self::Busy => {
                entries.push(("rate-limit-exceeded", "too many requests at once".into(), None));
            }
            Self::NotReady => {
                let text = "no catalogue is loaded yet";
                entries.push(("remote-service-unavailable", text.into(), None));
            }
            Self::DatabaseAway => {
                let text = "what was asked needs the database, which does not answer";
                entries.push(("remote-service-unavailable", text.into(), None));
            }
            Self::Told { code, message, .. } => entries.push((code, message.clone(), None)),
            Self::Refused(faults) => entries.extend(
                faults
                    .iter()
                    .map(|fault| (fault.code, fault.message.clone(), Some(fault.pointer.as_str()))),
            ),
            Self::Internal => {
                entries.push(("internal-error", "a defect of the server".into(), None));
            }
        }
        let mut out = b"{\"error-list\":".to_vec();
        json::list(&mut out, entries.into_iter().take(MAX_FAULTS), |out, (code, text, pointer)| {
            out.extend_from_slice(b"{\"code\":");
            json::string(out, code);
            out.extend_from_slice(b",\"message\":");
            json::string(out, &text);
            if let Some(pointer) = pointer {
                out.extend_from_slice(b",\"pointer\":");
                json::string(out, pointer);
            }
            out.push(b'}');
        });
        out.push(b'}');
        out
    }
}

fn expired(renewals: Renewals) -> impl Iterator<Item = (&'static str, &'static str)> {
    let user = ("user-authentication-error", "the user's credentials have expired");
    let device =
        ("device-authentication-error", "the device's session has expired or was not made here");
    let user = renewals.user.then_some(user);
    user.into_iter().chain(renewals.device.then_some(device))
}

fn body_fault(fault: &Fault) -> (&'static str, String, Option<&str>) {
    let place = if fault.pointer.is_empty() { "the body" } else { &fault.pointer };
    ("api-error", format!("{place}: {}", fault.message), Some(&fault.pointer))
}
