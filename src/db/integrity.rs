//! The table `revision_integrity`.

use crate::db::DbError;
use crate::db::rows::BySnap;
use crate::db::rows::Columns;
use crate::db::rows::Unreadable;
use crate::db::rows::column;
use crate::db::rows::execute;
use crate::db::rows::of_packages;
use crate::db::rows::size;
use crate::db::rows::url;
use crate::snap::Integrity;
use crate::snap::Listing;
use crate::snap::Revision;
use deadpool_postgres::GenericClient;
use deadpool_postgres::Transaction;
use tokio_postgres::Row;

pub(super) async fn load(client: &impl GenericClient, ids: &[&str]) -> Result<BySnap, DbError> {
    BySnap::load(client, include_str!("integrity_load.sql"), ids, "load the verity data").await
}

/// Reads verity data, and which revision it goes with.
pub(super) fn read(row: &Row) -> Result<(Revision, Integrity), Unreadable> {
    let columns = Columns::of(row, "verity data");
    let integrity = Integrity {
        kind: columns.get(2)?,
        version: columns.unsigned(3)?,
        hash_algorithm: columns.get(4)?,
        data_block_size: columns.unsigned(5)?,
        hash_block_size: columns.unsigned(6)?,
        digest: columns.get(7)?,
        salt: columns.get(8)?,
        download: columns.download(9)?,
    };
    Ok((columns.get(1)?, integrity))
}

pub(super) async fn insert(
    transaction: &Transaction<'_>,
    listings: &[&Listing],
) -> Result<(), DbError> {
    let rows = of_packages(listings, |package| &package.integrity);
    if rows.is_empty() {
        return Ok(());
    }
    execute(
        transaction,
        include_str!("integrity_insert.sql"),
        &[
            &column(&rows, |row| row.id),
            &column(&rows, |row| row.revision),
            &column(&rows, |row| row.position),
            &column(&rows, |row| row.item.kind.as_str()),
            &column(&rows, |row| i64::from(row.item.version)),
            &column(&rows, |row| row.item.hash_algorithm.as_str()),
            &column(&rows, |row| i64::from(row.item.data_block_size)),
            &column(&rows, |row| i64::from(row.item.hash_block_size)),
            &column(&rows, |row| row.item.digest.as_str()),
            &column(&rows, |row| row.item.salt.as_str()),
            &column(&rows, |row| url(&row.item.download)),
            &column(&rows, |row| size(&row.item.download)),
            &column(&rows, |row| row.item.download.sha3_384),
        ],
        "record the verity data",
    )
    .await?;
    Ok(())
}
