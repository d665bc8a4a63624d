//! The table `publisher`.

use crate::db::DbError;
use crate::db::rows::Columns;
use crate::db::rows::Unreadable;
use crate::db::rows::column;
use crate::db::rows::execute;
use crate::snap::Label;
use crate::snap::Listing;
use crate::snap::Publisher;
use deadpool_postgres::GenericClient;
use deadpool_postgres::Transaction;
use std::collections::BTreeMap;

/// The publisher of that id.
///
/// # Errors
/// When the database fails, or what it holds of them cannot be read.
pub async fn find(client: &impl GenericClient, id: &Label) -> Result<Option<Publisher>, DbError> {
    let doing = "find a publisher";
    let sql = "SELECT publisher_id, username, display_name, validation
               FROM publisher WHERE publisher_id = $1::text";
    let row = client.query_opt(sql, &[id]).await.map_err(DbError::of(doing))?;
    let Some(row) = row else { return Ok(None) };
    read(&Columns::of(&row, "publisher"), 0).map_err(DbError::of(doing))
}

/// Reads a publisher from four columns, beginning at that position; none when the first is null.
pub(super) fn read(
    columns: &Columns<'_>,
    position: usize,
) -> Result<Option<Publisher>, Unreadable> {
    let Some(id) = columns.get(position)? else {
        return Ok(None);
    };
    Ok(Some(Publisher {
        id,
        username: columns.get(position + 1)?,
        display_name: columns.get(position + 2)?,
        validation: columns.get(position + 3)?,
    }))
}

/// Records the publishers of these snaps; of two records of one publisher the later stands. Where a record differs from
/// what was known, every snap of the publisher belongs to the new generation, or a reload would miss it.
pub(super) async fn upsert(
    transaction: &Transaction<'_>,
    listings: &[&Listing],
    generation: i64,
) -> Result<(), DbError> {
    let publishers = listings.iter().filter_map(|listing| listing.publisher.as_ref());
    let by_id: BTreeMap<_, _> = publishers.map(|publisher| (&publisher.id, publisher)).collect();
    if by_id.is_empty() {
        return Ok(());
    }
    let rows: Vec<_> = by_id.into_values().collect();
    execute(
        transaction,
        include_str!("publishers_upsert.sql"),
        &[
            &column(&rows, |publisher| publisher.id.as_str()),
            &column(&rows, |publisher| publisher.username.as_str()),
            &column(&rows, |publisher| publisher.display_name.as_str()),
            &column(&rows, |publisher| publisher.validation.as_str()),
            &generation,
        ],
        "record the publishers",
    )
    .await?;
    Ok(())
}
