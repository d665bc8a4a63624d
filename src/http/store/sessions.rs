//! Device sessions (contract 10.4): a nonce for whoever asks, and for it, once, a session of the device that signed it.
//!
//! This is the one place of the device's door that waits for the database: which nonces were used must be known to all
//! processes. It takes no room from other requests, and has bounds of its own.

use crate::credentials::BadNonce;
use crate::credentials::BadSessionRequest;
use crate::credentials::Lifetime;
use crate::credentials::SessionRequest;
use crate::db::Database;
use crate::db::DbError;
use crate::db::account_keys;
use crate::db::nonces;
use crate::http::asked::Asked;
use crate::http::json;
use crate::http::problem::Problem;
use crate::http::reply::Reply;
use crate::http::route::Route;
use crate::http::site::Site;
use crate::http::store::DeviceHeaders;
use crate::http::store::authorization;
use crate::http::store::wire;
use crate::http::store::wire::Text;
use crate::http::store::wire::wire_object;
use crate::refresh::Fault;
use crate::snap::StoreId;
use hyper::StatusCode;
use hyper::header::CACHE_CONTROL;
use hyper::header::HeaderValue;
use std::fmt;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use validator::Validate;

/// How long a session may take to open in all; snapd gives an attempt ten seconds.
const PATIENCE: Duration = Duration::from_secs(5);
/// The most requests that wait for the database at once: a fleet that starts together is told to come back.
const MAX_WAITING: usize = 64;
/// The longest assertion; a model may list some hundred snaps.
const MAX_ASSERTION: u64 = 256 * 1_024;

/// How sessions are given out.
#[derive(Debug, Clone, Copy)]
pub struct SessionRules {
    /// How long a nonce is good.
    pub nonce_life: Duration,
    /// After how long a session is to be renewed.
    pub soft: Duration,
    /// After how long it ends.
    pub hard: Duration,
    /// Whether a model is believed for which no key we hold vouches.
    pub trusts_models: bool,
}

/// What the routes of sessions need.
pub struct SessionDoor {
    database: Database,
    rules: SessionRules,
    random: fn() -> u64,
    room: Semaphore,
}

impl SessionDoor {
    /// A door to the database where used nonces and the keys of accounts are, that draws random numbers there.
    pub fn new(database: Database, rules: SessionRules, random: fn() -> u64) -> Self {
        Self { database, rules, random, room: Semaphore::new(MAX_WAITING) }
    }

    fn draw(&self) -> u128 {
        u128::from((self.random)()) << 64 | u128::from((self.random)())
    }
}

impl fmt::Debug for SessionDoor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionDoor").finish_non_exhaustive()
    }
}

wire_object! {
    /// The body of a request for a session.
    #[derive(Validate)]
    pub(super) struct SessionWire<'a> {
        #[validate(required, length(max = MAX_ASSERTION))]
        device_session_request: Text<'a> = "device-session-request",
        #[validate(required, length(max = MAX_ASSERTION))]
        serial_assertion: Text<'a> = "serial-assertion",
        #[validate(required, length(max = MAX_ASSERTION))]
        model_assertion: Text<'a> = "model-assertion",
    }
}

/// The answer of both routes; neither may be kept.
pub(in crate::http) async fn sessions(site: &Site, asked: &Asked<'_>) -> Result<Reply, Problem> {
    let said = if asked.route == Route::Nonces {
        member("nonce", &nonce(site)?)
    } else {
        member("macaroon", &session(site, asked).await?)
    };
    let reply = Reply::json(StatusCode::OK, said);
    Ok(reply.with(CACHE_CONTROL, HeaderValue::from_static("no-store")))
}

fn member(name: &str, text: &str) -> Vec<u8> {
    let mut body = b"{".to_vec();
    json::string(&mut body, name);
    body.push(b':');
    json::string(&mut body, text);
    body.push(b'}');
    body
}

fn nonce(site: &Site) -> Result<String, Problem> {
    let door = &site.backroom.sessions;
    let expires_at = (site.clock)().plus(door.rules.nonce_life);
    site.options.admission.secrets.nonce(door.draw(), expires_at).ok_or(Problem::Internal)
}

async fn session(site: &Site, asked: &Asked<'_>) -> Result<String, Problem> {
    let wire: SessionWire<'_> = wire::read(asked.body)?;
    let faults = wire::faults(wire.validate());
    if !faults.is_empty() {
        return Err(Problem::BadBody(faults));
    }
    let (request, serial, model) =
        (&wire.device_session_request, &wire.serial_assertion, &wire.model_assertion);
    let [request, serial, model] =
        [request, serial, model].map(|text| text.as_ref().map(Text::as_str).unwrap_or_default());
    let request = SessionRequest::read(request, serial, model).map_err(|bad| refused(&bad))?;
    let (door, secrets) = (&site.backroom.sessions, &site.options.admission.secrets);
    let now = (site.clock)();
    let nonce = secrets.open_nonce(&request.nonce, now).map_err(|bad| match bad {
        BadNonce::Foreign => told("nonce-not-valid", &bad.to_string()),
        BadNonce::Expired => told("nonce-expired", &bad.to_string()),
    })?;
    // An earlier session may have expired, or come from another store; but it is not shown by another device.
    let shown = authorization::session(&DeviceHeaders::of(asked.headers), secrets);
    if shown.grant().is_some_and(|grant| grant.device != Some(request.device)) {
        let message = "the session that is to be renewed is another device's".to_owned();
        let (status, code) = (StatusCode::FORBIDDEN, "device-service-disallowed");
        return Err(Problem::Told { status, code, message });
    }
    let asking = async {
        let client = door.database.client().await?;
        if !nonces::use_once(&client, &nonce.digest, nonce.expires_at).await? {
            return Ok(None);
        }
        let is_believed = door.rules.trusts_models || {
            let keys = account_keys::load(&client, &request.signers()).await?;
            request.is_vouched_for(keys.iter().map(String::as_str), now)
        };
        Ok(Some(is_believed))
    };
    let _room = door.room.try_acquire().map_err(|_| Problem::Busy)?;
    let used = timeout(PATIENCE, asking).await.map_err(DbError::of("open a session in time"));
    let is_believed = used
        .and_then(|used| used)
        .map_err(|error| away(&error))?
        .ok_or_else(|| told("nonce-used", "the nonce has opened a session before"))?;
    let stores: Vec<StoreId> = request.store.iter().filter(|_| is_believed).cloned().collect();
    let lifetime = Lifetime { now, soft: Some(door.rules.soft), hard: door.rules.hard };
    secrets.session(door.draw(), request.device, &stores, &lifetime).ok_or(Problem::Internal)
}

fn told(code: &'static str, message: &str) -> Problem {
    Problem::Told { status: StatusCode::BAD_REQUEST, code, message: message.to_owned() }
}

fn refused(bad: &BadSessionRequest) -> Problem {
    let message = bad.to_string();
    match bad {
        BadSessionRequest::Text { which, .. } | BadSessionRequest::Header { which, .. } => {
            Problem::BadBody(vec![Fault { pointer: format!("/{which}"), message: message.into() }])
        }
        BadSessionRequest::Signature => told("device-signature-not-valid", &message),
    }
}

/// The database does not do what it should; the cause goes to the log.
fn away(error: &DbError) -> Problem {
    let error: &dyn std::error::Error = error;
    tracing::warn!(error, "a session could not be opened");
    Problem::DatabaseAway
}
