//! The table `snap_media`.

use crate::db::DbError;
use crate::db::rows::BySnap;
use crate::db::rows::Columns;
use crate::db::rows::Unreadable;
use crate::db::rows::column;
use crate::db::rows::execute;
use crate::db::rows::numbered;
use crate::snap::Invalid;
use crate::snap::Listing;
use crate::snap::Media;
use deadpool_postgres::GenericClient;
use deadpool_postgres::Transaction;
use tokio_postgres::Row;

pub(super) async fn load(client: &impl GenericClient, ids: &[&str]) -> Result<BySnap, DbError> {
    let sql = "SELECT asked.place, media.type, media.url, media.width, media.height
               FROM unnest($1::text[]) WITH ORDINALITY AS asked (snap_id, place)
               JOIN snap_media AS media ON media.snap_id = asked.snap_id
               ORDER BY asked.place, media.position";
    BySnap::load(client, sql, ids, "load the media").await
}

pub(super) fn read(row: &Row) -> Result<Media, Unreadable> {
    let columns = Columns::of(row, "picture");
    let pixels = |number: Option<i32>| {
        let pixels = number.map(u16::try_from).transpose();
        pixels.map_err(|_| Invalid::new("picture", "sides of 0 to 65535 pixels"))
    };
    Ok(Media {
        kind: columns.get(1)?,
        url: columns.get(2)?,
        width: pixels(columns.get(3)?)?,
        height: pixels(columns.get(4)?)?,
    })
}

pub(super) async fn insert(
    transaction: &Transaction<'_>,
    listings: &[&Listing],
) -> Result<(), DbError> {
    let rows = numbered(listings, |listing| &listing.media);
    if rows.is_empty() {
        return Ok(());
    }
    execute(
        transaction,
        "INSERT INTO snap_media (snap_id, position, type, url, width, height)
         SELECT * FROM unnest(
             $1::text[], $2::integer[], $3::text[], $4::text[], $5::integer[], $6::integer[]
         )",
        &[
            &column(&rows, |(id, _, _)| *id),
            &column(&rows, |(_, position, _)| *position),
            &column(&rows, |(_, _, media)| media.kind.as_str()),
            &column(&rows, |(_, _, media)| media.url.as_str()),
            &column(&rows, |(_, _, media)| media.width.map(i32::from)),
            &column(&rows, |(_, _, media)| media.height.map(i32::from)),
        ],
        "record the media",
    )
    .await?;
    Ok(())
}
