//! What editors of the earlier service decided and was adopted before.

use crate::db::DbError;
use crate::snap::SnapId;
use deadpool_postgres::Transaction;
use serde::Deserialize;
use serde::Serialize;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

/// The setting it is kept under.
pub(super) const KEY: &str = "adopted";

/// Decisions that were adopted. Whatever became of them here since, they are not adopted again: an exclusion that was
/// ended here, a slice that was deleted, a snap that was taken out of one.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Memory {
    pub(super) exclusions: BTreeSet<SnapId>,
    /// The snaps that were adopted, by the id of the slice; nothing for a slice that was made here before.
    pub(super) slices: BTreeMap<String, Option<BTreeSet<SnapId>>>,
}

impl Memory {
    pub(super) async fn load(transaction: &Transaction<'_>) -> Result<Self, DbError> {
        let failed = "load what was adopted before";
        let sql = "SELECT value::text FROM setting WHERE key = $1";
        let row = transaction.query_opt(sql, &[&KEY]).await.map_err(DbError::of(failed))?;
        let Some(row) = row else { return Ok(Self::default()) };
        let text: &str = row.try_get(0).map_err(DbError::of(failed))?;
        serde_json::from_str(text).map_err(DbError::of(failed))
    }

    pub(super) async fn store(&self, transaction: &Transaction<'_>) -> Result<(), DbError> {
        let failed = "remember what was adopted";
        let sql = "INSERT INTO setting (key, value) VALUES ($1, $2::text::jsonb)
                   ON CONFLICT (key) DO UPDATE SET value = excluded.value";
        let text = serde_json::to_string(self).map_err(DbError::of(failed))?;
        let stored = transaction.execute(sql, &[&KEY, &text]).await;
        stored.map(drop).map_err(DbError::of(failed))
    }
}
