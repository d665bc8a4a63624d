//! The table `revision_resource`.

use crate::db::DbError;
use crate::db::rows::BySnap;
use crate::db::rows::Columns;
use crate::db::rows::Unreadable;
use crate::db::rows::column;
use crate::db::rows::execute;
use crate::db::rows::lines;
use crate::db::rows::of_packages;
use crate::db::rows::size;
use crate::db::rows::url;
use crate::snap::Listing;
use crate::snap::Resource;
use crate::snap::Revision;
use crate::snap::Version;
use deadpool_postgres::GenericClient;
use deadpool_postgres::Transaction;
use tokio_postgres::Row;

pub(super) async fn load(client: &impl GenericClient, ids: &[&str]) -> Result<BySnap, DbError> {
    BySnap::load(client, include_str!("resources_load.sql"), ids, "load the components").await
}

/// Reads a component, and which revision it goes with.
pub(super) fn read(row: &Row) -> Result<(Revision, Resource), Unreadable> {
    let columns = Columns::of(row, "component");
    let resource = Resource {
        name: columns.get(2)?,
        kind: columns.get(3)?,
        revision: columns.get(4)?,
        version: columns.get(5)?,
        architectures: columns.get(6)?,
        created_at: columns.get(7)?,
        description: columns.get(8)?,
        download: columns.download(9)?,
    };
    Ok((columns.get(1)?, resource))
}

pub(super) async fn insert(
    transaction: &Transaction<'_>,
    listings: &[&Listing],
) -> Result<(), DbError> {
    let rows = of_packages(listings, |package| &package.resources);
    if rows.is_empty() {
        return Ok(());
    }
    execute(
        transaction,
        include_str!("resources_insert.sql"),
        &[
            &column(&rows, |row| row.id),
            &column(&rows, |row| row.revision),
            &column(&rows, |row| row.position),
            &column(&rows, |row| row.item.name.as_str()),
            &column(&rows, |row| row.item.kind.as_str()),
            &column(&rows, |row| row.item.revision),
            &column(&rows, |row| row.item.version.as_ref().map(Version::as_str)),
            &column(&rows, |row| lines(&row.item.architectures)),
            &column(&rows, |row| row.item.created_at),
            &column(&rows, |row| row.item.description.as_str()),
            &column(&rows, |row| url(&row.item.download)),
            &column(&rows, |row| size(&row.item.download)),
            &column(&rows, |row| row.item.download.sha3_384),
        ],
        "record the components",
    )
    .await?;
    Ok(())
}
