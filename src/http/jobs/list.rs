//! `GET /v2/jobs`: the jobs there are, the latest first.

use crate::db::jobs;
use crate::db::jobs::Filter;
use crate::db::jobs::Job;
use crate::db::jobs::Place;
use crate::http::asked::Asked;
use crate::http::asked::whole_number;
use crate::http::jobs::away;
use crate::http::jobs::view;
use crate::http::parameters::Query;
use crate::http::problem::Problem;
use crate::http::reply::Reply;
use crate::http::site::Site;
use crate::snap::Instant;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hyper::StatusCode;

/// How many jobs a page has unless it is said, and how many at the most.
const USUAL: usize = 10;
const MOST: usize = 100;

const LIMIT: (&str, &str) = ("bad-limit", "limit must be a whole number from 1 to 100");
const KIND: (&str, &str) = ("bad-kind", "kind must be 1 to 64 small letters, digits and hyphens");
const STATE: (&str, &str) =
    ("bad-state", "state must be queued, running, succeeded, partial, failed or cancelled");
const CURSOR: (&str, &str) = ("bad-cursor", "cursor must be the next-cursor of an earlier answer");

pub(super) async fn answer(site: &Site, asked: &Asked<'_>) -> Result<Reply, Problem> {
    let mut query = Query::new(asked.query, &["kind", "state", "limit", "cursor"]);
    let filter = Filter {
        kind: query.read("kind", KIND, |kind| is_kind(kind).then(|| kind.to_owned())),
        state: query.read("state", STATE, |state| state.parse().ok()),
    };
    let limit = query.read("limit", LIMIT, limit).unwrap_or(USUAL);
    let after = query.read("cursor", CURSOR, place);
    query.checked()?;
    let client = site.backroom.database.client().await.map_err(away)?;
    // One more than is shown tells whether there are more.
    let wanted = i64::try_from(limit + 1).expect("it is at most 101");
    let mut found = jobs::list(&client, &filter, after, wanted).await.map_err(away)?;
    let has_more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| has_more).map(cursor);
    Ok(Reply::json(StatusCode::OK, view::list(&found, next)))
}

/// Whether a kind may be called so.
pub(super) fn is_kind(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=64).contains(&text.len()) && text.bytes().all(is_plain)
}

fn limit(text: &str) -> Option<usize> {
    whole_number(text).filter(|limit| (1..=MOST).contains(limit))
}

fn cursor(last: &Job) -> String {
    URL_SAFE_NO_PAD.encode(format!("{}.{}", last.created_at.microseconds(), last.id))
}

fn place(cursor: &str) -> Option<Place> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    let (microseconds, id) = text.split_once('.')?;
    let created_at = Instant::from_microseconds(microseconds.parse().ok()?).ok()?;
    Some(Place { created_at, id: id.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_a_plain_number_from_1_to_100() {
        for (text, expected) in [("1", Some(1)), ("100", Some(100)), ("010", Some(10))] {
            assert_eq!(limit(text), expected, "{text}");
        }
        for bad in ["", "0", "101", "abc", "1e2", "+5", "-1", " 5", "5 ", "99999999999999999999"] {
            assert_eq!(limit(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_cursor_that_is_none_is_refused() {
        for bad in ["", "x", "====", "MTIzNA", "LTEuai0wMDAwMDAwMDAwMDAwMDAx"] {
            assert_eq!(place(bad), None, "{bad}");
        }
    }
}
