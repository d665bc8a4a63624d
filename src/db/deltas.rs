//! The table `delta`.

use crate::db::DbError;
use crate::db::rows::BySnap;
use crate::db::rows::Columns;
use crate::db::rows::Unreadable;
use crate::db::rows::column;
use crate::db::rows::execute;
use crate::db::rows::numbered;
use crate::db::rows::size;
use crate::db::rows::url;
use crate::snap::Delta;
use crate::snap::Listing;
use deadpool_postgres::GenericClient;
use deadpool_postgres::Transaction;
use tokio_postgres::Row;

pub(super) async fn load(client: &impl GenericClient, ids: &[&str]) -> Result<BySnap, DbError> {
    let sql = "SELECT asked.place, delta.format, delta.source, delta.target, delta.url, delta.size,
                   delta.sha3_384
               FROM unnest($1::text[]) WITH ORDINALITY AS asked (snap_id, place)
               JOIN delta ON delta.snap_id = asked.snap_id";
    BySnap::load(client, sql, ids, "load the deltas").await
}

pub(super) fn read(row: &Row) -> Result<Delta, Unreadable> {
    let columns = Columns::of(row, "delta");
    Ok(Delta {
        format: columns.get(1)?,
        source: columns.get(2)?,
        target: columns.get(3)?,
        download: columns.download(4)?,
    })
}

pub(super) async fn insert(
    transaction: &Transaction<'_>,
    listings: &[&Listing],
) -> Result<(), DbError> {
    let rows = numbered(listings, |listing| &listing.deltas);
    if rows.is_empty() {
        return Ok(());
    }
    execute(
        transaction,
        "INSERT INTO delta (snap_id, format, source, target, url, size, sha3_384)
         SELECT * FROM unnest(
             $1::text[], $2::text[], $3::integer[], $4::integer[], $5::text[], $6::bigint[], $7::text[]
         )",
        &[
            &column(&rows, |(id, _, _)| *id),
            &column(&rows, |(_, _, delta)| delta.format.as_str()),
            &column(&rows, |(_, _, delta)| delta.source),
            &column(&rows, |(_, _, delta)| delta.target),
            &column(&rows, |(_, _, delta)| url(&delta.download)),
            &column(&rows, |(_, _, delta)| size(&delta.download)),
            &column(&rows, |(_, _, delta)| delta.download.sha3_384),
        ],
        "record the deltas",
    )
    .await?;
    Ok(())
}
