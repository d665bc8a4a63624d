//! What editors do: with a token, in the database, with a word in the audit (contract/rankings 2.3, 2.4).
//!
//! Who asks is looked at before anything else: before the body is read, and before anything is said of what it names.

mod audit;
mod exclusions;
mod featured;
mod form;
mod refusal;
mod search;
mod sent;
mod settings;
mod slices;
mod steps;

use crate::db::DbError;
use crate::editorial::By;
use crate::editorial::Editor;
use crate::editorial::Role;
use crate::http::asked::Asked;
use crate::http::editors::refusal::Refusal;
use crate::http::plain_json;
use crate::http::problem::Problem;
use crate::http::relay;
use crate::http::reply::Reply;
use crate::http::route::Route;
use crate::http::site::Site;
use hyper::HeaderMap;
use hyper::Method;
use hyper::StatusCode;
use hyper::header::CACHE_CONTROL;
use hyper::header::HeaderValue;
use hyper::header::WWW_AUTHENTICATE;
use serde_json::Value;
use serde_json::json;

/// The editor who asks; nothing when the route is open to everybody.
///
/// # Errors
/// With the answer to somebody who may not ask this.
pub(super) fn admit<'s>(
    site: &'s Site,
    route: Route,
    method: &Method,
    headers: &HeaderMap,
) -> Result<Option<&'s Editor>, Box<Reply>> {
    let Some(needed) = needed(route, method) else { return Ok(None) };
    let Some(editor) = site.backroom.tokens.editor(headers) else {
        let reply = turned_away(route, StatusCode::UNAUTHORIZED);
        return Err(reply.with(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")).into());
    };
    if editor.role < needed {
        return Err(turned_away(route, StatusCode::FORBIDDEN).into());
    }
    Ok(Some(editor))
}

/// The least role for a method of a route; nothing for everybody.
fn needed(route: Route, method: &Method) -> Option<Role> {
    match route {
        Route::Featured if method != Method::POST => None,
        Route::Featured | Route::Audit => Some(Role::Admin),
        _ => Some(Role::Member),
    }
}

/// What is said to somebody who may not ask this; the routes of our own style say it in theirs.
fn turned_away(route: Route, status: StatusCode) -> Reply {
    let (text, code) = match status {
        StatusCode::UNAUTHORIZED => ("Unauthorized", "unauthorized"),
        _ => ("Admin permissions needed", "forbidden"),
    };
    let reply = if route == Route::Audit {
        Reply::from(Problem::Told { status, code, message: text.to_owned() })
    } else {
        Reply::json(status, plain_json::write(&json!({"error": text, "success": false})))
    };
    reply.with(CACHE_CONTROL, HeaderValue::from_static("no-store"))
}

/// The answer to an editor, or to anybody on a route that is open.
pub(super) async fn answer(
    site: &Site,
    editor: Option<&Editor>,
    asked: &Asked<'_>,
) -> Result<Reply, Problem> {
    let Some(editor) = editor else {
        return Ok(relay::featured(site, asked));
    };
    let by = By { editor, request_id: asked.request_id, now: (site.clock)() };
    if asked.route == Route::Audit {
        let body = audit::list(&site.backroom.database, asked).await?;
        return Ok(private(Reply::json(StatusCode::OK, body)));
    }
    if asked.route == Route::Featured {
        return featured::save(site, &by, asked).await.map(private);
    }
    match edited(site, &by, asked).await {
        Ok(value) => Ok(private(Reply::json(StatusCode::OK, plain_json::write(&value)))),
        Err(Refusal::Problem(problem)) => Err(problem),
        Err(refusal) => Ok(private(refusal.into())),
    }
}

async fn edited(site: &Site, by: &By<'_>, asked: &Asked<'_>) -> Result<Value, Refusal> {
    let database = &site.backroom.database;
    match (asked.route, asked.method) {
        (Route::ExcludedSnaps, _) => exclusions::list(database).await,
        (Route::ExcludeSnap, _) => exclusions::exclude(database, by, asked).await,
        (Route::IncludeSnap, _) => exclusions::include(database, by, asked).await,
        (Route::EditorialSlices, _) => slices::list(database).await,
        (Route::EditorialSlice, &Method::GET | &Method::HEAD) => {
            slices::show(database, asked).await
        }
        (
            Route::CreateSlice
            | Route::EditorialSlice
            | Route::SliceSnaps
            | Route::SliceRemoveSnap
            | Route::SliceOrder,
            _,
        ) => slices::change(database, by, asked).await,
        (Route::Settings, _) => settings::show(database).await,
        (Route::RunStep, _) => steps::run(&site.backroom, by, asked).await,
        (Route::SearchCollected, _) => search::search(database, asked).await,
        _ => Err(Problem::Internal.into()),
    }
}

/// Answers to editors are nobody else's, whatever stands between.
fn private(reply: Reply) -> Reply {
    reply.with(CACHE_CONTROL, HeaderValue::from_static("private"))
}

/// What is said when the database fails; the cause goes to the log.
fn away(error: &DbError) -> Problem {
    let cause = std::error::Error::source(error).map(ToString::to_string);
    tracing::error!(%error, cause, "an editor's request failed");
    Problem::DatabaseAway
}
