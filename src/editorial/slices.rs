//! Picks snaps for slices.

use crate::db::Database;
use crate::db::DbError;
use crate::db::listed_search;
use crate::db::parts::Part;
use crate::db::slices;
use crate::editorial::By;
use crate::editorial::EditError;
use crate::editorial::Refusal;
use crate::editorial::turn::Change;
use crate::editorial::turn::Turn;
use crate::ranking::Slice;
use crate::ranking::SliceId;
use crate::snap::SnapId;
use deadpool_postgres::Object;
use serde_json::Value;
use serde_json::json;
use std::collections::BTreeMap;

/// The most snaps of a slice: it is a shelf of a page, not a catalogue.
const MAX_SNAPS: usize = 1_000;
/// The most slices there are: each is rendered with every publication, and lies in the memory of every server.
const MAX_SLICES: usize = 100;

/// Makes an empty slice.
///
/// # Errors
/// When another has its id, there are as many as there may be, or the database fails.
pub async fn create_slice(
    database: &Database,
    by: &By<'_>,
    id: SliceId,
    name: String,
    description: String,
) -> Result<(), EditError> {
    let mut client = database.client().await?;
    let turn = Turn::begin(&mut client).await?;
    if slices::find(&turn.transaction, &id).await?.is_some() {
        return Err(Refusal::SliceTaken.into());
    }
    if slices::count(&turn.transaction).await? >= MAX_SLICES {
        return Err(Refusal::TooManySlices.into());
    }
    let slice = Slice { id, name, description, snaps: Vec::new() };
    slices::upsert(&turn.transaction, &slice, by.now).await?;
    Ok(publish(turn, by, "create-slice", None, Some(&slice)).await?)
}

/// Gives a slice another name and description. Its id stays.
///
/// # Errors
/// When there is no such slice, or the database fails.
pub async fn describe_slice(
    database: &Database,
    by: &By<'_>,
    id: &SliceId,
    name: String,
    description: String,
) -> Result<(), EditError> {
    let mut client = database.client().await?;
    let (turn, before) = turn_at(&mut client, id).await?;
    let after = Slice { name, description, ..before.clone() };
    if after == before {
        return Ok(());
    }
    slices::upsert(&turn.transaction, &after, by.now).await?;
    Ok(publish(turn, by, "describe-slice", Some(&before), Some(&after)).await?)
}

/// Deletes a slice.
///
/// # Errors
/// When there is no such slice, or the database fails.
pub async fn delete_slice(database: &Database, by: &By<'_>, id: &SliceId) -> Result<(), EditError> {
    let mut client = database.client().await?;
    let (turn, before) = turn_at(&mut client, id).await?;
    slices::delete(&turn.transaction, id).await?;
    Ok(publish(turn, by, "delete-slice", Some(&before), None).await?)
}

/// Puts the snap of a name behind those of a slice. One that is there already stays where it is.
///
/// # Errors
/// When there is no such slice or snap, the slice is full, or the database fails.
pub async fn add_snap(
    database: &Database,
    by: &By<'_>,
    id: &SliceId,
    name: &str,
) -> Result<(), EditError> {
    let mut client = database.client().await?;
    let (turn, before) = turn_at(&mut client, id).await?;
    let snap = listed_search::find_by_name(&turn.transaction, name).await?;
    let snap = snap.ok_or(Refusal::SnapNotFound)?;
    if before.snaps.contains(&snap) {
        return Ok(());
    }
    if before.snaps.len() >= MAX_SNAPS {
        return Err(Refusal::SliceFull.into());
    }
    let mut snaps = before.snaps.clone();
    snaps.push(snap);
    with_snaps(turn, by, "add-snap", before, snaps).await
}

