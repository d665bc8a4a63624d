//! Brings the database to the shape this program expects.

use crate::db::Database;
use crate::db::DbError;
use refinery::Migration;
use refinery::Runner;
use std::future::Future;

/// The key of the lock under which migrations run: `snapmigr` in ASCII. The session holds it, so it ends with the
/// connection, whatever happens.
const LOCK: i64 = 0x736e_6170_6d69_6772;

/// Every migration, named as its file; oldest first. Forward only, each safe under the version before it.
const MIGRATIONS: &[(&str, &str)] = &[
    ("V20261121020000__catalogue", include_str!("../../migrations/V20261121020000__catalogue.sql")),
    ("V20261121090000__rankings", include_str!("../../migrations/V20261121090000__rankings.sql")),
    (
        "V20261121150000__device_store",
        include_str!("../../migrations/V20261121150000__device_store.sql"),
    ),
];

/// Applies every migration that the database does not have yet, each in a transaction of its own, and names
/// them. Several processes may call it at once: one does the work, the others wait and find it done. A database
/// that knows newer migrations than this program is left as it is: migrations are safe under the version before.
///
/// # Errors
/// When the database cannot be reached, when a migration fails, or when one that was applied has been changed since.
pub async fn migrate(database: &Database) -> Result<Vec<String>, DbError> {
    let (mut client, connection) = database.connect().await?;
    let work = async {
        client
            .execute("SELECT pg_advisory_lock($1)", &[&LOCK])
            .await
            .map_err(DbError::of("wait for our turn to migrate"))?;
        let report =
            runner()?.run_async(&mut client).await.map_err(DbError::of("migrate the database"))?;
        Ok(report.applied_migrations().iter().map(ToString::to_string).collect())
    };
    while_connected(connection, work).await
}

fn runner() -> Result<Runner, DbError> {
    let migrations: Result<Vec<_>, _> =
        MIGRATIONS.iter().map(|(name, sql)| Migration::unapplied(name, sql)).collect();
    let migrations = migrations.map_err(DbError::of("read the migrations"))?;
    Ok(Runner::new(&migrations).set_abort_divergent(true).set_abort_missing(false))
}

/// Does the work while the connection moves its bytes. When the connection ends first, the work learns it from
/// its next statement.
async fn while_connected<T>(connection: impl Future, work: impl Future<Output = T>) -> T {
    tokio::pin!(connection);
    tokio::pin!(work);
    tokio::select! {
        result = &mut work => result,
        _ = &mut connection => work.await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_migration_of_the_folder_is_applied() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations");
        let mut files: Vec<_> = std::fs::read_dir(folder)
            .expect("the folder of migrations")
            .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
            .collect();
        files.sort_unstable();
        let applied: Vec<_> = MIGRATIONS.iter().map(|(name, _)| format!("{name}.sql")).collect();
        assert_eq!(files, applied);
        assert!(runner().is_ok());
    }
}
