//! The table `snap_link`.

use crate::db::DbError;
use crate::db::rows::BySnap;
use crate::db::rows::Columns;
use crate::db::rows::Unreadable;
use crate::db::rows::column;
use crate::db::rows::execute;
use crate::db::rows::lines;
use crate::snap::Label;
use crate::snap::Line;
use crate::snap::Listing;
use deadpool_postgres::GenericClient;
use deadpool_postgres::Transaction;
use tokio_postgres::Row;

pub(super) async fn load(client: &impl GenericClient, ids: &[&str]) -> Result<BySnap, DbError> {
    let sql = "SELECT asked.place, snap_link.key, snap_link.links::text[]
               FROM unnest($1::text[]) WITH ORDINALITY AS asked (snap_id, place)
               JOIN snap_link ON snap_link.snap_id = asked.snap_id";
    BySnap::load(client, sql, ids, "load the links").await
}

pub(super) fn read(row: &Row) -> Result<(Label, Vec<Line>), Unreadable> {
    let columns = Columns::of(row, "link");
    Ok((columns.get(1)?, columns.get(2)?))
}

pub(super) async fn insert(
    transaction: &Transaction<'_>,
    listings: &[&Listing],
) -> Result<(), DbError> {
    let mut rows = Vec::new();
    for listing in listings {
        rows.extend(listing.links.iter().map(|link| (listing.id.as_str(), link)));
    }
    if rows.is_empty() {
        return Ok(());
    }
    execute(
        transaction,
        r"INSERT INTO snap_link (snap_id, key, links)
          SELECT snap_id, key, (string_to_array(links, E'\n'))[2:]
          FROM unnest($1::text[], $2::text[], $3::text[]) AS stated (snap_id, key, links)",
        &[
            &column(&rows, |(id, _)| *id),
            &column(&rows, |(_, (key, _))| key.as_str()),
            &column(&rows, |(_, (_, links))| lines(links.iter())),
        ],
        "record the links",
    )
    .await?;
    Ok(())
}
