//! One publication of what was fetched.

use crate::assertion::Assertion;
use crate::blobs::Digested;
use crate::db::DbError;
use crate::db::Taken;
use crate::db::assertions;
use crate::db::assertions::Stored;
use crate::db::blobs;
use crate::db::generations;
use crate::db::listings;
use crate::snap::Instant;
use crate::snap::SnapId;
use deadpool_postgres::Object;
use deadpool_postgres::Transaction;

/// Something that was fetched.
#[derive(Debug)]
pub enum Fetched {
    /// An assertion.
    Assertion(Box<Assertion>),
    /// A file, which is in its place.
    File {
        /// The snap it is a file of.
        snap: SnapId,
        /// Which.
        file: Digested,
    },
}

/// Publishes what was fetched for somebody and is not held yet as one generation, and gives its number; nothing when all of it was
/// held.
///
/// # Errors
/// When the database fails; then nothing is.
pub async fn hold(
    client: &mut Object,
    fetched: &[Fetched],
    now: Instant,
) -> Result<Option<i64>, DbError> {
    let doing = "hold what was fetched";
    let transaction = client.transaction().await.map_err(DbError::of(doing))?;
    let generation = generations::begin(&transaction).await?;
    if !hold_within(&transaction, (fetched, Taken::InPassing), generation, now).await? {
        return Ok(None);
    }
    let what = format!("fetch: {} files and assertions", fetched.len());
    generations::publish(&transaction, generation, now, &what).await?;
    transaction.commit().await.map_err(DbError::of(doing))?;
    Ok(Some(generation))
}

/// The same as part of a generation that the transaction has begun and must publish, if this says that anything was
/// not held; what is to be our own is not as long as it was kept in passing.
///
/// # Errors
/// When the database fails.
pub async fn hold_within(
    transaction: &Transaction<'_>,
    (fetched, taken): (&[Fetched], Taken),
    generation: i64,
    now: Instant,
) -> Result<bool, DbError> {
    let (mut texts, mut files) = (Vec::new(), Vec::new());
    for one in fetched {
        match one {
            Fetched::Assertion(assertion) => texts.push(&**assertion),
            Fetched::File { snap, file } => files.push((*snap, *file)),
        }
    }
    let stored = assertions::store(transaction, (&texts, taken), generation, now).await?;
    for (text, stored) in texts.iter().zip(&stored) {
        if *stored == Stored::Conflicting {
            let identity = text.identity();
            tracing::warn!(%identity, "an assertion is not kept: what is held of this revision says something else");
        }
    }
    let digests: Vec<_> = files.iter().map(|(_, file)| file.sha3_384).collect();
    let held = match taken {
        Taken::Own => blobs::find_own(transaction, &digests).await?,
        Taken::InPassing => blobs::find(transaction, &digests).await?,
    };
    files.retain(|(_, file)| !held.contains(&file.sha3_384));
    let is_new = |stored: &Stored| matches!(stored, Stored::Added | Stored::Claimed);
    if !stored.iter().any(is_new) && files.is_empty() {
        return Ok(false);
    }
    let new: Vec<_> = files.iter().map(|(_, file)| (file.sha3_384, file.size)).collect();
    blobs::record(transaction, (&new, taken), generation, now).await?;
    for (snap, _) in &files {
        listings::touch(transaction, snap, generation).await?;
    }
    Ok(true)
}
