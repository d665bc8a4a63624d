//! The table `release`: what every channel held, and when.

use crate::db::DbError;
use crate::db::rows::BySnap;
use crate::db::rows::Columns;
use crate::db::rows::Unreadable;
use crate::db::rows::column;
use crate::db::rows::execute;
use crate::db::rows::numbered;
use crate::snap::Branch;
use crate::snap::Channel;
use crate::snap::Listing;
use crate::snap::Release;
use deadpool_postgres::GenericClient;
use deadpool_postgres::Transaction;
use tokio_postgres::Row;

pub(super) async fn load(client: &impl GenericClient, ids: &[&str]) -> Result<BySnap, DbError> {
    BySnap::load(client, include_str!("releases_load.sql"), ids, "load the releases").await
}

pub(super) fn read(row: &Row) -> Result<Release, Unreadable> {
    let columns = Columns::of(row, "release");
    Ok(Release {
        channel: channel(&columns)?,
        architecture: columns.get(4)?,
        revision: columns.get(5)?,
        released_at: columns.get(6)?,
        closed_at: columns.get(7)?,
    })
}

/// The channel kept in the three columns behind the place.
pub(super) fn channel(columns: &Columns<'_>) -> Result<Channel, Unreadable> {
    channel_at(columns, 1)
}

/// The channel kept in three columns from that one on.
pub(super) fn channel_at(columns: &Columns<'_>, position: usize) -> Result<Channel, Unreadable> {
    let branch = match columns.get(position + 2)? {
        "" => None,
        name => Some(name.parse::<Branch>()?),
    };
    Ok(Channel { track: columns.get(position)?, risk: columns.get(position + 1)?, branch })
}

pub(super) async fn insert(
    transaction: &Transaction<'_>,
    listings: &[&Listing],
) -> Result<(), DbError> {
    let rows = numbered(listings, |listing| &listing.releases);
    if rows.is_empty() {
        return Ok(());
    }
    let branch =
        |release: &'_ Release| release.channel.name().branch().unwrap_or_default().to_owned();
    execute(
        transaction,
        include_str!("releases_insert.sql"),
        &[
            &column(&rows, |(id, _, _)| *id),
            &column(&rows, |(_, _, release)| release.channel.track.as_str()),
            &column(&rows, |(_, _, release)| release.channel.risk.as_str()),
            &column(&rows, |(_, _, release)| branch(release)),
            &column(&rows, |(_, _, release)| release.architecture.as_str()),
            &column(&rows, |(_, _, release)| release.revision),
            &column(&rows, |(_, _, release)| release.released_at),
            &column(&rows, |(_, _, release)| release.closed_at),
        ],
        "record the releases",
    )
    .await?;
    Ok(())
}
