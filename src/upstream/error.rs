//! What can go wrong between us and the services we ask.

use std::error::Error;
use std::time::Duration;

/// What we were doing when a service, or the way to it, failed. It holds no token, no query and no body.
#[derive(Debug, thiserror::Error)]
#[error("cannot {doing}: {trouble}")]
pub struct UpstreamError {
    /// What we were doing and where: `list page 3 of the store at api.snapcraft.io`.
    doing: String,
    trouble: Trouble,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl UpstreamError {
    pub(super) fn new(doing: impl Into<String>, fault: Fault) -> Self {
        Self { doing: doing.into(), trouble: fault.trouble, source: fault.source }
    }

    /// What kind of trouble it was.
    pub fn trouble(&self) -> &Trouble {
        &self.trouble
    }
}

/// The ways in which a service fails us.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// Nobody is there, or the connection was lost before an answer began.
    #[error("it cannot be reached")]
    Unreachable,
    /// It did not answer in time.
    #[error("it did not answer in time")]
    Slow,
    /// It answered with a status that is no answer.
    #[error("it answered with status {0}")]
    Status(u16),
    /// It does not let us; with its status.
    #[error("it refused us (status {0}): a token is missing, expired or lacks the right")]
    Unauthorized(u16),
    /// We are told to ask nobody.
    #[error("this process is offline and asks nobody")]
    Offline,
    /// It answered with a way elsewhere, where what was asked does not go.
    #[error("it sent us elsewhere (status {0})")]
    Elsewhere(u16),
    /// We have no token to show, so it was not asked.
    #[error("no token is configured for it")]
    NoToken,
    /// Its answer is larger than that many bytes.
    #[error("its answer is larger than {0} bytes")]
    TooLarge(usize),
    /// Its answer ended too early.
    #[error("its answer was cut short")]
    CutShort,
    /// Its answer is no JSON: a page for people, or half of something.
    #[error("its answer is not JSON")]
    NotJson,
    /// Its answer is JSON, and not what was asked for.
    #[error("its answer is not what was asked for: {0}")]
    Unexpected(String),
    /// It answered over gRPC with a status that is no answer.
    #[error("it answered with gRPC status {0:?}")]
    Rpc(tonic::Code),
    /// It cannot be asked as it is configured.
    #[error("{0}")]
    Misconfigured(&'static str),
}

impl Trouble {
    /// Whether another attempt may go better.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable | Self::Slow | Self::CutShort | Self::NotJson => true,
            Self::Status(status) => *status >= 500 || *status == 429,
            Self::Rpc(code) => matches!(
                code,
                tonic::Code::Internal
                    | tonic::Code::Unknown
                    | tonic::Code::DataLoss
                    | tonic::Code::Aborted
                    | tonic::Code::ResourceExhausted
            ),
            Self::Unauthorized(_)
            | Self::NoToken
            | Self::Offline
            | Self::Elsewhere(_)
            | Self::TooLarge(_)
            | Self::Unexpected(_)
            | Self::Misconfigured(_) => false,
        }
    }
}

/// What went wrong in one attempt.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) trouble: Trouble,
    /// How long the service asks us to wait.
    pub(super) pause: Option<Duration>,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl Fault {
    /// A fault with its cause.
    pub(super) fn caused(
        trouble: Trouble,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self { source: Some(source.into()), ..trouble.into() }
    }

    /// What became of a request. The address is left out of the cause: it may hold a query or a password.
    pub(super) fn of_request(error: reqwest::Error) -> Self {
        let trouble = if error.is_timeout() { Trouble::Slow } else { Trouble::Unreachable };
        Self::caused(trouble, error.without_url())
    }

    /// What became of a body.
    pub(super) fn of_body(error: reqwest::Error) -> Self {
        let trouble = if error.is_timeout() { Trouble::Slow } else { Trouble::CutShort };
        Self::caused(trouble, error.without_url())
    }

    /// What is wrong with JSON: half of one may be whole the next time, a wrong one stays wrong.
    pub(super) fn of_json(error: serde_json::Error) -> Self {
        match error.classify() {
            serde_json::error::Category::Data => Trouble::Unexpected(error.to_string()).into(),
            _ => Self::caused(Trouble::NotJson, error),
        }
    }
}

impl From<Trouble> for Fault {
    fn from(trouble: Trouble) -> Self {
        Self { trouble, pause: None, source: None }
    }
}
