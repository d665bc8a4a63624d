//! The tables `store` and `snap_store`: which stores a snap is kept for.

use crate::db::DbError;
use crate::db::rows::BySnap;
use crate::db::rows::Columns;
use crate::db::rows::Unreadable;
use crate::db::rows::column;
use crate::db::rows::execute;
use crate::db::rows::numbered;
use crate::snap::Listing;
use crate::snap::StoreId;
use deadpool_postgres::GenericClient;
use deadpool_postgres::Transaction;
use tokio_postgres::Row;

pub(super) async fn load(client: &impl GenericClient, ids: &[&str]) -> Result<BySnap, DbError> {
    let sql = "SELECT asked.place, snap_store.store_id
               FROM unnest($1::text[]) WITH ORDINALITY AS asked (snap_id, place)
               JOIN snap_store ON snap_store.snap_id = asked.snap_id";
    BySnap::load(client, sql, ids, "load the stores of snaps").await
}

pub(super) fn read(row: &Row) -> Result<StoreId, Unreadable> {
    Columns::of(row, "store of a snap").get(1)
}

/// Records which stores the snaps are kept for, and the stores not known before.
pub(super) async fn insert(
    transaction: &Transaction<'_>,
    listings: &[&Listing],
) -> Result<(), DbError> {
    let rows = numbered(listings, |listing| &listing.stores);
    if rows.is_empty() {
        return Ok(());
    }
    let stores = column(&rows, |(_, _, store)| store.as_str());
    let sql = "INSERT INTO store (store_id) SELECT DISTINCT unnest($1::text[])
               ON CONFLICT (store_id) DO NOTHING";
    execute(transaction, sql, &[&stores], "record the stores").await?;
    let sql = "INSERT INTO snap_store (snap_id, store_id)
               SELECT * FROM unnest($1::text[], $2::text[])";
    let ids = column(&rows, |(id, _, _)| *id);
    execute(transaction, sql, &[&ids, &stores], "record the stores of snaps").await?;
    Ok(())
}
