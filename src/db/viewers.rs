//! The table `snap_viewer`: the accounts that may see a private snap besides its publisher.

use crate::db::DbError;
use crate::db::rows::BySnap;
use crate::db::rows::Columns;
use crate::db::rows::Unreadable;
use crate::db::rows::column;
use crate::db::rows::execute;
use crate::db::rows::numbered;
use crate::snap::Label;
use crate::snap::Listing;
use deadpool_postgres::GenericClient;
use deadpool_postgres::Transaction;
use tokio_postgres::Row;

pub(super) async fn load(client: &impl GenericClient, ids: &[&str]) -> Result<BySnap, DbError> {
    let sql = "SELECT asked.place, snap_viewer.account_id
               FROM unnest($1::text[]) WITH ORDINALITY AS asked (snap_id, place)
               JOIN snap_viewer ON snap_viewer.snap_id = asked.snap_id";
    BySnap::load(client, sql, ids, "load the viewers of snaps").await
}

pub(super) fn read(row: &Row) -> Result<Label, Unreadable> {
    Columns::of(row, "viewer of a snap").get(1)
}

pub(super) async fn insert(
    transaction: &Transaction<'_>,
    listings: &[&Listing],
) -> Result<(), DbError> {
    let rows = numbered(listings, |listing| &listing.viewers);
    if rows.is_empty() {
        return Ok(());
    }
    let sql = "INSERT INTO snap_viewer (snap_id, account_id)
               SELECT * FROM unnest($1::text[], $2::text[])";
    let ids = column(&rows, |(id, _, _)| *id);
    let accounts = column(&rows, |(_, _, account)| account.as_str());
    execute(transaction, sql, &[&ids, &accounts], "record the viewers of snaps").await?;
    Ok(())
}
