//! What the store features: chosen by an admin (contract/rankings 2.4).

use crate::editorial;
use crate::editorial::By;
use crate::editorial::FeatureError;
use crate::http::asked::Asked;
use crate::http::editors::away;
use crate::http::editors::form;
use crate::http::plain_json;
use crate::http::problem::Problem;
use crate::http::reply::Reply;
use crate::http::site::Site;
use crate::snap::SnapId;
use hyper::StatusCode;
use serde_json::json;
use std::error::Error;
use std::sync::Arc;

/// The most snaps that are featured; editors feature 16.
const MAX_SNAPS: usize = 200;

/// Makes the store feature the snaps of the form.
pub(super) async fn save(site: &Site, by: &By<'_>, asked: &Asked<'_>) -> Result<Reply, Problem> {
    let snaps = match chosen(asked) {
        Ok(snaps) => snaps,
        Err((status, message)) => return Ok(failure(status, message)),
    };
    let errand = site.errands.begin();
    let backroom = &site.backroom;
    let (database, store) = (backroom.database.clone(), backroom.store.clone());
    let (editor, request_id) = (by.editor.clone(), by.request_id.to_owned());
    let (now, relay) = (by.now, Arc::clone(&backroom.relay));
    // On its own: the list must not stay half written because somebody closed a window, or because we are told to go.
    let saving = tokio::spawn(async move {
        let _errand = errand;
        let by = By { editor: &editor, request_id: &request_id, now };
        let done = editorial::feature(&database, &store, &by, &snaps).await;
        // What failed may have left its traces too.
        relay.featured_changed();
        done
    });
    match saving.await {
        Ok(Ok(())) => Ok(Reply::json(StatusCode::OK, plain_json::write(&json!({"success": true})))),
        Ok(Err(FeatureError::Db(error))) => Err(away(&error)),
        Ok(Err(error)) => Ok(told(&error)),
        Err(_) => Err(Problem::Internal),
    }
}

/// The ids of the form, each once, in order.
fn chosen(asked: &Asked<'_>) -> Result<Vec<SnapId>, (StatusCode, &'static str)> {
    let no_form = |_| (StatusCode::UNSUPPORTED_MEDIA_TYPE, "Snaps must be sent as a form");
    let text = form::field(asked, "snaps").map_err(no_form)?.unwrap_or_default();
    let mut snaps: Vec<SnapId> = Vec::new();
    for word in text.split(',').map(str::trim).filter(|word| !word.is_empty()) {
        let snap = word.parse().map_err(|_| (StatusCode::BAD_REQUEST, "Snaps must be snap ids"))?;
        if snaps.contains(&snap) {
            continue;
        }
        if snaps.len() >= MAX_SNAPS {
            return Err((StatusCode::BAD_REQUEST, "At most 200 snaps can be featured"));
        }
        snaps.push(snap);
    }
    if snaps.is_empty() {
        return Err((StatusCode::INTERNAL_SERVER_ERROR, "Snaps cannot be empty"));
    }
    Ok(snaps)
}

fn told(error: &FeatureError) -> Reply {
    if !matches!(error, FeatureError::Busy) {
        let cause = error.source().map(ToString::to_string);
        tracing::error!(%error, cause, "the featured list was not changed");
    }
    let internal = StatusCode::INTERNAL_SERVER_ERROR;
    match error {
        FeatureError::Busy => {
            failure(StatusCode::CONFLICT, "Featured update already in progress. Please retry.")
        }
        FeatureError::Unread(_) => failure(StatusCode::BAD_GATEWAY, "The store cannot be asked."),
        FeatureError::NotDeleted(_) => {
            failure(StatusCode::BAD_REQUEST, "An error occurred while deleting featured snaps")
        }
        FeatureError::NotSaved(_) => match error.refused_with() {
            Some(status @ (401 | 403)) => {
                let status = StatusCode::from_u16(status).unwrap_or(internal);
                failure(status, "Unauthorized to update featured snaps")
            }
            Some(status) => {
                failure(internal, &format!("Failed to update featured snaps (status {status})."))
            }
            None => failure(internal, "Failed to update featured snaps (no answer)."),
        },
        FeatureError::NotRecorded(_) | FeatureError::Db(_) => {
            failure(internal, "Featured update rolled back due to an internal error.")
        }
    }
}

fn failure(status: StatusCode, message: &str) -> Reply {
    Reply::json(status, plain_json::write(&json!({"message": message, "success": false})))
}