/// Takes the snap of a name out of a slice.
///
/// # Errors
/// When there is no such slice, the snap is not in it, or the database fails.
pub async fn remove_snap(
    database: &Database,
    by: &By<'_>,
    id: &SliceId,
    name: &str,
) -> Result<(), EditError> {
    let mut client = database.client().await?;
    let (turn, before) = turn_at(&mut client, id).await?;
    let named = listed_search::named(&turn.transaction, &before.snaps, name).await?;
    let snap = named.first().ok_or(Refusal::SnapNotFound)?;
    let snaps = before.snaps.iter().copied().filter(|other| other != snap).collect();
    with_snaps(turn, by, "remove-snap", before, snaps).await
}

/// Puts the snaps of a slice in the order of these names.
///
/// # Errors
/// When there is no such slice, the names are not those of its snaps, or the database fails.
pub async fn order_snaps(
    database: &Database,
    by: &By<'_>,
    id: &SliceId,
    names: &[String],
) -> Result<(), EditError> {
    let mut client = database.client().await?;
    let (turn, before) = turn_at(&mut client, id).await?;
    let known = listed_search::names(&turn.transaction, &before.snaps).await?;
    let snaps = reordered(&before.snaps, &known, names).ok_or(Refusal::OrderDiffers)?;
    if snaps == before.snaps {
        return Ok(());
    }
    with_snaps(turn, by, "order-slice", before, snaps).await
}

/// The snaps, whose names are `known`, in the order of `names`; nothing when those are not the same names. Two snaps of
/// one name keep their order.
fn reordered(snaps: &[SnapId], known: &[String], names: &[String]) -> Option<Vec<SnapId>> {
    if snaps.len() != known.len() || snaps.len() != names.len() {
        return None;
    }
    let mut by_name: BTreeMap<&str, Vec<SnapId>> = BTreeMap::new();
    for (snap, name) in snaps.iter().zip(known).rev() {
        by_name.entry(name).or_default().push(*snap);
    }
    names.iter().map(|name| by_name.get_mut(name.as_str())?.pop()).collect()
}

/// A turn to change a slice, and the slice as it is.
async fn turn_at<'c>(client: &'c mut Object, id: &SliceId) -> Result<(Turn<'c>, Slice), EditError> {
    let turn = Turn::begin(client).await?;
    let slice = slices::find(&turn.transaction, id).await?.ok_or(Refusal::SliceNotFound)?;
    Ok((turn, slice))
}

async fn with_snaps(
    turn: Turn<'_>,
    by: &By<'_>,
    action: &'static str,
    before: Slice,
    snaps: Vec<SnapId>,
) -> Result<(), EditError> {
    slices::record_snaps(&turn.transaction, &before.id, &snaps, by.now).await?;
    let after = Slice { snaps, ..before.clone() };
    Ok(publish(turn, by, action, Some(&before), Some(&after)).await?)
}

async fn publish(
    turn: Turn<'_>,
    by: &By<'_>,
    action: &'static str,
    before: Option<&Slice>,
    after: Option<&Slice>,
) -> Result<(), DbError> {
    let target = before.or(after).map_or("", |slice| slice.id.as_str());
    let (before, after) = (before.map(told), after.map(told));
    turn.publish(by, Change { part: Some(Part::Slices), action, target, before, after }).await
}

/// A slice as the audit tells it.
fn told(slice: &Slice) -> Value {
    json!({"name": slice.name, "description": slice.description, "snaps": slice.snaps})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_names_every_snap_once() {
        let id = |letter: &str| letter.repeat(32).parse::<SnapId>().unwrap();
        let (snaps, known) = ([id("a"), id("b"), id("c")], ["x", "y", "x"].map(str::to_owned));
        let order = |names: &[&str]| {
            let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
            reordered(&snaps, &known, &names)
        };
        assert_eq!(order(&["y", "x", "x"]), Some(vec![id("b"), id("a"), id("c")]));
        for bad in [&["x", "y"][..], &["x", "y", "y"], &["x", "x", "z"], &["x", "y", "x", "x"]] {
            assert_eq!(order(bad), None, "{bad:?}");
        }
    }
}
