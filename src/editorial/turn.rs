//! An editor's turn to write.

use crate::db::DbError;
use crate::db::audits;
use crate::db::generations;
use crate::db::parts;
use crate::db::parts::Part;
use crate::editorial::By;
use deadpool_postgres::Object;
use deadpool_postgres::Transaction;
use serde_json::Value;

/// A transaction in which nobody else writes. Dropped, it leaves everything as it was.
pub(super) struct Turn<'c> {
    pub(super) transaction: Transaction<'c>,
    generation: i64,
}

/// What was changed, for the audit.
pub(super) struct Change<'a> {
    /// What is served beside the listings of it, if any.
    pub(super) part: Option<Part>,
    /// What was done, as a word.
    pub(super) action: &'static str,
    /// To what.
    pub(super) target: &'a str,
    /// How it was; nothing when it was not there.
    pub(super) before: Option<Value>,
    /// How it is; nothing when it is gone.
    pub(super) after: Option<Value>,
}

impl<'c> Turn<'c> {
    /// A transaction, and our turn in it.
    pub(super) async fn begin(client: &'c mut Object) -> Result<Self, DbError> {
        let transaction = client.transaction().await;
        Self::within(transaction.map_err(DbError::of("begin a change by hand"))?).await
    }

    /// Our turn in a transaction that has read nothing yet. It waits, but not as long as an editor would: a publication
    /// takes seconds at most.
    pub(super) async fn within(transaction: Transaction<'c>) -> Result<Self, DbError> {
        let patience = transaction.batch_execute("SET LOCAL lock_timeout = '10s'").await;
        patience.map_err(DbError::of("begin a change by hand"))?;
        let generation = generations::begin(&transaction).await?;
        Ok(Self { transaction, generation })
    }

    /// The generation that the change will be.
    pub(super) fn generation(&self) -> i64 {
        self.generation
    }

    /// Records the change, publishes it as a generation, and ends the turn.
    pub(super) async fn publish(self, by: &By<'_>, change: Change<'_>) -> Result<(), DbError> {
        let Self { transaction, generation } = self;
        let Change { part, action, target, before, after } = change;
        if let Some(part) = part {
            parts::changed(&transaction, part, generation).await?;
        }
        let audit = by.audit(action, target, before.as_ref(), after.as_ref());
        audits::record(&transaction, &audit).await?;
        let what = format!("{action} {target}");
        generations::publish(&transaction, generation, by.now, &what).await?;
        transaction.commit().await.map_err(DbError::of("commit a change by hand"))
    }
}
