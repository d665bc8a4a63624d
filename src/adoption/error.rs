//! Why a database cannot be adopted.

use crate::db::DbError;

/// The other database is not what it should be, or a database failed. Nothing was adopted then.
#[derive(Debug, thiserror::Error)]
pub enum AdoptionError {
    /// Either database.
    #[error(transparent)]
    Database(#[from] DbError),
    /// The other database is one of ours, perhaps the very one that should adopt it.
    #[error("the database to adopt from is one of snapwise itself, not of the earlier service")]
    Own,
    /// Tables of the earlier service are not there.
    #[error(
        "the database to adopt from is not one of the earlier service, or we may not read it: it has no table {0}"
    )]
    NoTable(String),
    /// A table is there, and looks as it did before the state that can be adopted.
    #[error(
        "the database to adopt from is older than migration 14 of the earlier service: the table {table} has no column {column}"
    )]
    NoColumn {
        /// Which table.
        table: &'static str,
        /// Which column of it; the first that is missing.
        column: &'static str,
    },
}
