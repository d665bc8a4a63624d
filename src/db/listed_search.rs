//! The table `listed`, searched by words and names.

use crate::db::DbError;
use crate::snap::SnapId;
use deadpool_postgres::GenericClient;

/// The snaps whose title, name or summary holds these words, be they in capitals or not; by name, at most so many.
/// Every character stands for itself.
///
/// # Errors
/// When the database fails.
pub async fn search(
    client: &impl GenericClient,
    words: &str,
    limit: u32,
) -> Result<Vec<SnapId>, DbError> {
    let failed = "search the listed snaps";
    let sql = "SELECT snap_id FROM listed
               WHERE vanished_at IS NULL
                 AND (title ILIKE $1 OR name::text ILIKE $1 OR summary ILIKE $1)
               ORDER BY name, snap_id LIMIT $2";
    let rows = client.query(sql, &[&holding(words), &i64::from(limit)]).await;
    let rows = rows.map_err(DbError::of(failed))?;
    rows.iter().map(|row| row.try_get(0).map_err(DbError::of(failed))).collect()
}

/// The snap of that name; of several, the one that was updated last.
///
/// # Errors
/// When the database fails.
pub async fn find_by_name(
    client: &impl GenericClient,
    name: &str,
) -> Result<Option<SnapId>, DbError> {
    let failed = "find a listed snap";
    let sql = "SELECT snap_id FROM listed WHERE name = $1::text AND vanished_at IS NULL
               ORDER BY last_updated DESC, snap_id LIMIT 1";
    let row = client.query_opt(sql, &[&name]).await.map_err(DbError::of(failed))?;
    row.map(|row| row.try_get(0)).transpose().map_err(DbError::of(failed))
}

/// Those of these snaps that have that name, in their order, be they listed still or not.
///
/// # Errors
/// When the database fails.
pub async fn named(
    client: &impl GenericClient,
    snaps: &[SnapId],
    name: &str,
) -> Result<Vec<SnapId>, DbError> {
    let failed = "find the snaps of a name";
    let snaps: Vec<&str> = snaps.iter().map(SnapId::as_str).collect();
    let sql = "SELECT listed.snap_id
               FROM unnest($1::text[]) WITH ORDINALITY AS asked (snap_id, place)
               JOIN listed ON listed.snap_id = asked.snap_id
               WHERE listed.name = $2::text ORDER BY asked.place";
    let rows = client.query(sql, &[&snaps, &name]).await.map_err(DbError::of(failed))?;
    rows.iter().map(|row| row.try_get(0).map_err(DbError::of(failed))).collect()
}

/// The names of these snaps, in their order.
///
/// # Errors
/// When the database fails.
pub async fn names(client: &impl GenericClient, snaps: &[SnapId]) -> Result<Vec<String>, DbError> {
    let failed = "load the names of snaps";
    let snaps: Vec<&str> = snaps.iter().map(SnapId::as_str).collect();
    let sql = "SELECT listed.name::text
               FROM unnest($1::text[]) WITH ORDINALITY AS asked (snap_id, place)
               JOIN listed ON listed.snap_id = asked.snap_id ORDER BY asked.place";
    let rows = client.query(sql, &[&snaps]).await.map_err(DbError::of(failed))?;
    rows.iter().map(|row| row.try_get(0).map_err(DbError::of(failed))).collect()
}

/// A pattern for what holds these words.
fn holding(words: &str) -> String {
    let mut pattern = String::with_capacity(words.len() + 2);
    pattern.push('%');
    for letter in words.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_stands_for_itself() {
        assert_eq!(holding(r"50%_a\b"), r"%50\%\_a\\b%");
    }
}
