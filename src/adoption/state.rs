//! Which state of the earlier service's database it is, seen by its tables and columns.

use crate::adoption::AdoptionError;
use crate::db::DbError;
use deadpool_postgres::Transaction;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt;

/// What must be there: every table, and of it every column that is read (contract/rankings 5, after migration 14).
const NEEDED: [(&str, &[&str]); 7] = [
    (
        "snap",
        &[
            "snap_id",
            "name",
            "title",
            "version",
            "summary",
            "description",
            "icon",
            "website",
            "contact",
            "publisher",
            "revision",
            "links",
            "media",
            "developer_validation",
            "license",
            "last_updated",
            "active_devices",
            "reaches_min_threshold",
            "raw_rating",
            "total_votes",
            "excluded",
            "date_published",
            "categories",
        ],
    ),
    ("snap_recommendation_score", &["snap_id", "category", "score", "created_at"]),
    ("snap_recommendation_score_history", &["snap_id", "category", "score", "created_at"]),
    ("editorial_slice", &["id", "name", "description"]),
    ("editorial_slice_snap", &["editorial_slice_id", "snap_id", "created_at"]),
    ("featured_history", &["id", "snap_id", "featured_at", "is_manual", "selection_reason"]),
    ("settings", &["key", "value"]),
];

/// What migration 17 adds to the history of what was featured.
const COPIED: [&str; 4] = ["title", "name", "publisher", "icon"];

/// What the earlier service's database has beyond the state after its migration 14.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct State {
    /// The history of what was featured tells what each snap was called (migration 17).
    pub has_copies: bool,
    /// It tells which snaps were only kept (one of the two forms of migration 18).
    pub has_snapshots: bool,
}

impl State {
    /// Looks at what tables and columns there are.
    pub(super) async fn look(transaction: &Transaction<'_>) -> Result<Self, AdoptionError> {
        let failed = "look at the tables of the database to adopt from";
        let sql = "SELECT table_name::text, column_name::text FROM information_schema.columns
                   WHERE table_schema = ANY (current_schemas(false))";
        let rows = transaction.query(sql, &[]).await.map_err(DbError::of(failed))?;
        let mut tables: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for row in &rows {
            let table = row.try_get(0).map_err(DbError::of(failed))?;
            let column = row.try_get(1).map_err(DbError::of(failed))?;
            tables.entry(table).or_default().insert(column);
        }
        Self::of(&tables)
    }

    fn of(tables: &BTreeMap<&str, BTreeSet<&str>>) -> Result<Self, AdoptionError> {
        if tables.contains_key("generation") && tables.contains_key("listed") {
            return Err(AdoptionError::Own);
        }
        let missing: Vec<_> = NEEDED
            .iter()
            .map(|(table, _)| *table)
            .filter(|table| !tables.contains_key(table))
            .collect();
        if !missing.is_empty() {
            return Err(AdoptionError::NoTable(missing.join(", ")));
        }
        for (table, columns) in NEEDED {
            let found = columns.iter().find(|column| !tables[table].contains(**column));
            if let Some(column) = found {
                return Err(AdoptionError::NoColumn { table, column });
            }
        }
        let featured = &tables["featured_history"];
        Ok(Self {
            has_copies: COPIED.iter().all(|column| featured.contains(column)),
            has_snapshots: featured.contains("is_snapshot"),
        })
    }
}

/// The last migration that shows.
impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.has_copies, self.has_snapshots) {
            (_, true) => "migration 18",
            (true, false) => "migration 17",
            (false, false) => "migration 14",
        })
    }
}
