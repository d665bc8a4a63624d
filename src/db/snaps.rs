//! The table `snap`.

use crate::db::DbError;
use crate::db::publishers;
use crate::db::rows::BySnap;
use crate::db::rows::Columns;
use crate::db::rows::Unreadable;
use crate::db::rows::column;
use crate::db::rows::execute;
use crate::snap::Decisions;
use crate::snap::Line;
use crate::snap::Listing;
use crate::snap::SnapId;
use crate::snap::Track;
use crate::snap::Url;
use deadpool_postgres::GenericClient;
use deadpool_postgres::Transaction;
use std::collections::BTreeMap;
use tokio_postgres::Row;

pub(super) async fn load(client: &impl GenericClient, ids: &[&str]) -> Result<BySnap, DbError> {
    BySnap::load(client, include_str!("snaps_load.sql"), ids, "load the snaps").await
}

/// Reads a snap with its publisher; what other tables hold of it is empty.
pub(super) fn read(id: SnapId, row: &Row) -> Result<Listing, Unreadable> {
    let columns = Columns::of(row, "snap");
    Ok(Listing {
        id,
        name: columns.get(1)?,
        title: columns.get(2)?,
        summary: columns.get(3)?,
        description: columns.get(4)?,
        license: columns.get(5)?,
        contact: columns.get(6)?,
        website: columns.get(7)?,
        store_url: columns.get(8)?,
        private: columns.get(9)?,
        default_track: columns.get(10)?,
        publisher: publishers::read(&Columns::of(row, "publisher"), 11)?,
        links: BTreeMap::new(),
        categories: Vec::new(),
        media: Vec::new(),
        prices: BTreeMap::new(),
        stores: Vec::new(),
        viewers: Vec::new(),
        packages: Vec::new(),
        releases: Vec::new(),
        deltas: Vec::new(),
        decisions: Decisions::default(),
    })
}

/// Whether a snap that can be read is withdrawn.
pub(super) fn is_withdrawn(row: &Row) -> bool {
    row.try_get("is_withdrawn").unwrap_or(false)
}

pub(super) async fn upsert(
    transaction: &Transaction<'_>,
    listings: &[&Listing],
    generation: i64,
) -> Result<(), DbError> {
    execute(
        transaction,
        include_str!("snaps_upsert.sql"),
        &[
            &column(listings, |snap| snap.id.as_str()),
            &column(listings, |snap| snap.name.as_str()),
            &column(listings, |snap| snap.title.as_str()),
            &column(listings, |snap| snap.summary.as_str()),
            &column(listings, |snap| snap.description.as_str()),
            &column(listings, |snap| snap.license.as_ref().map(Line::as_str)),
            &column(listings, |snap| snap.contact.as_ref().map(Line::as_str)),
            &column(listings, |snap| snap.website.as_ref().map(Line::as_str)),
            &column(listings, |snap| snap.store_url.as_ref().map(Url::as_str)),
            &column(listings, |snap| snap.private),
            &column(listings, |snap| snap.default_track.as_ref().map(Track::as_str)),
            &column(listings, |snap| snap.publisher.as_ref().map(|account| account.id.as_str())),
            &generation,
        ],
        "record the snaps",
    )
    .await?;
    Ok(())
}
