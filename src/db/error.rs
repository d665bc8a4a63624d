//! What can go wrong between us and the database.

use std::error::Error;
use tokio_postgres::error::DbError as ServerError;

/// What we were doing when the database, or the way to it, failed. It never holds the connection string, which may
/// hold a password.
#[derive(Debug, thiserror::Error)]
#[error("cannot {doing}")]
pub struct DbError {
    /// What we were doing, in words: `load the releases`.
    doing: &'static str,
    /// What was said.
    source: Box<dyn Error + Send + Sync>,
}

impl DbError {
    /// For `map_err`: what failed was to do this.
    pub fn of<E>(doing: &'static str) -> impl FnOnce(E) -> Self
    where
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        move |source| Self { doing, source: source.into() }
    }

    /// The rule of the database that refused what was to be stored, by its name, when that is what went wrong:
    /// the data is at fault, not the world.
    pub fn broken_rule(&self) -> Option<&str> {
        let mut cause: Option<&(dyn Error + 'static)> = Some(self.source.as_ref());
        while let Some(error) = cause {
            if let Some(server) = error.downcast_ref::<ServerError>() {
                // Class 23 is "integrity constraint violation"; a column that must not be null has no name of a rule.
                let refused = server.code().code().starts_with("23");
                return refused.then(|| server.constraint().unwrap_or("not null"));
            }
            cause = error.source();
        }
        None
    }
}
