//! The table `revision`.

use crate::db::DbError;
use crate::db::rows::BySnap;
use crate::db::rows::Columns;
use crate::db::rows::Unreadable;
use crate::db::rows::column;
use crate::db::rows::execute;
use crate::db::rows::lines;
use crate::db::rows::numbered;
use crate::db::rows::size;
use crate::db::rows::url;
use crate::snap::Epoch;
use crate::snap::Epochs;
use crate::snap::Invalid;
use crate::snap::Label;
use crate::snap::Listing;
use crate::snap::Package;
use deadpool_postgres::GenericClient;
use deadpool_postgres::Transaction;
use tokio_postgres::Row;

pub(super) async fn load(client: &impl GenericClient, ids: &[&str]) -> Result<BySnap, DbError> {
    BySnap::load(client, include_str!("revisions_load.sql"), ids, "load the revisions").await
}

/// Reads a revision; its components and verity data stand in other tables.
pub(super) fn read(row: &Row) -> Result<Package, Unreadable> {
    let columns = Columns::of(row, "revision");
    Ok(Package {
        revision: columns.get(1)?,
        version: columns.get(2)?,
        architectures: columns.get(3)?,
        base: columns.get(4)?,
        confinement: columns.get(5)?,
        kind: columns.get(6)?,
        epoch: Epoch::new(
            epochs(&columns.get::<Vec<_>>(7)?)?,
            epochs(&columns.get::<Vec<_>>(8)?)?,
        )?,
        created_at: columns.get(9)?,
        common_ids: columns.get(10)?,
        snap_yaml: columns.get(11)?,
        download: columns.download(12)?,
        resources: Vec::new(),
        integrity: Vec::new(),
    })
}

fn epochs(numbers: &[i64]) -> Result<Epochs, Invalid> {
    let rule = Invalid::new("epoch", "numbers from 0 to 4294967295");
    let number = |number: &i64| u32::try_from(*number).map_err(|_| rule);
    if let [only] = numbers {
        return Ok(Epochs::one(number(only)?));
    }
    Epochs::new(&numbers.iter().map(number).collect::<Result<Vec<_>, _>>()?)
}

/// Records the revisions; those that are as they were stay untouched. Nothing may refer any more to revisions that are
/// no longer there: they are deleted.
pub(super) async fn replace(
    transaction: &Transaction<'_>,
    listings: &[&Listing],
) -> Result<(), DbError> {
    let rows = numbered(listings, |listing| &listing.packages);
    let ids = column(&rows, |(id, _, _)| *id);
    let revisions = column(&rows, |(_, _, package)| package.revision);
    execute(
        transaction,
        "DELETE FROM revision
         WHERE snap_id = ANY ($1::text[]) AND (snap_id, revision) NOT IN (
             SELECT * FROM unnest($2::text[], $3::integer[])
         )",
        &[&column(listings, |listing| listing.id.as_str()), &ids, &revisions],
        "delete the revisions that are gone",
    )
    .await?;
    execute(
        transaction,
        include_str!("revisions_upsert.sql"),
        &[
            &ids,
            &revisions,
            &column(&rows, |(_, _, package)| package.version.as_str()),
            &column(&rows, |(_, _, package)| lines(&package.architectures)),
            &column(&rows, |(_, _, package)| package.base.as_ref().map(Label::as_str)),
            &column(&rows, |(_, _, package)| package.confinement.as_str()),
            &column(&rows, |(_, _, package)| package.kind.as_str()),
            &column(&rows, |(_, _, package)| lines(package.epoch.read().as_slice())),
            &column(&rows, |(_, _, package)| lines(package.epoch.write().as_slice())),
            &column(&rows, |(_, _, package)| package.created_at),
            &column(&rows, |(_, _, package)| lines(&package.common_ids)),
            &column(&rows, |(_, _, package)| package.snap_yaml.as_str()),
            &column(&rows, |(_, _, package)| url(&package.download)),
            &column(&rows, |(_, _, package)| size(&package.download)),
            &column(&rows, |(_, _, package)| package.download.sha3_384),
        ],
        "record the revisions",
    )
    .await?;
    Ok(())
}
