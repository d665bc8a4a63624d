//! Documents out of the database.

use crate::db::listings;
use crate::exchange::Document;
use crate::exchange::ExchangeError;
use crate::snap::SnapName;
use deadpool_postgres::Object;
use std::io::Write;
use tokio_postgres::IsolationLevel;

/// How many snaps are loaded at once, as for an import.
const BATCH: usize = 200;

/// What an export did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExportReport {
    /// How many documents were written.
    pub n_written: u64,
    /// What could not be read from the database, and why: the snap-id, then the reason.
    pub spoilt: Vec<String>,
}

/// Writes the document of every snap, or of the snap of that name, as JSON lines in the order of the snap-ids: the
/// catalogue as of one instant, whatever is written to it meanwhile. Of a name that is not there, nothing.
///
/// # Errors
/// When the database or the writer fails.
pub async fn export(
    client: &mut Object,
    only: Option<&SnapName>,
    out: &mut impl Write,
) -> Result<ExportReport, ExchangeError> {
    let begun = client.build_transaction().isolation_level(IsolationLevel::RepeatableRead);
    let transaction =
        begun.read_only(true).start().await.map_err(ExchangeError::of("begin the export"))?;
    let ids = match only {
        Some(name) => listings::find_id(&transaction, name).await?.into_iter().collect(),
        None => listings::load_ids(&transaction, 0).await?,
    };
    let mut report = ExportReport::default();
    for ids in ids.chunks(BATCH) {
        let loaded = listings::load(&transaction, ids).await?;
        report.spoilt.extend(loaded.spoilt.into_iter().map(|(id, why)| format!("{id}: {why}")));
        for listing in &loaded.listings {
            let written = serde_json::to_writer(&mut *out, &Document::of(listing));
            written.map_err(|error| ExchangeError::Write(error.into()))?;
            out.write_all(b"\n").map_err(ExchangeError::Write)?;
            report.n_written += 1;
        }
    }
    out.flush().map_err(ExchangeError::Write)?;
    Ok(report)
}
