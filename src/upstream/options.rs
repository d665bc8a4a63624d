//! What is configured of the services we ask.

use std::fmt;
use std::time::Duration;

/// A token. Nothing shows it; whoever sends it asks for it by name.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Box<str>);

impl Secret {
    /// A secret of that text.
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }

    /// The text, to be sent and never to be shown.
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// Where the services are, and how they are asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The store: before `/api/v1/snaps/search`, `/v2/snaps/info` and `/v2/snaps/find`.
    pub store_url: String,
    /// The device metrics: before `/dev/api/snaps/metrics`.
    pub metrics_url: String,
    /// What changes the featured list: before `/v1/snap/featured`.
    pub publisher_url: String,
    /// The ratings: `host`, `host:port` or `https://…`, all over TLS, or `http://…` without.
    pub ratings_url: Option<String>,
    /// The token for the device metrics.
    pub macaroon: Option<Secret>,
    /// The token that changes the featured list; without one it is the macaroon.
    pub publisher_token: Option<Secret>,
    /// How long a connection may take to be made.
    pub connect_timeout: Duration,
    /// How long one attempt may take, from the request to the last byte.
    pub timeout: Duration,
    /// How often a request is attempted at most, from 1 on.
    pub attempts: u32,
    /// The pause after the first failure; each next one is twice as long, and all are longer by a random part.
    pub first_pause: Duration,
    /// The longest pause, whatever a service asks for.
    pub longest_pause: Duration,
    /// How many requests may begin in a second, all services together; 0 for any number.
    pub requests_per_s: u32,
    /// How many requests may be under way at once, all services together, from 1 on.
    pub concurrency: usize,
    /// The largest body, unpacked, that is taken.
    pub max_body_bytes: usize,
    /// What the random part of the pauses begins from, so that processes do not wait in step.
    pub seed: u64,
    /// Whether nobody is to be asked at all.
    pub is_offline: bool,
}

/// The public services (contract/rankings 4 and 8), and a pace that none of them minds.
impl Default for Options {
    fn default() -> Self {
        Self {
            store_url: "https://api.snapcraft.io".to_owned(),
            metrics_url: "https://dashboard.snapcraft.io".to_owned(),
            publisher_url: "https://api.charmhub.io".to_owned(),
            ratings_url: None,
            macaroon: None,
            publisher_token: None,
            connect_timeout: Duration::from_secs(10),
            timeout: Duration::from_secs(30),
            attempts: 4,
            first_pause: Duration::from_millis(500),
            longest_pause: Duration::from_mins(1),
            requests_per_s: 50,
            concurrency: 8,
            // As large as a catalogue document may be.
            max_body_bytes: 16 * 1_024 * 1_024,
            seed: 0,
            is_offline: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_shows_nothing() {
        let options = Options { macaroon: Some(Secret::new("s3cret")), ..Options::default() };
        assert!(!format!("{options:?}").contains("s3cret"));
    }
}
