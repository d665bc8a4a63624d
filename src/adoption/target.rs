//! Our database, while it takes something in.

use crate::adoption::Adopted;
use crate::adoption::memory::Memory;
use crate::db::DbError;
use crate::snap::Instant;
use crate::snap::SnapId;
use deadpool_postgres::Transaction;
use std::collections::BTreeSet;
use tokio_postgres::types::ToSql;

/// One transaction of ours, which becomes one generation if anything is added, and what is known of it so far.
pub(super) struct Target<'c> {
    pub(super) transaction: Transaction<'c>,
    pub(super) generation: i64,
    pub(super) now: Instant,
    pub(super) memory: Memory,
    pub(super) adopted: Adopted,
}

impl Target<'_> {
    /// Adds rows; gives how many were not there.
    pub(super) async fn add(
        &self,
        sql: &str,
        values: &[&(dyn ToSql + Sync)],
        doing: &'static str,
    ) -> Result<usize, DbError> {
        let statement = self.transaction.prepare_cached(sql).await.map_err(DbError::of(doing))?;
        let n = self.transaction.execute(&statement, values).await.map_err(DbError::of(doing))?;
        Ok(usize::try_from(n).expect("rows of a batch are few"))
    }

    /// Which of these snaps a query finds; `$1` is the list of their ids.
    pub(super) async fn those(
        &self,
        sql: &str,
        ids: &[SnapId],
        doing: &'static str,
    ) -> Result<BTreeSet<SnapId>, DbError> {
        let ids: Vec<&str> = ids.iter().map(SnapId::as_str).collect();
        let statement = self.transaction.prepare_cached(sql).await.map_err(DbError::of(doing))?;
        let rows = self.transaction.query(&statement, &[&ids]).await.map_err(DbError::of(doing))?;
        rows.iter().map(|row| row.try_get(0).map_err(DbError::of(doing))).collect()
    }
}

/// One column of many rows, for `unnest`.
pub(super) fn column<'r, R, T>(rows: &'r [R], value: impl Fn(&'r R) -> T) -> Vec<T> {
    rows.iter().map(value).collect()
}
