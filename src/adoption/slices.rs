//! Slices and the snaps in them.

use crate::adoption::Kind;
use crate::adoption::row::Columns;
use crate::adoption::source::Source;
use crate::adoption::target::Target;
use crate::adoption::target::column;
use crate::db::DbError;
use crate::ranking::SliceId;
use crate::snap::Instant;
use crate::snap::SnapId;
use std::collections::BTreeSet;

/// Slices, or snaps in them, read at a time; they are small.
const BATCH: i32 = 1_000;

/// A slice without its snaps.
struct Set {
    id: SliceId,
    name: String,
    description: String,
    created_at: Instant,
}

/// A snap in a slice.
struct Pick {
    slice: SliceId,
    snap: SnapId,
    added_at: Instant,
}

pub(super) async fn adopt(source: &Source<'_>, target: &mut Target<'_>) -> Result<(), DbError> {
    // When a slice was made is not told; its first snap tells about when.
    let sql = "SELECT id, name, description, (
                   SELECT min(created_at)::timestamptz FROM editorial_slice_snap
                   WHERE editorial_slice_snap.editorial_slice_id = editorial_slice.id)
               FROM editorial_slice ORDER BY id";
    let mut batches = source.read(sql, &[], "read the slices to adopt", BATCH).await?;
    let mut rejected = BTreeSet::new();
    while let Some(rows) = batches.next().await? {
        let mut sets = Vec::with_capacity(rows.len());
        for row in &rows {
            match read_set(row, target.now) {
                Ok(set) => sets.push(set),
                Err(reason) => {
                    rejected.insert(row.key(0).to_owned());
                    target.adopted.reject(Kind::Slices, row.key(0), reason);
                }
            }
        }
        add_sets(target, &sets).await?;
    }
    let sql =
        "SELECT editorial_slice_id, snap_id, created_at::timestamptz FROM editorial_slice_snap
               ORDER BY editorial_slice_id, created_at, snap_id COLLATE \"C\"";
    let mut batches = source.read(sql, &[], "read the snaps of slices to adopt", BATCH).await?;
    while let Some(rows) = batches.next().await? {
        let mut picks = Vec::with_capacity(rows.len());
        for row in &rows {
            let is_known = !rejected.contains(row.key(0));
            match if is_known { read_pick(row) } else { Err("unknown-slice") } {
                Ok(pick) => picks.push(pick),
                Err(reason) => target.adopted.reject(Kind::SliceSnaps, row.key(1), reason),
            }
        }
        add_picks(target, picks).await?;
    }
    Ok(())
}

fn read_set(row: &Columns, now: Instant) -> Result<Set, &'static str> {
    let id = row.get::<&str>(0, "bad-slice-id")?.parse().map_err(|_| "bad-slice-id")?;
    let created_at: Option<Instant> = row.get(3, "bad-time")?;
    let created_at = created_at.unwrap_or(now);
    Ok(Set { id, name: row.text(1)?, description: row.text(2)?, created_at })
}

fn read_pick(row: &Columns) -> Result<Pick, &'static str> {
    let slice = row.get::<&str>(0, "bad-slice-id")?.parse().map_err(|_| "bad-slice-id")?;
    Ok(Pick { slice, snap: row.snap_id(1)?, added_at: row.instant(2)? })
}

/// Adds slices that were not adopted before and whose id is free.
async fn add_sets(target: &mut Target<'_>, sets: &[Set]) -> Result<(), DbError> {
    let doing = "adopt the slices";
    let is_new = |set: &&Set| !target.memory.slices.contains_key(set.id.as_str());
    let new: Vec<&Set> = sets.iter().filter(is_new).collect();
    let sql = "INSERT INTO slice (slice_id, name, description, created_at)
               SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[])
               ON CONFLICT (slice_id) DO NOTHING RETURNING slice_id";
    let ids = column(&new, |set| set.id.as_str());
    let names = column(&new, |set| set.name.as_str());
    let descriptions = column(&new, |set| set.description.as_str());
    let times = column(&new, |set| set.created_at);
    let rows = target.transaction.query(sql, &[&ids, &names, &descriptions, &times]).await;
    let rows = rows.map_err(DbError::of(doing))?;
    for row in &rows {
        let id: String = row.try_get(0).map_err(DbError::of(doing))?;
        target.memory.slices.insert(id, Some(BTreeSet::new()));
    }
    for set in new {
        target.memory.slices.entry(set.id.to_string()).or_insert(None);
    }
    target.adopted.add(Kind::Slices, sets.len(), rows.len());
    Ok(())
}

/// Adds snaps to slices that were adopted, each behind those that are there. A slice of that id that was made here is
/// another's work, and stays as it is.
async fn add_picks(target: &mut Target<'_>, picks: Vec<Pick>) -> Result<(), DbError> {
    let ids = column(&picks, |pick| pick.snap);
    let known = "SELECT snap_id FROM listed WHERE snap_id = ANY ($1::text[])";
    let known = target.those(known, &ids, "look which snaps are known").await?;
    let (mut new, mut n_fit) = (Vec::with_capacity(picks.len()), 0);
    for pick in picks {
        if !known.contains(&pick.snap) {
            target.adopted.reject(Kind::SliceSnaps, pick.snap.as_str(), "unknown-snap");
            continue;
        }
        n_fit += 1;
        if let Some(Some(snaps)) = target.memory.slices.get_mut(pick.slice.as_str())
            && snaps.insert(pick.snap)
        {
            new.push(pick);
        }
    }
    let slices = column(&new, |pick| pick.slice.as_str());
    let snaps = column(&new, |pick| pick.snap.as_str());
    let times = column(&new, |pick| pick.added_at);
    let sql = include_str!("slices_add_snaps.sql");
    let n_added = target.add(sql, &[&slices, &snaps, &times], "adopt the snaps of slices").await?;
    target.adopted.add(Kind::SliceSnaps, n_fit, n_added);
    Ok(())
}
