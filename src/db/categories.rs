//! The table `snap_category`.

use crate::db::DbError;
use crate::db::rows::BySnap;
use crate::db::rows::Columns;
use crate::db::rows::Unreadable;
use crate::db::rows::column;
use crate::db::rows::execute;
use crate::db::rows::numbered;
use crate::snap::Category;
use crate::snap::Listing;
use deadpool_postgres::GenericClient;
use deadpool_postgres::Transaction;
use tokio_postgres::Row;

pub(super) async fn load(client: &impl GenericClient, ids: &[&str]) -> Result<BySnap, DbError> {
    let sql = "SELECT asked.place, snap_category.name, snap_category.featured
               FROM unnest($1::text[]) WITH ORDINALITY AS asked (snap_id, place)
               JOIN snap_category ON snap_category.snap_id = asked.snap_id
               ORDER BY asked.place, snap_category.position";
    BySnap::load(client, sql, ids, "load the categories").await
}

pub(super) fn read(row: &Row) -> Result<Category, Unreadable> {
    let columns = Columns::of(row, "category");
    Ok(Category { name: columns.get(1)?, featured: columns.get(2)? })
}

pub(super) async fn insert(
    transaction: &Transaction<'_>,
    listings: &[&Listing],
) -> Result<(), DbError> {
    let rows = numbered(listings, |listing| &listing.categories);
    if rows.is_empty() {
        return Ok(());
    }
    execute(
        transaction,
        "INSERT INTO snap_category (snap_id, position, name, featured)
         SELECT * FROM unnest($1::text[], $2::integer[], $3::text[], $4::boolean[])",
        &[
            &column(&rows, |(id, _, _)| *id),
            &column(&rows, |(_, position, _)| *position),
            &column(&rows, |(_, _, category)| category.name.as_str()),
            &column(&rows, |(_, _, category)| category.featured),
        ],
        "record the categories",
    )
    .await?;
    Ok(())
}
