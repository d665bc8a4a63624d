//! The table `snap_price`.

use crate::db::DbError;
use crate::db::rows::BySnap;
use crate::db::rows::Columns;
use crate::db::rows::Unreadable;
use crate::db::rows::column;
use crate::db::rows::execute;
use crate::snap::Amount;
use crate::snap::Currency;
use crate::snap::Listing;
use deadpool_postgres::GenericClient;
use deadpool_postgres::Transaction;
use tokio_postgres::Row;

pub(super) async fn load(client: &impl GenericClient, ids: &[&str]) -> Result<BySnap, DbError> {
    let sql = "SELECT asked.place, snap_price.currency, snap_price.amount
               FROM unnest($1::text[]) WITH ORDINALITY AS asked (snap_id, place)
               JOIN snap_price ON snap_price.snap_id = asked.snap_id";
    BySnap::load(client, sql, ids, "load the prices").await
}

pub(super) fn read(row: &Row) -> Result<(Currency, Amount), Unreadable> {
    let columns = Columns::of(row, "price");
    Ok((columns.get(1)?, columns.get(2)?))
}

pub(super) async fn insert(
    transaction: &Transaction<'_>,
    listings: &[&Listing],
) -> Result<(), DbError> {
    let mut rows = Vec::new();
    for listing in listings {
        rows.extend(listing.prices.iter().map(|price| (listing.id.as_str(), price)));
    }
    if rows.is_empty() {
        return Ok(());
    }
    execute(
        transaction,
        "INSERT INTO snap_price (snap_id, currency, amount)
         SELECT * FROM unnest($1::text[], $2::text[], $3::text[])",
        &[
            &column(&rows, |(id, _)| *id),
            &column(&rows, |(_, (currency, _))| currency.as_str()),
            &column(&rows, |(_, (_, amount))| amount.as_str()),
        ],
        "record the prices",
    )
    .await?;
    Ok(())
}
