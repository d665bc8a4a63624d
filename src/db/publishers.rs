//! The table `publisher`.

use crate::db::DbError;
use crate::db::rows::Columns;
use crate::db::rows::Unreadable;
use crate::db::rows::column;
use crate::db::rows::execute;
use crate::snap::Listing;
use crate::snap::Publisher;
use deadpool_postgres::Transaction;
use std::collections::BTreeMap;

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
