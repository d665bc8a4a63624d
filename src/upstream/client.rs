//! How the services are asked: patiently, not too fast, not too many times at once, and not for ever.

use crate::upstream::budget::Budget;
use crate::upstream::connections::connections;
use crate::upstream::connections::made;
use crate::upstream::error::Fault;
use crate::upstream::error::Trouble;
use crate::upstream::error::UpstreamError;
use crate::upstream::options::Options;
use crate::upstream::options::Secret;
use backon::BackoffBuilder;
use backon::ExponentialBuilder;
use reqwest::RequestBuilder;
use reqwest::Response;
use reqwest::StatusCode;
use reqwest::Url;
use reqwest::header::ETAG;
use reqwest::header::HeaderValue;
use reqwest::header::RETRY_AFTER;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::sleep;

/// More redirections than any of the services needs.
const MAX_REDIRECTS: usize = 3;

/// The connections, the budget and the patience that all services share. A copy is the same client.
#[derive(Debug, Clone)]
pub struct Client(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    http: reqwest::Client,
    options: Options,
    budget: Budget,
    room: Semaphore,
    n_asked: AtomicU64,
}

/// A whole answer with a status that may be one.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) etag: Option<String>,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// The answer, if it has that status.
    pub(super) fn with(self, status: StatusCode) -> Result<Self, Fault> {
        if self.status == status {
            Ok(self)
        } else {
            Err(Trouble::Status(self.status.as_u16()).into())
        }
    }
}

impl Client {
    /// A client of the services of these options.
    ///
    /// # Errors
    /// When an address is none, or the system's certificates cannot be read and some address needs them.
    pub fn new(options: Options) -> Result<Self, UpstreamError> {
        let urls = [&*options.store_url, &options.metrics_url, &options.publisher_url];
        let builder = connections(&urls, options.connect_timeout)?
            .timeout(options.timeout)
            .redirect(reqwest::redirect::Policy::limited(MAX_REDIRECTS));
        let http = made(builder)?;
        Ok(Self(Arc::new(Shared {
            http,
            budget: Budget::new(options.requests_per_s),
            room: Semaphore::new(options.concurrency.clamp(1, Semaphore::MAX_PERMITS)),
            n_asked: AtomicU64::new(0),
            options,
        })))
    }

    pub(super) fn options(&self) -> &Options {
        &self.0.options
    }

    pub(super) fn http(&self) -> &reqwest::Client {
        &self.0.http
    }

    /// Asks, and reads the answer, until that went well or can no longer be hoped for. `doing` follows “cannot”.
    pub(super) async fn ask<T>(
        &self,
        doing: &str,
        request: RequestBuilder,
        read: impl Fn(Answer) -> Result<T, Fault>,
    ) -> Result<T, UpstreamError> {
        let once = || async {
            let request = request.try_clone().expect("no body is a stream");
            read(self.answer(request).await?)
        };
        self.repeat(doing, once).await
    }

    /// Attempts something until it went well or can no longer be hoped for.
    pub(super) async fn repeat<T, F>(
        &self,
        doing: &str,
        attempt: impl Fn() -> F,
    ) -> Result<T, UpstreamError>
    where
        F: Future<Output = Result<T, Fault>>,
    {
        let shared = &*self.0;
        if shared.options.is_offline {
            return Err(UpstreamError::new(doing, Trouble::Offline.into()));
        }
        let number = shared.n_asked.fetch_add(1, Ordering::Relaxed);
        let mut pauses = pauses(&shared.options, number);
        loop {
            let room = shared.room.acquire().await.expect("nobody closes it");
            shared.budget.take().await;
            let fault = match attempt().await {
                Ok(answer) => return Ok(answer),
                Err(fault) => fault,
            };
            drop(room);
            let next = pauses.next().filter(|_| fault.trouble.may_pass());
            let Some(mut pause) = next else { return Err(UpstreamError::new(doing, fault)) };
            if let Some(asked) = fault.pause {
                let asked = asked.min(shared.options.longest_pause);
                shared.budget.pause(asked);
                pause = pause.max(asked);
            }
            let pause_ms = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
            tracing::info!(trouble = %fault.trouble, pause_ms, "could not {doing}; it is tried again");
            sleep(pause).await;
        }
    }

    /// One attempt.
    async fn answer(&self, request: RequestBuilder) -> Result<Answer, Fault> {
        let response = request.send().await.map_err(Fault::of_request)?;
        let status = response.status();
        if matches!(status.as_u16(), 401 | 403) {
            return Err(Trouble::Unauthorized(status.as_u16()).into());
        }
        if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
            let mut fault = Fault::from(Trouble::Status(status.as_u16()));
            fault.pause = asked_pause(&response);
            return Err(fault);
        }
        let etag = response.headers().get(ETAG).and_then(|etag| etag.to_str().ok());
        let etag = etag.map(str::to_owned);
        let body = self.body(response).await?;
        Ok(Answer { status, etag, body })
    }

    async fn body(&self, mut response: Response) -> Result<Vec<u8>, Fault> {
        let most = self.options().max_body_bytes;
        let stated = response.content_length().map(usize::try_from);
        if stated.is_some_and(|stated| stated.is_err() || stated.is_ok_and(|n| n > most)) {
            return Err(Trouble::TooLarge(most).into());
        }
        let mut body = Vec::with_capacity(stated.and_then(Result::ok).unwrap_or_default());
        while let Some(chunk) = response.chunk().await.map_err(Fault::of_body)? {
            if body.len() + chunk.len() > most {
                return Err(Trouble::TooLarge(most).into());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}

/// The pauses between the attempts of one request, one fewer than there are attempts.
fn pauses(options: &Options, number: u64) -> impl Iterator<Item = Duration> + use<> {
    ExponentialBuilder::new()
        .with_min_delay(options.first_pause)
        .with_factor(2.0)
        .with_max_delay(options.longest_pause)
        .with_max_times(options.attempts.saturating_sub(1) as usize)
        .with_jitter()
        .with_jitter_seed(options.seed.wrapping_add(number))
        .build()
}

/// The seconds a service asks us to wait. Its other form, a date, would need its clock.
fn asked_pause(response: &Response) -> Option<Duration> {
    let text = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
    text.trim().parse().ok().map(Duration::from_secs)
}

/// The header that shows a token; it is kept out of the logs of those who carry it.
pub(super) fn shown(token: &Secret) -> Result<HeaderValue, Fault> {
    let value = HeaderValue::from_str(&format!("Macaroon {}", token.reveal()));
    let mut value = value.map_err(|_| Trouble::Misconfigured("the token is no line of ASCII"))?;
    value.set_sensitive(true);
    Ok(value)
}

/// The host, and the port if it is not the usual one, of an address: what may be told of it.
pub(super) fn host(url: &str) -> String {
    let Ok(url) = Url::parse(url) else { return "an unknown host".to_owned() };
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_do_not_go_in_step() {
        let options = Options { attempts: 5, ..Options::default() };
        let one: Vec<_> = pauses(&options, 1).collect();
        let other: Vec<_> = pauses(&options, 2).collect();
        assert_eq!((one.len(), other.len()), (4, 4));
        assert_ne!(one, other);
        for (step, pause) in (0..).zip(&one) {
            let least = options.first_pause * 2_u32.pow(step);
            assert!((least..=2 * least).contains(pause), "{one:?}");
        }
    }

    #[test]
    fn of_an_address_only_the_host_is_told() {
        assert_eq!(host("https://me:s3cret@store.example/x?key=s3cret"), "store.example");
        assert_eq!(host("http://127.0.0.1:8090"), "127.0.0.1:8090");
    }
}
