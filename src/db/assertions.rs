//! The table `assertion`.

use crate::assertion::Assertion;
use crate::assertion::Identity;
use crate::assertion::Key;
use crate::assertion::Kind;
use crate::db::DbError;
use crate::db::Taken;
use crate::db::rows::column;
use crate::db::rows::execute;
use crate::snap::Instant;
use deadpool_postgres::GenericClient;
use deadpool_postgres::Transaction;
use std::collections::HashMap;
use tokio_postgres::Portal;
use tokio_postgres::Row;

/// What became of an assertion that was to be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    /// It is new.
    Added,
    /// It was there, word for word.
    Unchanged,
    /// It was, but only kept in passing; now it is our own.
    Claimed,
    /// What is there of the same revision says something else. A revision never changes, so that stays.
    Conflicting,
}

/// Stores assertions, some hundreds at a time, as part of that generation, which the transaction has begun and must
/// publish if any was added or claimed; says what became of each.
///
/// # Errors
/// When the database fails.
pub async fn store(
    transaction: &Transaction<'_>,
    (assertions, taken): (&[&Assertion], Taken),
    generation: i64,
    now: Instant,
) -> Result<Vec<Stored>, DbError> {
    let mut known = find_texts(transaction, assertions).await?;
    let (mut added, mut claimed): (Vec<&Assertion>, Vec<&Identity>) = (Vec::new(), Vec::new());
    let mut stored = Vec::with_capacity(assertions.len());
    for assertion in assertions {
        // What comes twice in one batch is held against its first.
        stored.push(match known.get(assertion.identity()) {
            Some((text, _)) if text != assertion.text().as_bytes() => Stored::Conflicting,
            Some((_, Taken::InPassing)) if taken == Taken::Own => {
                claimed.push(assertion.identity());
                Stored::Claimed
            }
            Some(_) => Stored::Unchanged,
            None => {
                let text = assertion.text().as_bytes().to_vec();
                known.insert(assertion.identity().clone(), (text, taken));
                added.push(assertion);
                Stored::Added
            }
        });
    }
    if !claimed.is_empty() {
        claim(transaction, &claimed, generation).await?;
    }
    if added.is_empty() {
        return Ok(stored);
    }
    let identities = column(&added, |assertion| assertion.identity());
    execute(
        transaction,
        "INSERT INTO assertion (type, key, sequence, revision, format, text, stored_at, generation, in_passing)
         SELECT type, string_to_array(key, '/'), sequence, revision, format, text, $7::timestamptz, $8, $9
         FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bytea[])
             AS added (type, key, sequence, revision, format, text)",
        &[
            &column(&identities, |identity| identity.key.kind().name()),
            &column(&identities, |identity| identity.key.joined()),
            &column(&identities, |identity| i64::from(identity.sequence)),
            &column(&identities, |identity| i64::from(identity.revision)),
            &column(&identities, |identity| i64::from(identity.format)),
            &column(&added, |assertion| assertion.text().as_bytes()),
            &now,
            &generation,
            &(taken == Taken::InPassing),
        ],
        "record the assertions",
    )
    .await?;
    Ok(stored)
}

/// The first of these assertions that says something else than what is stored of the same revision, by its place.
///
/// # Errors
/// When the database fails.
pub async fn find_conflict(
    transaction: &Transaction<'_>,
    assertions: &[&Assertion],
) -> Result<Option<usize>, DbError> {
    let known = find_texts(transaction, assertions).await?;
    Ok(assertions.iter().position(|assertion| {
        let known = known.get(assertion.identity());
        known.is_some_and(|(text, _)| text != assertion.text().as_bytes())
    }))
}

/// Makes assertions our own that were kept in passing.
async fn claim(
    transaction: &Transaction<'_>,
    identities: &[&Identity],
    generation: i64,
) -> Result<(), DbError> {
    execute(
        transaction,
        "UPDATE assertion SET in_passing = false, generation = $6
         FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[])
             AS claimed (type, key, sequence, revision, format)
         WHERE assertion.type = claimed.type AND assertion.key = string_to_array(claimed.key, '/')
             AND assertion.sequence = claimed.sequence AND assertion.format = claimed.format
             AND assertion.revision = claimed.revision",
        &[
            &column(identities, |identity| identity.key.kind().name()),
            &column(identities, |identity| identity.key.joined()),
            &column(identities, |identity| i64::from(identity.sequence)),
            &column(identities, |identity| i64::from(identity.revision)),
            &column(identities, |identity| i64::from(identity.format)),
            &generation,
        ],
        "make assertions our own",
    )
    .await?;
    Ok(())
}

