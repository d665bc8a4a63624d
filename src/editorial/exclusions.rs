//! Keeps snaps out of every ranking, and lets them in again.

use crate::db::Database;
use crate::db::DbError;
use crate::db::exclusions;
use crate::db::parts::Part;
use crate::editorial::By;
use crate::editorial::turn::Change;
use crate::editorial::turn::Turn;
use crate::snap::SnapId;
use serde_json::json;

/// Excludes a snap. One that is excluded, or was never listed, is left as it is.
///
/// # Errors
/// When the database fails.
pub async fn exclude(database: &Database, by: &By<'_>, snap: SnapId) -> Result<(), DbError> {
    let mut client = database.client().await?;
    let turn = Turn::begin(&mut client).await?;
    if !exclusions::record(&turn.transaction, snap, by.now).await? {
        return Ok(());
    }
    turn.publish(by, change("exclude-snap", &snap, true)).await
}

/// Lets a snap in again. One that is not excluded is left as it is.
///
/// # Errors
/// When the database fails.
pub async fn include(database: &Database, by: &By<'_>, snap: SnapId) -> Result<(), DbError> {
    let mut client = database.client().await?;
    let turn = Turn::begin(&mut client).await?;
    if !exclusions::delete(&turn.transaction, snap).await? {
        return Ok(());
    }
    turn.publish(by, change("include-snap", &snap, false)).await
}

fn change<'a>(action: &'static str, snap: &'a SnapId, is_excluded: bool) -> Change<'a> {
    Change {
        part: Some(Part::Exclusions),
        action,
        target: snap.as_str(),
        before: Some(json!({"excluded": !is_excluded})),
        after: Some(json!({"excluded": is_excluded})),
    }
}
