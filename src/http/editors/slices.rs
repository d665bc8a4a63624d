//! Slices: made, described, filled, put in order.

use crate::db::Database;
use crate::db::slices;
use crate::editorial;
use crate::editorial::By;
use crate::http::asked::Asked;
use crate::http::editors::exclusions::in_order;
use crate::http::editors::refusal::Refusal;
use crate::http::editors::sent::Sent;
use crate::http::problem::Problem;
use crate::http::route::Route;
use crate::ranking::SliceId;
use hyper::Method;
use serde_json::Value;
use serde_json::json;

/// Every slice, with how many snaps it holds.
pub(super) async fn list(database: &Database) -> Result<Value, Refusal> {
    let client = database.client().await?;
    let slices = slices::load(&client).await?;
    let shown = slices.iter().map(|slice| {
        json!({
            "description": slice.description,
            "id": slice.id.as_str(),
            "name": slice.name,
            "snaps_count": slice.snaps.len(),
        })
    });
    Ok(shown.collect())
}

/// One slice with its snaps.
pub(super) async fn show(database: &Database, asked: &Asked<'_>) -> Result<Value, Refusal> {
    let id = id(asked)?;
    let client = database.client().await?;
    let slice = slices::find(&client, &id).await?.ok_or(NOT_FOUND)?;
    Ok(json!({
        "description": slice.description,
        "id": slice.id.as_str(),
        "name": slice.name,
        "snaps": in_order(&client, &slice.snaps).await?,
    }))
}

/// Makes a slice or changes one, as the route says.
pub(super) async fn change(
    database: &Database,
    by: &By<'_>,
    asked: &Asked<'_>,
) -> Result<Value, Refusal> {
    match (asked.route, asked.method) {
        (Route::EditorialSlice, &Method::DELETE) => {
            editorial::delete_slice(database, by, &id(asked)?).await?;
        }
        (Route::CreateSlice | Route::EditorialSlice, _) => {
            let sent = Sent::read(asked)?;
            let (name, description) = (sent.name()?.to_owned(), sent.description()?.to_owned());
            if asked.route == Route::CreateSlice {
                let rule = "an id of 1 to 128 characters must follow from it";
                let id = SliceId::of_name(&name).map_err(|_| Refusal::Wrong("name", rule))?;
                editorial::create_slice(database, by, id, name, description).await?;
            } else {
                editorial::describe_slice(database, by, &id(asked)?, name, description).await?;
            }
        }
        (Route::SliceOrder, _) => {
            let names = Sent::read(asked)?.snaps()?;
            editorial::order_snaps(database, by, &id(asked)?, &names).await?;
        }
        (Route::SliceSnaps, _) => {
            let sent = Sent::read(asked)?;
            editorial::add_snap(database, by, &id(asked)?, sent.name()?).await?;
        }
        (Route::SliceRemoveSnap, _) => {
            let sent = Sent::read(asked)?;
            editorial::remove_snap(database, by, &id(asked)?, sent.name()?).await?;
        }
        _ => return Err(Problem::Internal.into()),
    }
    Ok(json!({"status": "success"}))
}

const NOT_FOUND: Refusal = Refusal::Edit(editorial::Refusal::SliceNotFound);

/// The slice that the path names; what can be no id is the id of no slice.
fn id(asked: &Asked<'_>) -> Result<SliceId, Refusal> {
    asked.parameter.parse().map_err(|_| NOT_FOUND)
}
