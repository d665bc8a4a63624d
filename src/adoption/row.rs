//! A row of the other database: each column is what our types say it may be, or the row is refused for a reason.

use crate::ranking::Category;
use crate::ranking::Verbatim;
use crate::snap::Instant;
use crate::snap::SnapId;
use serde_json::Value;
use tokio_postgres::Row;
use tokio_postgres::types::FromSql;

/// The largest text, as for what a store lists.
const MAX_TEXT_BYTES: usize = 256 * 1_024;

/// One row, read by position. A reason to refuse it is a word that can be counted.
pub(super) struct Columns(Row);

impl Columns {
    pub(super) fn of(row: Row) -> Self {
        Self(row)
    }

    /// A value as the database has it.
    pub(super) fn get<'r, T: FromSql<'r>>(
        &'r self,
        position: usize,
        reason: &'static str,
    ) -> Result<T, &'static str> {
        self.0.try_get(position).map_err(|_| reason)
    }

    /// The text that names the row, be it valid or not.
    pub(super) fn key(&self, position: usize) -> &str {
        self.0.try_get(position).unwrap_or("(no key)")
    }

    pub(super) fn text(&self, position: usize) -> Result<String, &'static str> {
        checked(self.get(position, "bad-text")?)
    }

    /// A text; one that is empty says nothing.
    pub(super) fn optional_text(&self, position: usize) -> Result<Option<String>, &'static str> {
        let text: Option<&str> = self.get(position, "bad-text")?;
        text.filter(|text| !text.is_empty()).map(checked).transpose()
    }

    pub(super) fn snap_id(&self, position: usize) -> Result<SnapId, &'static str> {
        self.get::<&str>(position, "bad-snap-id")?.parse().map_err(|_| "bad-snap-id")
    }

    pub(super) fn category(&self, position: usize) -> Result<Category, &'static str> {
        self.get::<&str>(position, "unknown-category")?.parse().map_err(|_| "unknown-category")
    }

    /// A score; what is no number is none.
    pub(super) fn score(&self, position: usize) -> Result<f64, &'static str> {
        let score: f64 = self.get(position, "bad-score")?;
        if score.is_finite() { Ok(score) } else { Err("bad-score") }
    }

    pub(super) fn instant(&self, position: usize) -> Result<Instant, &'static str> {
        self.get(position, "bad-time")
    }

    /// JSON that came as text, as our tables can hold it, and what it says.
    pub(super) fn json(
        &self,
        position: usize,
        reason: &'static str,
    ) -> Result<Option<(Value, Verbatim)>, &'static str> {
        let Some(text) = self.get::<Option<&str>>(position, reason)? else { return Ok(None) };
        let value: Value = serde_json::from_str(text).map_err(|_| reason)?;
        // Written anew: what it says is what is kept, not what stands there twice or cannot be told.
        let verbatim = value.to_string().parse().map_err(|_| reason)?;
        Ok(Some((value, verbatim)))
    }
}

fn checked(text: &str) -> Result<String, &'static str> {
    if text.len() > MAX_TEXT_BYTES { Err("bad-text") } else { Ok(text.to_owned()) }
}
