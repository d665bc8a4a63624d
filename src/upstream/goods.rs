//! What a store gives out besides what it knows: assertions and files.

use crate::assertion::Assertion;
use crate::assertion::Key;
use crate::snap::FileName;
use crate::upstream::Origin;
use crate::upstream::Passing;
use crate::upstream::Store;
use crate::upstream::client::Answer;
use crate::upstream::error::Fault;
use crate::upstream::error::Trouble;
use crate::upstream::error::UpstreamError;
use crate::upstream::origin::Flow;
use bytes::Bytes;
use futures_util::stream::Stream;
use futures_util::stream::unfold;
use percent_encoding::AsciiSet;
use percent_encoding::NON_ALPHANUMERIC;
use percent_encoding::utf8_percent_encode;
use reqwest::StatusCode;
use reqwest::header::ACCEPT;
use reqwest::header::HeaderMap;
use reqwest::header::HeaderValue;
use reqwest::header::RANGE;
use std::time::Duration;
use tokio::time::sleep;

/// How often in a row a file may break off without anything new of it having come.
const TRIES: u32 = 5;
/// The pause after it broke off; each next one in a row is twice as long.
const PAUSE: Duration = Duration::from_millis(250);

/// What stands for itself in a part of a path.
const PART: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Where a store gives out the newest assertion of that key.
pub fn assertion_path(key: &Key) -> String {
    let parts = key.parts().map(|part| utf8_percent_encode(part, PART).to_string());
    format!("/v2/assertions/{}/{}", key.kind(), parts.collect::<Vec<_>>().join("/"))
}

/// The assertion that a store answered with when it was asked for the one of that key.
///
/// # Errors
/// With what is wrong with the answer.
pub fn read_assertion(key: &Key, body: &[u8]) -> Result<Assertion, String> {
    let text = std::str::from_utf8(body).map_err(|_| "it is not UTF-8".to_owned())?;
    let assertion: Assertion =
        text.parse().map_err(|flaw| format!("it is no assertion: {flaw}"))?;
    if assertion.identity().key != *key {
        return Err(format!("it is another assertion: {}", assertion.identity()));
    }
    Ok(assertion)
}

impl Store {
    /// The newest assertion of that key; nothing when the store has none.
    ///
    /// # Errors
    /// When the store does not say, or says something else.
    pub async fn assertion(&self, key: &Key) -> Result<Option<Assertion>, UpstreamError> {
        let request = self.get(&assertion_path(key));
        let request = request.header(ACCEPT, "application/x.ubuntu.assertion");
        let doing = format!("read the assertion {key} of the store at {}", self.host);
        let read = |answer: Answer| {
            if answer.status == StatusCode::NOT_FOUND {
                return Ok(None);
            }
            let answer = answer.with(StatusCode::OK)?;
            let read = read_assertion(key, &answer.body);
            read.map(Some).map_err(|reason| Fault::from(Trouble::Unexpected(reason)))
        };
        self.client.ask(&doing, request, read).await
    }
}

/// A file as it comes.
struct Coming<'o> {
    origin: &'o Origin,
    name: &'o FileName,
    size_bytes: u64,
    flow: Option<Flow>,
    n_come: u64,
    /// How often it broke off since something new came.
    n_broken: u32,
}

impl Origin {
    /// The bytes of a file of that size. Where they break off, they are asked for from there on.
    pub fn file<'o>(
        &'o self,
        name: &'o FileName,
        size_bytes: u64,
    ) -> impl Stream<Item = Result<Bytes, UpstreamError>> + 'o {
        let coming = Coming { origin: self, name, size_bytes, flow: None, n_come: 0, n_broken: 0 };
        unfold(Some(coming), |coming| async {
            let mut coming = coming?;
            match coming.next().await {
                Ok(Some(piece)) => Some((Ok(piece), Some(coming))),
                Ok(None) => None,
                Err(error) => Some((Err(error), None)),
            }
        })
    }
}

impl Coming<'_> {
    /// The next piece, from wherever the last one ended.
    async fn next(&mut self) -> Result<Option<Bytes>, UpstreamError> {
        loop {
            if self.n_come >= self.size_bytes {
                return Ok(None);
            }
            let error = match self.try_next().await {
                Ok(piece) => {
                    self.n_come += piece.len() as u64;
                    self.n_broken = 0;
                    return Ok(Some(piece));
                }
                Err(error) => error,
            };
            self.flow = None;
            self.n_broken += 1;
            if self.n_broken >= TRIES || !error.trouble().may_pass() {
                return Err(error);
            }
            tracing::info!(%error, n_come = self.n_come, "a file broke off; it is taken up again");
            sleep(PAUSE * 2_u32.pow(self.n_broken - 1)).await;
        }
    }

    async fn try_next(&mut self) -> Result<Bytes, UpstreamError> {
        let doing = "fetch a file";
        if self.flow.is_none() {
            let mut headers = HeaderMap::new();
            if self.n_come > 0 {
                let range = HeaderValue::try_from(format!("bytes={}-", self.n_come));
                headers.insert(RANGE, range.expect("words and digits"));
            }
            let passing = Passing::get(format!("/api/v1/snaps/download/{}", self.name), headers);
            let flow = self.origin.open(doing, passing).await?;
            let expected =
                if self.n_come > 0 { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK };
            if flow.status != expected {
                let trouble = Trouble::Status(flow.status.as_u16());
                return Err(UpstreamError::new(doing, trouble.into()));
            }
            self.flow = Some(flow);
        }
        let flow = self.flow.as_mut().expect("it was just opened");
        let piece = flow.chunk().await?;
        piece.ok_or_else(|| UpstreamError::new(doing, Trouble::CutShort.into()))
    }
}
