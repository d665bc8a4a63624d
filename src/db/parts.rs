//! The table `part`: which generation last changed what is served beside the listings.

use crate::db::DbError;
use deadpool_postgres::GenericClient;
use deadpool_postgres::Transaction;

/// What is served beside the listings, and loaded whole when it changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The rankings in force, with the history of the day.
    Places,
    /// The slices and what is in them.
    Slices,
    /// Which snaps are kept out of rankings.
    Exclusions,
    /// What was featured.
    Featured,
}

impl Part {
    /// Every part.
    pub const ALL: [Self; 4] = [Self::Places, Self::Slices, Self::Exclusions, Self::Featured];

    fn as_str(self) -> &'static str {
        match self {
            Self::Places => "places",
            Self::Slices => "slices",
            Self::Exclusions => "exclusions",
            Self::Featured => "featured",
        }
    }
}

/// Records that a part changes with that generation, which the transaction has begun and must publish.
///
/// # Errors
/// When the database fails.
pub async fn changed(
    transaction: &Transaction<'_>,
    part: Part,
    generation: i64,
) -> Result<(), DbError> {
    let sql = "INSERT INTO part (name, generation) VALUES ($1, $2)
               ON CONFLICT (name) DO UPDATE SET generation = excluded.generation";
    let done = transaction.execute(sql, &[&part.as_str(), &generation]).await;
    done.map(drop).map_err(DbError::of("record which part changed"))
}

/// The parts that changed after that generation.
///
/// # Errors
/// When the database fails.
pub async fn changed_after(
    client: &impl GenericClient,
    generation: i64,
) -> Result<Vec<Part>, DbError> {
    let failed = "load which parts changed";
    let sql = "SELECT name FROM part WHERE generation > $1";
    let rows = client.query(sql, &[&generation]).await.map_err(DbError::of(failed))?;
    let mut parts = Vec::with_capacity(rows.len());
    for row in rows {
        let name: &str = row.try_get(0).map_err(DbError::of(failed))?;
        parts.extend(Part::ALL.into_iter().find(|part| part.as_str() == name));
    }
    Ok(parts)
}
