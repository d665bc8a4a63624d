//! What operators let channels give out, whatever was released: from the database, at the internal listener.

mod list;
mod sent;
mod view;

use crate::db::DbError;
use crate::db::overrides;
use crate::editorial;
use crate::editorial::By;
use crate::editorial::Decided;
use crate::editorial::Decision;
use crate::editorial::DecisionRefusal;
use crate::editorial::Editor;
use crate::http::asked::Asked;
use crate::http::problem::CodedFault;
use crate::http::problem::Problem;
use crate::http::reply::Reply;
use crate::http::route::Route;
use crate::http::site::Site;
use crate::snap::SnapName;
use hyper::Method;
use hyper::StatusCode;
use hyper::header::CACHE_CONTROL;
use hyper::header::HeaderValue;

/// The answer about overrides.
pub(super) async fn answer(site: &Site, asked: &Asked<'_>) -> Result<Reply, Problem> {
    let body = match (asked.route, asked.method) {
        (Route::Overrides, _) => list::answer(site, asked).await,
        (_, &Method::POST) => decide(site, asked, &sent::decision(asked)?).await,
        (_, &Method::DELETE) => decide(site, asked, &sent::deletion(asked.query)?).await,
        _ => show(site, asked).await,
    }?;
    let reply = Reply::json(StatusCode::OK, body);
    Ok(reply.with(CACHE_CONTROL, HeaderValue::from_static("no-store")))
}

async fn show(site: &Site, asked: &Asked<'_>) -> Result<Vec<u8>, Problem> {
    sent::nothing(asked.query)?;
    let name = name(asked)?;
    let client = site.backroom.database.client().await.map_err(away)?;
    let found = overrides::find(&client, &name).await.map_err(away)?;
    Ok(view::one(&found.ok_or_else(not_found)?))
}

async fn decide(site: &Site, asked: &Asked<'_>, decision: &Decision) -> Result<Vec<u8>, Problem> {
    let (name, database) = (name(asked)?, &site.backroom.database);
    let editor = Editor::operator();
    let by = By { editor: &editor, request_id: asked.request_id, now: (site.clock)() };
    let generation = match editorial::decide(database, &by, name, decision).await.map_err(away)? {
        Decided::Published(generation) => Some(generation),
        Decided::Already => None,
        Decided::Refused(refusal) => return Err(refused(&refusal)),
    };
    let client = database.client().await.map_err(away)?;
    let found = overrides::find(&client, &name).await.map_err(away)?;
    Ok(view::decided(&found.ok_or_else(not_found)?, generation))
}

fn name(asked: &Asked<'_>) -> Result<SnapName, Problem> {
    asked.parameter.parse().map_err(|_| not_found())
}

fn not_found() -> Problem {
    Problem::NotFound("no snap has this name".to_owned())
}

fn refused(refusal: &DecisionRefusal) -> Problem {
    let message = refusal.to_string();
    let fault = |code, pointer: &str| {
        let pointer = pointer.to_owned();
        Problem::Refused(vec![CodedFault { code, message: message.clone(), pointer }])
    };
    match refusal {
        DecisionRefusal::UnknownSnap(_) => not_found(),
        DecisionRefusal::UnknownRevision(..) => fault("revision-not-found", ""),
        DecisionRefusal::NotBuiltFor(..) => fault("not-built-for", "/architecture"),
        DecisionRefusal::Blocked(..) => fault("revision-blocked", "/revision"),
        DecisionRefusal::TooMany(_) => fault("too-many-overrides", ""),
        DecisionRefusal::Spoilt(..) => {
            let (status, code) = (StatusCode::CONFLICT, "broken-record");
            Problem::Told { status, code, message }
        }
    }
}

/// The database does not do what it should.
#[allow(clippy::needless_pass_by_value, reason = "it is for map_err")]
fn away(error: DbError) -> Problem {
    let error: &dyn std::error::Error = &error;
    tracing::warn!(error, "a question about overrides could not be answered");
    Problem::DatabaseAway
}
