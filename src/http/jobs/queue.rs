//! `POST /v2/jobs`: work to be done.

use crate::db::DbError;
use crate::db::jobs;
use crate::db::jobs::Enqueued;
use crate::db::jobs::JobId;
use crate::db::jobs::NewJob;
use crate::db::jobs::Request;
use crate::db::jobs::Requested;
use crate::http::asked::Asked;
use crate::http::jobs::away;
use crate::http::jobs::view;
use crate::http::parameters::Query;
use crate::http::problem::CodedFault;
use crate::http::problem::Problem;
use crate::http::reply::Reply;
use crate::http::site::Site;
use crate::snap::Instant;
use hyper::HeaderMap;
use hyper::StatusCode;
use hyper::header::CACHE_CONTROL;
use hyper::header::HeaderName;
use hyper::header::HeaderValue;
use hyper::header::LOCATION;
use serde::Deserialize;
use serde_json::Map;
use serde_json::Value;
use sha2::Digest;
use sha2::Sha256;

/// Why work cannot be queued; the messages are for whoever asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BadJob {
    /// There is no such kind.
    UnknownKind(String),
    /// The kind does not take the arguments.
    BadArgs {
        /// The member of the arguments that is wrong, as a path such as `steps[0].name`; `.` for the whole.
        path: String,
        /// In words.
        message: String,
    },
}

/// The largest body in bytes: arguments are small, and every list of jobs repeats them.
const MAX_BODY_BYTES: usize = 64 * 1_024;
/// The longest idempotency key in bytes (contract B9).
const MAX_KEY_BYTES: usize = 128;
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// As sent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    kind: String,
    #[serde(default)]
    args: Map<String, Value>,
}

/// 202 when a job was made for it, 200 when there is one that does it.
pub(super) async fn answer(site: &Site, asked: &Asked<'_>) -> Result<Reply, Problem> {
    Query::new(asked.query, &[]).checked()?;
    let key = idempotency_key(asked.headers)?;
    let new = new_job(site, asked.body)?;
    let now = (site.clock)();
    let requested = match key {
        Some(key) => request(site, key, is_anew(asked.headers), &new, now).await,
        None => enqueue(site, &new, now).await,
    };
    let Requested::Job(enqueued, first) = requested.map_err(away)? else {
        let message = "something else was asked for under this idempotency key".to_owned();
        let (status, code) = (StatusCode::CONFLICT, "idempotency-mismatch");
        return Err(Problem::Told { status, code, message });
    };
    let Enqueued { job, is_new } = &*enqueued;
    if *is_new {
        tracing::info!(job.id = %job.id, job.kind, "a job was queued");
    }
    let status = if *is_new { StatusCode::ACCEPTED } else { StatusCode::OK };
    let place = HeaderValue::try_from(format!("/v2/jobs/{}", job.id));
    let reply = Reply::json(status, view::queued(job, !is_new, first));
    Ok(reply.with(LOCATION, place.expect("letters and digits are a header's value")))
}

async fn enqueue(site: &Site, new: &NewJob, now: Instant) -> Result<Requested, DbError> {
    let client = site.backroom.database.client().await?;
    let enqueued = jobs::enqueue(&client, new, now).await?;
    let first = enqueued.job.created_at;
    Ok(Requested::Job(Box::new(enqueued), first))
}

async fn request(
    site: &Site,
    idempotency_key: &str,
    is_anew: bool,
    new: &NewJob,
    now: Instant,
) -> Result<Requested, DbError> {
    let doing = "record a request for a job";
    // Of what the kind made of it: blanks and the order of members make no difference.
    let digest = Sha256::digest(format!("{}\n{}", new.kind, new.args));
    let request = Request { idempotency_key, digest: &digest, is_anew };
    let mut client = site.backroom.database.client().await?;
    let transaction = client.transaction().await.map_err(DbError::of(doing))?;
    let requested = jobs::request(&transaction, request, new, now).await?;
    transaction.commit().await.map_err(DbError::of(doing))?;
    Ok(requested)
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let mut values = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let key = value.to_str().ok().filter(|key| (1..=MAX_KEY_BYTES).contains(&key.len()));
    if let (Some(key), None) = (key, values.next()) {
        return Ok(Some(key));
    }
    let message =
        "the header Idempotency-Key must be 1 to 128 visible ASCII characters, once".to_owned();
    let (status, code) = (StatusCode::BAD_REQUEST, "bad-idempotency-key");
    Err(Problem::Told { status, code, message })
}

/// Whether what was asked before under the same key does not count.
fn is_anew(headers: &HeaderMap) -> bool {
    let values = headers.get_all(CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    values
        .flat_map(|value| value.split(','))
        .any(|word| word.trim().eq_ignore_ascii_case("no-cache"))
}

fn new_job(site: &Site, body: &[u8]) -> Result<NewJob, Problem> {
    if body.len() > MAX_BODY_BYTES {
        return Err(Problem::TooLarge(MAX_BODY_BYTES));
    }
    let mut reader = serde_json::Deserializer::from_slice(body);
    let wire: Result<Wire, _> = serde_path_to_error::deserialize(&mut reader);
    // The parser's words are not repeated: they may show what was sent.
    let expected = r#"expected an object such as {"kind": "prune", "args": {}}"#;
    let wire = wire.map_err(|error| {
        let pointer = if error.inner().is_data() {
            pointer("", &error.path().to_string())
        } else {
            String::new()
        };
        Problem::body(&pointer, expected)
    })?;
    reader.end().map_err(|_| Problem::body("", expected))?;
    let refused =
        |code, message, pointer| Problem::Refused(vec![CodedFault { code, message, pointer }]);
    let args = Value::Object(wire.args);
    if args.to_string().contains("\\u0000") {
        let message = "the arguments hold a character that cannot be kept".to_owned();
        return Err(refused("bad-args", message, "/args".to_owned()));
    }
    let id = JobId::from_random((site.backroom.jobs.random)());
    (site.backroom.jobs.prepare)(&wire.kind, args, id).map_err(|bad| match bad {
        BadJob::UnknownKind(message) => refused("unknown-kind", message, "/kind".to_owned()),
        BadJob::BadArgs { path, message } => refused("bad-args", message, pointer("/args", &path)),
    })
}

/// The JSON pointer of a path such as `steps[0].name` below another.
fn pointer(below: &str, path: &str) -> String {
    let path = path.replace('~', "~0").replace('/', "~1").replace('[', ".").replace(']', "");
    let steps = path.split('.').filter(|step| !step.is_empty() && *step != "?");
    steps.fold(below.to_owned(), |pointer, step| pointer + "/" + step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_becomes_a_pointer() {
        for (path, expected) in [
            (".", "/args"),
            ("n", "/args/n"),
            ("steps[0].name", "/args/steps/0/name"),
            ("a/b", "/args/a~1b"),
            ("?", "/args"),
        ] {
            assert_eq!(pointer("/args", path), expected);
        }
    }
}