/// What is stored under the identities of these assertions, and how it came.
async fn find_texts(
    transaction: &Transaction<'_>,
    assertions: &[&Assertion],
) -> Result<HashMap<Identity, (Vec<u8>, Taken)>, DbError> {
    let doing = "look which assertions are there";
    let sql = "SELECT asked.place, assertion.text, assertion.in_passing
               FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[]) WITH ORDINALITY
                   AS asked (type, key, sequence, revision, format, place)
               JOIN assertion ON assertion.type = asked.type AND assertion.key = string_to_array(asked.key, '/')
                   AND assertion.sequence = asked.sequence AND assertion.format = asked.format
                   AND assertion.revision = asked.revision";
    let statement = transaction.prepare_cached(sql).await.map_err(DbError::of(doing))?;
    let identities = column(assertions, |assertion| assertion.identity());
    let rows = transaction
        .query(
            &statement,
            &[
                &column(&identities, |identity| identity.key.kind().name()),
                &column(&identities, |identity| identity.key.joined()),
                &column(&identities, |identity| i64::from(identity.sequence)),
                &column(&identities, |identity| i64::from(identity.revision)),
                &column(&identities, |identity| i64::from(identity.format)),
            ],
        )
        .await
        .map_err(DbError::of(doing))?;
    let mut found = HashMap::with_capacity(rows.len());
    for row in rows {
        let place: i64 = row.try_get(0).map_err(DbError::of(doing))?;
        let identity = usize::try_from(place - 1).ok().and_then(|place| identities.get(place));
        let identity = identity.expect("a place is one of the list");
        let text = row.try_get(1).map_err(DbError::of(doing))?;
        let taken = taken(&row, 2).map_err(DbError::of(doing))?;
        found.insert((*identity).clone(), (text, taken));
    }
    Ok(found)
}

/// An assertion as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Which one it is.
    pub identity: Identity,
    /// The whole of it.
    pub text: Vec<u8>,
    /// How it came.
    pub taken: Taken,
}

/// The newest assertions of these keys, which are of types that form no sequence; of a key that nothing is held of,
/// nothing.
///
/// # Errors
/// When the database fails.
pub async fn load_newest(client: &impl GenericClient, keys: &[Key]) -> Result<Vec<Kept>, DbError> {
    let doing = "load assertions by their keys";
    let sql = "SELECT DISTINCT ON (type, key) type, array_to_string(key, '/'), sequence, revision, format, text, in_passing
               FROM assertion
               JOIN unnest($1::text[], $2::text[]) AS asked (kind, joined)
                   ON type = kind AND key = string_to_array(joined, '/')
               ORDER BY type, key, revision DESC, format DESC";
    let (kinds, joined) = (column(keys, |key| key.kind().name()), column(keys, Key::joined));
    let rows = client.query(sql, &[&kinds, &joined]).await.map_err(DbError::of(doing))?;
    Ok(rows.iter().filter_map(read).collect())
}

/// The assertions that were stored after a generation, still in the database, in the order of their identities.
pub struct Changed<'t> {
    transaction: &'t Transaction<'t>,
    portal: Portal,
}

impl<'t> Changed<'t> {
    /// Those stored after that generation, after 0 all, of that type or of every one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn after(
        transaction: &'t Transaction<'t>,
        generation: i64,
        only: Option<Kind>,
    ) -> Result<Self, DbError> {
        let doing = "load the assertions";
        let sql =
            "SELECT type, array_to_string(key, '/'), sequence, revision, format, text, in_passing
                   FROM assertion WHERE generation > $1 AND ($2::text IS NULL OR type = $2)
                   ORDER BY type, key, sequence, format, revision";
        let statement = transaction.prepare_cached(sql).await.map_err(DbError::of(doing))?;
        let only = only.map(Kind::name);
        let portal = transaction.bind(&statement, &[&generation, &only]).await;
        Ok(Self { transaction, portal: portal.map_err(DbError::of(doing))? })
    }

    /// The next of them, at most so many; none when there are no more. What cannot be read is left out, with a word in
    /// the log.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn next(&self, n: u16) -> Result<Option<Vec<Kept>>, DbError> {
        let rows = self.transaction.query_portal(&self.portal, i32::from(n)).await;
        let rows = rows.map_err(DbError::of("load the assertions"))?;
        Ok((!rows.is_empty()).then(|| rows.iter().filter_map(read).collect()))
    }
}

impl std::fmt::Debug for Changed<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Changed").finish_non_exhaustive()
    }
}

fn taken(row: &Row, column: usize) -> Result<Taken, tokio_postgres::Error> {
    Ok(if row.try_get(column)? { Taken::InPassing } else { Taken::Own })
}

/// What a row says; nothing where it is of a type that only a later version knows, or holds no key of its type.
fn read(row: &Row) -> Option<Kept> {
    let read = || -> Result<Kept, Box<dyn std::error::Error>> {
        let kind = Kind::of_name(row.try_get(0)?).ok_or("its type is not known")?;
        let key = Key::new(kind, row.try_get::<_, &str>(1)?.split('/'))?;
        let number = |column| -> Result<u32, Box<dyn std::error::Error>> {
            Ok(row.try_get::<_, i32>(column)?.try_into()?)
        };
        let (sequence, revision, format) = (number(2)?, number(3)?, number(4)?);
        let identity = Identity { key, sequence, format, revision };
        Ok(Kept { identity, text: row.try_get(5)?, taken: taken(row, 6)? })
    };
    read()
        .inspect_err(|error| tracing::error!(error, "an assertion is left out: it cannot be read"))
        .ok()
}
