//! Chooses what the store features.

use crate::db::Database;
use crate::db::DbError;
use crate::db::featured;
use crate::db::parts::Part;
use crate::editorial::By;
use crate::editorial::turn::Change;
use crate::editorial::turn::Turn;
use crate::ranking::Verbatim;
use crate::snap::SnapId;
use crate::upstream::Store;
use crate::upstream::Trouble;
use crate::upstream::UpstreamError;
use deadpool_postgres::Object;
use deadpool_postgres::Transaction;
use serde_json::Value;
use serde_json::json;

/// The key of the lock that makes choices take turns: `snapfeat` in ASCII. It belongs to a transaction, so that it ends
/// with whoever holds it, however they end.
const LOCK: i64 = 0x736e_6170_6665_6174;

/// Why the store does not feature what was chosen. The list is again what it was, as far as the
/// store let us; where it did not, the log says so.
#[derive(Debug, thiserror::Error)]
pub enum FeatureError {
    /// The database failed before anything was changed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// Somebody else is choosing.
    #[error("another choice is under way")]
    Busy,
    /// The store does not say what it features; nothing was changed.
    #[error("the featured list cannot be read")]
    Unread(#[source] UpstreamError),
    /// The store did not take its list away.
    #[error("the featured snaps cannot be taken away")]
    NotDeleted(#[source] UpstreamError),
    /// The store did not take the new list.
    #[error("the chosen snaps cannot be featured")]
    NotSaved(#[source] UpstreamError),
    /// What was chosen could not be recorded.
    #[error("the choice cannot be recorded")]
    NotRecorded(#[source] DbError),
}

/// Makes the store feature exactly these snaps, in this order, and records it. Either all of it comes to pass, or the
/// store's list is put back. Dropped in the middle it can do neither: let it run to its end.
///
/// # Errors
/// With how far it came.
pub async fn feature(
    database: &Database,
    store: &Store,
    by: &By<'_>,
    snaps: &[SnapId],
) -> Result<(), FeatureError> {
    let mut client = database.client().await?;
    let transaction = lock(&mut client).await?.ok_or(FeatureError::Busy)?;
    let before = featured_ids(store).await.map_err(FeatureError::Unread)?;
    if !before.is_empty()
        && let Err(error) = store.delete_featured(&before).await
    {
        put_back(store, &before, &[]).await;
        return Err(FeatureError::NotDeleted(error));
    }
    if let Err(error) = store.save_featured(snaps).await {
        put_back(store, &before, snaps).await;
        return Err(FeatureError::NotSaved(error));
    }
    if let Err(error) = record(transaction, by, &before, snaps).await {
        put_back(store, &before, snaps).await;
        return Err(FeatureError::NotRecorded(error));
    }
    Ok(())
}

/// A transaction that holds the lock; nothing when another does.
async fn lock(client: &mut Object) -> Result<Option<Transaction<'_>>, DbError> {
    let doing = "take our turn to choose what is featured";
    let transaction = client.transaction().await.map_err(DbError::of(doing))?;
    let sql = "SELECT pg_try_advisory_xact_lock($1)";
    let row = transaction.query_one(sql, &[&LOCK]).await.map_err(DbError::of(doing))?;
    let is_ours: bool = row.try_get(0).map_err(DbError::of(doing))?;
    Ok(is_ours.then_some(transaction))
}

async fn featured_ids(store: &Store) -> Result<Vec<SnapId>, UpstreamError> {
    let featured = store.featured().await?;
    let ids = featured.iter().filter_map(|snap| snap.get("snap_id").and_then(Value::as_str));
    Ok(ids.filter_map(|id| id.parse().ok()).collect())
}

async fn record(
    transaction: Transaction<'_>,
    by: &By<'_>,
    before: &[SnapId],
    after: &[SnapId],
) -> Result<(), DbError> {
    let turn = Turn::within(transaction).await?;
    let name = &by.editor.name;
    let reason: Verbatim = json!({"actor": name, "nickname": name})
        .to_string()
        .parse()
        .map_err(DbError::of("write down why snaps are featured"))?;
    featured::record(&turn.transaction, after, before, &reason, by.now).await?;
    let change = Change {
        part: Some(Part::Featured),
        action: "feature-snaps",
        target: "featured",
        before: Some(json!({"snaps": before})),
        after: Some(json!({"snaps": after})),
    };
    turn.publish(by, change).await
}

/// Puts the list back as it was. The store's way to save adds snaps and takes none away, so what may have been added
/// goes first.
async fn put_back(store: &Store, before: &[SnapId], added: &[SnapId]) {
    let added: Vec<_> = added.iter().copied().filter(|snap| !before.contains(snap)).collect();
    if !added.is_empty()
        && let Err(error) = store.delete_featured(&added).await
    {
        // Who refused to add them has nothing to take away.
        tracing::warn!(%error, "snaps that were to be featured may be featured still");
    }
    if !before.is_empty()
        && let Err(error) = store.save_featured(before).await
    {
        tracing::error!(%error, "the featured list could not be put back: look at the store");
    }
}

impl FeatureError {
    /// The status with which the store refused the new list, when it did.
    pub fn refused_with(&self) -> Option<u16> {
        let Self::NotSaved(error) = self else { return None };
        match error.trouble() {
            Trouble::Status(status) | Trouble::Unauthorized(status) => Some(*status),
            _ => None,
        }
    }
}
