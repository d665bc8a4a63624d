//! Keeps snaps out of the rankings.

use crate::db::Database;
use crate::db::exclusions;
use crate::db::listed;
use crate::editorial;
use crate::editorial::By;
use crate::http::asked::Asked;
use crate::http::editors::refusal::Refusal;
use crate::http::editors::sent::Sent;
use crate::http::snap_object::snap_object;
use crate::ranking::Listed;
use crate::snap::SnapId;
use deadpool_postgres::GenericClient;
use serde_json::Value;
use serde_json::json;
use std::collections::BTreeMap;

/// Snaps loaded at a time.
const BATCH: usize = 256;

/// Every excluded snap.
pub(super) async fn list(database: &Database) -> Result<Value, Refusal> {
    let client = database.client().await?;
    let ids = exclusions::load(&client).await?;
    Ok(Value::Array(in_order(&client, &ids).await?))
}

/// Excludes the snap that was sent. An id that nothing is known of is no fault (contract 2.3).
pub(super) async fn exclude(
    database: &Database,
    by: &By<'_>,
    asked: &Asked<'_>,
) -> Result<Value, Refusal> {
    if let Some(snap) = sent(asked)? {
        editorial::exclude(database, by, snap).await?;
    }
    Ok(json!({"status": "success"}))
}

/// Lets the snap in again that was sent.
pub(super) async fn include(
    database: &Database,
    by: &By<'_>,
    asked: &Asked<'_>,
) -> Result<Value, Refusal> {
    if let Some(snap) = sent(asked)? {
        editorial::include(database, by, snap).await?;
    }
    Ok(json!({"status": "success"}))
}

fn sent(asked: &Asked<'_>) -> Result<Option<SnapId>, Refusal> {
    let sent = Sent::read(asked)?;
    Ok(sent.snap_id()?.and_then(|id| id.parse().ok()))
}

/// These snaps as they are shown, in their order.
pub(super) async fn in_order(
    client: &impl GenericClient,
    ids: &[SnapId],
) -> Result<Vec<Value>, Refusal> {
    let by_id = listed_by_id(client, ids).await?;
    Ok(ids.iter().filter_map(|id| by_id.get(id)).map(snap_object).collect())
}

/// What is listed of these snaps.
pub(super) async fn listed_by_id(
    client: &impl GenericClient,
    ids: &[SnapId],
) -> Result<BTreeMap<SnapId, Listed>, Refusal> {
    let mut by_id = BTreeMap::new();
    for batch in ids.chunks(BATCH) {
        let found = listed::load(client, batch).await?;
        by_id.extend(found.into_iter().map(|listed| (listed.id, listed)));
    }
    Ok(by_id)
}
