//! The assertions that devices need to trust a file, as far as they are not held.

use crate::assertion::Assertion;
use crate::assertion::Key;
use crate::chain;
use crate::chain::Roots;
use crate::db::Database;
use crate::db::assertions;
use crate::mirror::MirrorError;
use crate::snap::Sha3;
use crate::upstream::Store;
use std::collections::HashSet;

/// The most assertions of one snap: with its revisions, its publishers and their keys there are some dozens.
const MAX_ASSERTIONS: usize = 10_000;

/// Fetches what is lacking of the chains of these files.
///
/// # Errors
/// When the store lacks any of it, or it or the database fails.
pub(super) async fn fetch(
    database: &Database,
    store: &Store,
    roots: &Roots,
    files: &[Sha3],
) -> Result<Vec<Assertion>, MirrorError> {
    let mut layer: Vec<Key> = files.iter().map(chain::revision_key).collect();
    let mut seen: HashSet<Key> = layer.iter().cloned().collect();
    let mut fetched = Vec::new();
    // What one layer rests on is the next; each is looked for in the database at once.
    while !layer.is_empty() && seen.len() <= MAX_ASSERTIONS {
        let held = {
            let client = database.client().await?;
            assertions::load_newest(&client, &layer).await?
        };
        let mut next = Vec::new();
        for key in layer {
            let held = held.iter().find(|held| held.identity.key == key);
            let held = held.and_then(|held| std::str::from_utf8(&held.text).ok()?.parse().ok());
            let assertion = if let Some(assertion) = held {
                assertion
            } else {
                let asked = store.assertion(&key).await?;
                let assertion = asked.ok_or_else(|| MirrorError::Lacks(key.clone()))?;
                fetched.push(assertion.clone());
                assertion
            };
            let rests_on = chain::needs(&assertion).into_iter().chain(chain::signer(&assertion));
            next.extend(rests_on.filter(|key| !roots.has(key) && seen.insert(key.clone())));
        }
        layer = next;
    }
    Ok(fetched)
}
