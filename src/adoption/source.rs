//! The other database, as of one moment.

use crate::adoption::row::Columns;
use crate::db::DbError;
use deadpool_postgres::Object;
use deadpool_postgres::Transaction;
use tokio_postgres::IsolationLevel;
use tokio_postgres::Portal;
use tokio_postgres::types::ToSql;

/// One transaction that reads and cannot write, so that what belongs together fits.
pub(super) struct Source<'c> {
    pub(super) transaction: Transaction<'c>,
}

impl<'c> Source<'c> {
    pub(super) async fn open(client: &'c mut Object) -> Result<Self, DbError> {
        let doing = "begin to read the database to adopt from";
        let snapshot = client
            .build_transaction()
            .isolation_level(IsolationLevel::RepeatableRead)
            .read_only(true);
        let transaction = snapshot.start().await.map_err(DbError::of(doing))?;
        // Its times have no zone: they are of UTC.
        let utc = transaction.batch_execute("SET LOCAL TIME ZONE 'UTC'").await;
        utc.map_err(DbError::of(doing))?;
        Ok(Self { transaction })
    }

    /// Begins to read what a query finds.
    pub(super) async fn read(
        &self,
        sql: &str,
        values: &[&(dyn ToSql + Sync)],
        doing: &'static str,
        batch: i32,
    ) -> Result<Batches<'_>, DbError> {
        let portal = self.transaction.bind(sql, values).await.map_err(DbError::of(doing))?;
        Ok(Batches { transaction: &self.transaction, portal, batch, doing })
    }
}

/// What a query finds, some rows at a time: the server keeps the rest.
pub(super) struct Batches<'s> {
    transaction: &'s Transaction<'s>,
    portal: Portal,
    batch: i32,
    doing: &'static str,
}

impl Batches<'_> {
    /// The next rows; none at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<Columns>>, DbError> {
        let rows = self.transaction.query_portal(&self.portal, self.batch).await;
        let rows = rows.map_err(DbError::of(self.doing))?;
        Ok((!rows.is_empty()).then(|| rows.into_iter().map(Columns::of).collect()))
    }
}
