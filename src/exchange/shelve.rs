//! Listings into the database so that a bad one harms no other.

use crate::db::DbError;
use crate::db::listings;
use crate::exchange::ExchangeError;
use crate::snap::Listing;
use deadpool_postgres::Transaction;

/// So many new snaps change what the database should know of its tables.
pub(super) const MANY: u64 = 1_000;

/// A listing the database refused.
pub(super) struct Failure {
    /// Its place among those that were to be stored.
    pub(super) index: usize,
    /// Why, in words.
    pub(super) reason: String,
}

/// Stores the listings together. When the database refuses one of them, they are stored one by one instead,
/// each under a savepoint of its own, and those refused are returned, in order.
pub(super) async fn shelve(
    transaction: &mut Transaction<'_>,
    listings: &[&Listing],
    generation: i64,
) -> Result<Vec<Failure>, ExchangeError> {
    let mut failures = Vec::new();
    if try_all(transaction, listings, generation).await?.is_none() {
        return Ok(failures);
    }
    for (index, listing) in listings.iter().enumerate() {
        if let Some(reason) = try_all(transaction, &[listing], generation).await? {
            failures.push(Failure { index, reason });
        }
    }
    Ok(failures)
}

/// Stores the listings under a savepoint; gives the reason if they were refused and nothing is left of them.
async fn try_all(
    transaction: &mut Transaction<'_>,
    listings: &[&Listing],
    generation: i64,
) -> Result<Option<String>, ExchangeError> {
    if listings.is_empty() {
        return Ok(None);
    }
    let savepoint =
        transaction.savepoint("shelve").await.map_err(ExchangeError::of("set a savepoint"))?;
    match listings::store(&savepoint, listings, generation).await {
        Ok(()) => {
            savepoint.commit().await.map_err(ExchangeError::of("release a savepoint"))?;
            Ok(None)
        }
        Err(error) => {
            let Some(reason) = in_words(&error) else { return Err(error.into()) };
            savepoint.rollback().await.map_err(ExchangeError::of("go back to a savepoint"))?;
            Ok(Some(reason))
        }
    }
}

/// The reason in words, if it is the data that was refused and not the database that failed.
fn in_words(error: &DbError) -> Option<String> {
    Some(match error.broken_rule()? {
        "snap_name_once" => "the name is taken by another snap".to_owned(),
        rule => format!("the database refuses it: {rule}"),
    })
}
