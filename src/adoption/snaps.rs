//! Snaps as the store listed them, what was found out about them, and which are kept out of rankings.

use crate::adoption::Kind;
use crate::adoption::row::Columns;
use crate::adoption::source::Source;
use crate::adoption::target::Target;
use crate::adoption::target::column;
use crate::db::DbError;
use crate::db::listed;
use crate::ranking::Listed;
use crate::snap::SnapId;
use crate::upstream::counts;
use std::collections::BTreeSet;

/// Snaps read at a time: their texts are some kilobytes each, and may be a few hundred.
const BATCH: i32 = 200;

/// Why a snap of the earlier service is not ranked, when all it said was that it is not.
const BELOW: &str = "adopted-below-threshold";

/// A snap, and what was found out about it.
struct Found {
    listed: Listed,
    n_devices: i64,
    rating: Option<f64>,
    n_votes: Option<i64>,
    is_eligible: bool,
}

pub(super) async fn adopt(source: &Source<'_>, target: &mut Target<'_>) -> Result<(), DbError> {
    let sql = include_str!("snaps_read.sql");
    let mut batches = source.read(sql, &[], "read the snaps to adopt", BATCH).await?;
    while let Some(rows) = batches.next().await? {
        let mut found = Vec::with_capacity(rows.len());
        let mut excluded = Vec::new();
        for row in &rows {
            match read(row) {
                Ok(snap) => found.push(snap),
                Err(reason) => target.adopted.reject(Kind::Snaps, row.key(0), reason),
            }
            // A snap whose row is bad stays excluded, should the store list it again.
            if row.get(22, "bad-row") == Ok(true) {
                match row.snap_id(0) {
                    Ok(id) => excluded.push(id),
                    Err(reason) => target.adopted.reject(Kind::Exclusions, row.key(0), reason),
                }
            }
        }
        add_snaps(target, &found).await?;
        add_exclusions(target, excluded).await?;
    }
    Ok(())
}

fn read(row: &Columns) -> Result<Found, &'static str> {
    let (links, links_text) = row.json(11, "bad-links")?.ok_or("bad-links")?;
    let (media, media_text) = row.json(12, "bad-media")?.ok_or("bad-media")?;
    let categories = row.json(13, "bad-categories")?.filter(|(value, _)| !value.is_null());
    let revision: i64 = row.get(10, "bad-revision")?;
    let id = row.snap_id(0)?;
    let name = row.get::<&str>(1, "bad-name")?.parse().map_err(|_| "bad-name")?;
    if !links.is_object() {
        return Err("bad-links");
    }
    if !media.is_array() {
        return Err("bad-media");
    }
    if categories.as_ref().is_some_and(|(value, _)| !value.is_array()) {
        return Err("bad-categories");
    }
    if revision < 0 {
        return Err("bad-revision");
    }
    let listed = Listed {
        id,
        name,
        title: row.text(2)?,
        version: row.text(3)?,
        summary: row.text(4)?,
        description: row.text(5)?,
        icon: row.optional_text(6)?,
        website: row.optional_text(7)?,
        contact: row.optional_text(8)?,
        publisher: row.text(9)?,
        revision,
        counts: counts(&links, &media),
        links: links_text,
        media: media_text,
        categories: categories.map(|(_, text)| text),
        developer_validation: row.text(14)?,
        license: row.text(15)?,
        last_updated: row.instant(16)?,
        date_published: row.get(17, "bad-time")?,
    };
    // What is no count and no rating is nothing that was found out; the snap itself is none the worse for it.
    let rating: Option<f64> = row.get(19, "bad-row")?;
    let n_votes: Option<i64> = row.get(20, "bad-row")?;
    Ok(Found {
        listed,
        n_devices: row.get::<i64>(18, "bad-row")?.max(0),
        rating: rating.filter(|rating| (0.0..=1.0).contains(rating)),
        n_votes: n_votes.filter(|n| *n >= 0),
        is_eligible: row.get(21, "bad-row")?,
    })
}

async fn add_snaps(target: &mut Target<'_>, found: &[Found]) -> Result<(), DbError> {
    let ids = column(found, |snap| snap.listed.id);
    let known = "SELECT snap_id FROM listed WHERE snap_id = ANY ($1::text[])";
    let known = target.those(known, &ids, "look which snaps are known").await?;
    let new: Vec<&Listed> = found
        .iter()
        .map(|snap| &snap.listed)
        .filter(|listed| !known.contains(&listed.id))
        .collect();
    // Nobody else writes meanwhile: none of them is there.
    let added = listed::upsert(&target.transaction, &new, target.generation).await?;
    let ids = column(found, |snap| snap.listed.id.as_str());
    let measures =
        "INSERT INTO measure (snap_id, active_devices, raw_rating, total_votes, rated_at)
                    SELECT snap_id, active_devices, raw_rating, total_votes,
                           -- Votes are forgotten when they are not heard of: from now on.
                           CASE WHEN raw_rating IS NOT NULL THEN $5::timestamptz END
                    FROM unnest($1::text[], $2::bigint[], $3::float8[], $4::bigint[])
                        AS said (snap_id, active_devices, raw_rating, total_votes)
                    ON CONFLICT (snap_id) DO NOTHING";
    let devices = column(found, |snap| snap.n_devices);
    let ratings = column(found, |snap| snap.rating);
    let votes = column(found, |snap| snap.n_votes);
    let doing = "adopt what was found out about snaps";
    target.add(measures, &[&ids, &devices, &ratings, &votes, &target.now], doing).await?;
    let verdicts = "INSERT INTO verdict (snap_id, rejection)
                    SELECT * FROM unnest($1::text[], $2::text[])
                    ON CONFLICT (snap_id) DO NOTHING";
    let rejections = column(found, |snap| (!snap.is_eligible).then_some(BELOW));
    target.add(verdicts, &[&ids, &rejections], "adopt which snaps are eligible").await?;
    target.adopted.add(Kind::Snaps, found.len(), added.len());
    Ok(())
}

async fn add_exclusions(target: &mut Target<'_>, excluded: Vec<SnapId>) -> Result<(), DbError> {
    let n_read = excluded.len();
    let new: BTreeSet<SnapId> =
        excluded.into_iter().filter(|id| target.memory.exclusions.insert(*id)).collect();
    let sql = "INSERT INTO exclusion (snap_id, excluded_at)
               SELECT snap_id, $2::timestamptz FROM unnest($1::text[]) AS said (snap_id)
               ON CONFLICT (snap_id) DO NOTHING";
    let ids: Vec<&str> = new.iter().map(SnapId::as_str).collect();
    let n_added = target.add(sql, &[&ids, &target.now], "adopt the exclusions").await?;
    target.adopted.add(Kind::Exclusions, n_read, n_added);
    Ok(())
}
