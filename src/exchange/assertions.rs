//! Streams of assertions into the database and out of it.

use crate::assertion::Assertion;
use crate::assertion::Found;
use crate::assertion::Kind;
use crate::db::Taken;
use crate::db::assertions;
use crate::db::assertions::Changed;
use crate::db::assertions::Stored;
use crate::db::generations;
use crate::exchange::ExchangeError;
use crate::snap::Instant;
use deadpool_postgres::Object;
use std::io;
use std::io::Write;
use tokio_postgres::IsolationLevel;

/// How many assertions are stored at once: enough that the round trips do not count, few enough that servers need not
/// wait long for what comes before the end.
const BATCH: usize = 1_000;
/// And how many bytes of them, together with the one that goes beyond: a few very large ones must not add up.
const BATCH_BYTES: usize = 16 * 1_024 * 1_024;
/// How many are read from the database at once; the largest have 2 MiB each.
const READ: u16 = 100;
/// How many rejections are told in full. A file of nothing but rubbish must not fill the memory.
const MAX_TOLD: usize = 1_000;

/// An assertion that was not taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectedAssertion {
    /// The line of the stream where it is at fault, from 1.
    pub line: u64,
    /// The reason.
    pub reason: String,
}

/// What an import of assertions did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AssertionReport {
    /// How many were read: the three below together.
    pub n_read: u64,
    /// How many are new.
    pub n_added: u64,
    /// How many were there, word for word.
    pub n_unchanged: u64,
    /// How many were not taken in.
    pub n_rejected: u64,
    /// A thousand of them at most, in the order of their lines.
    pub rejected: Vec<RejectedAssertion>,
    /// The last generation that was published, if anything is new.
    pub generation: Option<i64>,
}

impl AssertionReport {
    fn reject(&mut self, line: u64, reason: String) {
        self.n_rejected += 1;
        if self.rejected.len() < MAX_TOLD {
            self.rejected.push(RejectedAssertion { line, reason });
        }
    }
}

/// Takes a stream of assertions in, batch by batch, each in a transaction and a generation of its own: what was stored
/// stays when the rest fails, and the same stream again goes on from there. `progress` is told how many were read.
///
/// # Errors
/// When the stream or the database fails. What is wrong with an assertion is a rejection in the report.
pub async fn import_assertions(
    client: &mut Object,
    found: impl Iterator<Item = io::Result<Found>>,
    now: Instant,
    progress: &mut dyn FnMut(u64),
) -> Result<AssertionReport, ExchangeError> {
    let mut report = AssertionReport::default();
    let mut batch: Vec<(u64, Assertion)> = Vec::new();
    let mut size_bytes = 0;
    for found in found {
        let Found { line, assertion } = found.map_err(ExchangeError::Read)?;
        report.n_read += 1;
        match assertion {
            Ok(assertion) => {
                size_bytes += assertion.text().len();
                batch.push((line, assertion));
            }
            Err(flaw) => report.reject(flaw.line, flaw.what),
        }
        if batch.len() >= BATCH || size_bytes >= BATCH_BYTES {
            store(client, &batch, now, &mut report).await?;
            batch.clear();
            size_bytes = 0;
            progress(report.n_read);
        }
    }
    store(client, &batch, now, &mut report).await?;
    progress(report.n_read);
    report.rejected.sort_by_key(|rejected| rejected.line);
    Ok(report)
}

async fn store(
    client: &mut Object,
    batch: &[(u64, Assertion)],
    now: Instant,
    report: &mut AssertionReport,
) -> Result<(), ExchangeError> {
    if batch.is_empty() {
        return Ok(());
    }
    let transaction = client.transaction().await.map_err(ExchangeError::of("begin the import"))?;
    let generation = generations::begin(&transaction).await?;
    let each: Vec<&Assertion> = batch.iter().map(|(_, assertion)| assertion).collect();
    let stored = assertions::store(&transaction, (&each, Taken::Own), generation, now).await?;
    let (mut n_added, mut n_claimed) = (0, 0);
    for ((line, assertion), stored) in batch.iter().zip(stored) {
        match stored {
            Stored::Added => n_added += 1,
            Stored::Unchanged => report.n_unchanged += 1,
            Stored::Claimed => {
                n_claimed += 1;
                report.n_unchanged += 1;
            }
            Stored::Conflicting => {
                let identity = assertion.identity();
                report.reject(*line, format!("{identity} is stored with another text"));
            }
        }
    }
    if n_added + n_claimed == 0 {
        let undone = transaction.rollback().await;
        return undone.map_err(ExchangeError::of("end the import"));
    }
    let what = format!("import: {n_added} assertions");
    generations::publish(&transaction, generation, now, &what).await?;
    transaction.commit().await.map_err(ExchangeError::of("commit the import"))?;
    report.n_added += n_added;
    report.generation = Some(generation);
    Ok(())
}

/// Writes all assertions, or those of one type, as a stream in the order of their identities; says how many they were.
///
/// # Errors
/// When the database or the writer fails.
pub async fn export_assertions(
    client: &mut Object,
    only: Option<Kind>,
    out: &mut impl Write,
) -> Result<u64, ExchangeError> {
    let begun = client.build_transaction().isolation_level(IsolationLevel::RepeatableRead);
    let transaction =
        begun.read_only(true).start().await.map_err(ExchangeError::of("begin the export"))?;
    let stored = Changed::after(&transaction, 0, only).await?;
    let mut n_written = 0;
    while let Some(batch) = stored.next(READ).await? {
        for kept in batch {
            let gap: &[u8] = if n_written > 0 { b"\n" } else { b"" };
            let written = out.write_all(gap).and_then(|()| out.write_all(&kept.text));
            written.map_err(ExchangeError::Write)?;
            n_written += 1;
        }
    }
    out.flush().map_err(ExchangeError::Write)?;
    Ok(n_written)
}
