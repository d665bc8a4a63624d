//! The table `progression`: releases that a part of the devices is given. Its rows go with their releases.

use crate::db::DbError;
use crate::db::releases;
use crate::db::rows::BySnap;
use crate::db::rows::Columns;
use crate::db::rows::Unreadable;
use crate::db::rows::column;
use crate::db::rows::execute;
use crate::db::rows::numbered;
use crate::snap::Listing;
use crate::snap::Progress;
use crate::snap::Progression;
use deadpool_postgres::GenericClient;
use deadpool_postgres::Transaction;
use tokio_postgres::Row;

pub(super) async fn load(client: &impl GenericClient, ids: &[&str]) -> Result<BySnap, DbError> {
    BySnap::load(client, include_str!("progressions_load.sql"), ids, "load the progressions").await
}

pub(super) fn read(row: &Row) -> Result<Progression, Unreadable> {
    let columns = Columns::of(row, "progression");
    Ok(Progression {
        channel: releases::channel(&columns)?,
        architecture: columns.get(4)?,
        released_at: columns.get(5)?,
        progress: Progress {
            percentage: columns.get(6)?,
            is_paused: columns.get(7)?,
            salt: columns.get(8)?,
        },
    })
}

pub(super) async fn insert(
    transaction: &Transaction<'_>,
    listings: &[&Listing],
) -> Result<(), DbError> {
    let rows = numbered(listings, |listing| &listing.decisions.progressions);
    if rows.is_empty() {
        return Ok(());
    }
    execute(
        transaction,
        include_str!("progressions_insert.sql"),
        &[
            &column(&rows, |(id, _, _)| *id),
            &column(&rows, |(_, _, one)| one.channel.track.as_str()),
            &column(&rows, |(_, _, one)| one.channel.risk.as_str()),
            &column(&rows, |(_, _, one)| one.channel.name().branch().unwrap_or_default()),
            &column(&rows, |(_, _, one)| one.architecture.as_str()),
            &column(&rows, |(_, _, one)| one.released_at),
            &column(&rows, |(_, _, one)| one.progress.percentage),
            &column(&rows, |(_, _, one)| one.progress.is_paused),
            &column(&rows, |(_, _, one)| one.progress.salt),
        ],
        "record the progressions",
    )
    .await?;
    Ok(())
}
