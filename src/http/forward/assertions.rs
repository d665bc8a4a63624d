//! An assertion that we do not hold, asked of the store behind us and answered word for word.
//!
//! It is kept if it is the one that was asked for and nobody showed who they are to get it. What that store has not is
//! not asked for again for a while. One that was kept so some time ago is asked for anew when somebody wants it, and is
//! the answer all the same when nothing newer is to be had.

use crate::assertion::Assertion;
use crate::backstore::Sequence;
use crate::backstore::Wanted;
use crate::holding::Fetched;
use crate::http::asked::Asked;
use crate::http::forward::Forwards;
use crate::http::forward::ToKeep;
use crate::http::forward::headers;
use crate::http::forward::not_passed_on;
use crate::http::page;
use crate::http::problem::Problem;
use crate::http::reply::Content;
use crate::http::reply::Reply;
use crate::http::route::Route;
use crate::http::site::Site;
use crate::http::store;
use crate::upstream::Passed;
use crate::upstream::Passing;
use crate::upstream::read_assertion;
use hyper::StatusCode;
use hyper::header::ACCEPT;
use hyper::header::HeaderValue;
use sha2::Digest;
use sha2::Sha256;
use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;
use tokio::time::Instant;
use tokio::time::timeout;

/// What an assertion is sent as.
const CONTENT_TYPE: &str = "application/x.ubuntu.assertion";
/// For how long it is believed that the store behind us lacks an assertion. Devices that wait for one ask again.
const LACKING: Duration = Duration::from_secs(30);
/// The most assertions that are known to lack there; keys have some hundred bytes.
const MAX_LACKING: usize = 4_096;
/// How long somebody waits for what may be newer than what we hold: half of what snapd gives an answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the store behind us was found to lack, and when.
#[derive(Debug, Default)]
pub(super) struct Misses(Mutex<HashMap<Box<str>, Instant>>);

impl Misses {
    fn has(&self, path: &str) -> bool {
        let misses = self.0.lock().expect("nobody panics with it");
        misses.get(path).is_some_and(|since| since.elapsed() < LACKING)
    }

    fn note(&self, path: &str) {
        let mut misses = self.0.lock().expect("nobody panics with it");
        if misses.len() >= MAX_LACKING {
            misses.retain(|_, since| since.elapsed() < LACKING);
        }
        // Who asks for more than that in the time has each of them asked for anew.
        if misses.len() < MAX_LACKING {
            misses.insert(path.into(), Instant::now());
        }
    }
}

/// What of an assertion is held: its place in its sequence, and its revision.
type Held = (u32, u32);

/// What is held of the assertion of a request, if it is time to ask for it anew, and this request is to do it.
pub(in crate::http) fn due(site: &Site, asked: &Asked<'_>) -> Option<Held> {
    let Forwards { origin: Some(_), freshness, .. } = &site.backroom.forwards else { return None };
    let is_one = matches!(asked.route, Route::Assertion | Route::AssertionOfOld);
    if !is_one || !freshness.ends() {
        return None;
    }
    let (key, wanted) = store::wanted_assertion(asked).ok()?;
    let published = site.shelf.load();
    let held = published.as_deref()?.backstore.find(&key, wanted)?;
    let now = Instant::now();
    let path = store::due(freshness, (&key, wanted), held, now)?;
    let is_turn = store::is_of_latest(&key, wanted) || freshness.take_turn(&path, now);
    is_turn.then_some((held.sequence, held.revision))
}

/// Asks for an assertion anew of which that is held.
///
/// # Errors
/// Whenever what is held is the answer.
pub(in crate::http) async fn anew(
    site: &Site,
    asked: &Asked<'_>,
    held: Held,
) -> Result<Reply, Problem> {
    let answered = timeout(PATIENCE, ask(site, asked, Some(held))).await;
    let reply = answered.map_err(|_| store::no_assertion())??;
    let is_it = matches!(reply.status, StatusCode::OK | StatusCode::NOT_MODIFIED);
    if is_it { Ok(reply) } else { Err(store::no_assertion()) }
}

/// Asks for the assertion of a request that we have no answer to.
pub(in crate::http) async fn assertion(site: &Site, asked: &Asked<'_>) -> Result<Reply, Problem> {
    ask(site, asked, None).await
}

async fn ask(site: &Site, asked: &Asked<'_>, held: Option<Held>) -> Result<Reply, Problem> {
    let (key, wanted) = store::wanted_assertion(asked)?;
    let forwards = &site.backroom.forwards;
    let path = store::assertion_address(&key, wanted);
    let mut headers = headers::sent(asked.headers);
    headers.insert(ACCEPT, HeaderValue::from_static(CONTENT_TYPE));
    // We have nothing that the store behind us could compare with.
    headers.remove("if-none-match");
    let is_for_anybody = !headers::shows_credentials(&headers);
    if is_for_anybody && forwards.misses.has(&path) {
        return Err(store::no_assertion());
    }
    let passing = Passing::get(path.clone(), headers);
    let Passed { status, headers, body } = forwards.ask("get an assertion", passing).await?;
    match status {
        StatusCode::OK => {}
        StatusCode::NOT_FOUND => {
            if is_for_anybody {
                forwards.misses.note(&path);
            }
            return Err(store::no_assertion());
        }
        _ => {
            let is_told = matches!(status.as_u16(), 401 | 403 | 429);
            let shown = if is_told { status } else { StatusCode::BAD_GATEWAY };
            let reply = not_passed_on(shown, status);
            return Ok(Reply { headers: headers::said(&headers), ..reply });
        }
    }
    let assertion = read_assertion(&key, &body).and_then(|read| checked(read, wanted));
    let assertion = match assertion {
        Ok(assertion) => assertion,
        Err(reason) => {
            tracing::warn!(%key, reason, "the upstream store answered with another assertion");
            return Ok(not_passed_on(StatusCode::BAD_GATEWAY, status));
        }
    };
    let identity = assertion.identity();
    if held.is_some_and(|held| (identity.sequence, identity.revision) < held) {
        tracing::debug!(%identity, "the upstream store has an older assertion than we");
        return Err(store::no_assertion());
    }
    // What is the latest today may not be tomorrow; of a number there is only one.
    let is_lasting = !store::is_of_latest(&key, wanted);
    if let Some(cellar) = forwards.cellar.as_ref().filter(|_| is_for_anybody && is_lasting) {
        let fetched = Fetched::Assertion(Box::new(assertion));
        if cellar.fetched.try_send(ToKeep { fetched, reserved: None }).is_ok() {
            forwards.freshness.is_fresh(&path, Instant::now());
        } else {
            tracing::debug!(%key, "an assertion is not kept: there is too much to keep");
        }
    }
    // The tag it has when it is held.
    let digest = Sha256::digest(&body);
    let digest = digest[..16].try_into().expect("a digest has 32 bytes");
    Ok(page::verbatim(asked, digest, CONTENT_TYPE, Content::Written(body.into())))
}

/// Whether it is of the number and the format that were asked for.
fn checked(assertion: Assertion, wanted: Wanted) -> Result<Assertion, String> {
    let identity = assertion.identity();
    let is_in_place = match wanted.sequence {
        Sequence::Exactly(number) => identity.sequence == number,
        _ => true,
    };
    let is_understood = wanted.max_format.is_none_or(|format| identity.format <= format);
    if is_in_place && is_understood {
        Ok(assertion)
    } else {
        Err(format!("it is another: {identity}"))
    }
}
