//! Documents into the database: one transaction a stream, in which every snap stands or falls alone.

use crate::db::generations;
use crate::db::listings;
use crate::exchange::ExchangeError;
use crate::exchange::Found;
use crate::exchange::ImportReport;
use crate::exchange::Progress;
use crate::exchange::Rejection;
use crate::exchange::Statement;
use crate::exchange::merge;
use crate::exchange::shelve::Failure;
use crate::exchange::shelve::MANY;
use crate::exchange::shelve::shelve;
use crate::snap::Instant;
use crate::snap::Label;
use crate::snap::Listing;
use crate::snap::Publisher;
use crate::snap::SnapId;
use crate::snap::SnapName;
use deadpool_postgres::Object;
use deadpool_postgres::Transaction;
use std::collections::BTreeMap;
use std::collections::HashMap;
use std::collections::HashSet;
use std::io;

/// How many snaps are merged and stored at once: enough that the round trips do not count, few enough that they
/// and what is stored of them take a few megabytes.
const BATCH: usize = 200;

/// And how many bytes of documents, together with the one that goes beyond: a few very large ones must not add up.
const BATCH_BYTES: usize = 16 * 1024 * 1024;

/// Takes the documents in. The iterator may block: it is read between the statements to the database. Only what changes is stored; if anything did, a new generation is published, else
/// nothing is left behind. All of it happens in one transaction.
///
/// # Errors
/// When the stream or the database fails. Then nothing was stored.
pub async fn import(
    client: &mut Object,
    documents: impl Iterator<Item = io::Result<Found>>,
    now: Instant,
    progress: &mut dyn FnMut(Progress),
) -> Result<ImportReport, ExchangeError> {
    let transaction = client.transaction().await.map_err(ExchangeError::of("begin the import"))?;
    let generation = generations::begin(&transaction).await?;
    let mut publishers = Publishers::default();
    let intake = Intake::new(generation, now, &mut publishers);
    let mut import = Import { transaction, intake };
    let mut batch = Batch::default();
    for found in documents {
        let found = found.map_err(ExchangeError::Read)?;
        import.intake.report.n_read += 1;
        match found.statement {
            Err(rejection) => import.intake.report.reject(found.line, rejection),
            Ok(statement) => {
                if batch.has_to_go_before(&statement) {
                    import.store(std::mem::take(&mut batch)).await?;
                }
                batch.add(found.line, found.size_bytes, statement);
            }
        }
        if import.intake.report.n_read.is_multiple_of(BATCH as u64) {
            progress(import.intake.report.progress());
        }
    }
    import.store(batch).await?;
    progress(import.intake.report.progress());
    import.finish().await
}

/// Statements that are dealt with at once, no two of the same snap.
#[derive(Default)]
struct Batch {
    statements: Vec<(u64, Statement)>,
    size_bytes: usize,
    ids: HashSet<SnapId>,
    names: HashSet<SnapName>,
}

impl Batch {
    fn has_to_go_before(&self, next: &Statement) -> bool {
        self.statements.len() >= BATCH
            || self.size_bytes >= BATCH_BYTES
            || self.ids.contains(&next.listing.id)
            || self.names.contains(&next.listing.name)
    }

    fn add(&mut self, line: u64, size_bytes: usize, statement: Statement) {
        self.ids.insert(statement.listing.id);
        self.names.insert(statement.listing.name);
        self.size_bytes += size_bytes;
        self.statements.push((line, statement));
    }
}

/// What a stream of documents says of the publishers. Many snaps share one, and documents of different days may tell
/// of it differently: the first holds, so that the same stream again changes nothing. It grows with the number of
/// publishers, not of snaps, and outlives the transactions that a stream is cut into.
#[derive(Debug, Default)]
pub struct Publishers(HashMap<Label, Publisher>);

impl Publishers {
    fn agree_on(&mut self, publisher: &mut Publisher) {
        let first = self.0.entry(publisher.id.clone());
        publisher.clone_from(first.or_insert_with(|| publisher.clone()));
    }
}

/// Takes statements into a transaction that has begun a generation and must publish it if anything changed.
#[derive(Debug)]
pub struct Intake<'p> {
    generation: i64,
    now: Instant,
    report: ImportReport,
    publishers: &'p mut Publishers,
}

impl<'p> Intake<'p> {
    /// Nothing taken in yet of a stream that has said this of the publishers so far.
    pub fn new(generation: i64, now: Instant, publishers: &'p mut Publishers) -> Self {
        Self { generation, now, report: ImportReport::default(), publishers }
    }

    /// Takes some hundreds of statements in, each with the line or number it is reported by, no two of the same snap.
    ///
    /// # Errors
    /// When the database fails. What is wrong with a statement is a rejection in the report.
    pub async fn take_in(
        &mut self,
        transaction: &mut Transaction<'_>,
        statements: Vec<(u64, Statement)>,
    ) -> Result<(), ExchangeError> {
        let ids: Vec<SnapId> =
            statements.iter().map(|(_, statement)| statement.listing.id).collect();
        let loaded = listings::load(transaction, &ids).await?;
        let stored: BTreeMap<SnapId, Listing> =
            loaded.listings.into_iter().map(|listing| (listing.id, listing)).collect();
        let withdrawn = loaded.withdrawn;
        let spoilt: BTreeMap<SnapId, String> = loaded.spoilt.into_iter().collect();
        let mut changed = Vec::new();
        for (line, mut statement) in statements {
            let (id, name) = (statement.listing.id, statement.listing.name);
            if let Some(reason) = spoilt.get(&id) {
                let reason = format!("what is stored of it cannot be read: {reason}");
                self.report.reject(line, Rejection { snap: Some(name), reason });
                continue;
            }
            if let Some(publisher) = &mut statement.listing.publisher {
                self.publishers.agree_on(publisher);
            }
            let stored = stored.get(&id);
            match merge(stored, &statement, self.now) {
                Err(rejection) => self.report.reject(line, rejection),
                // What was withdrawn is there again with a document, even one that says nothing new.
                Ok(merged) if stored == Some(&merged) && !withdrawn.contains(&id) => {
                    self.report.n_unchanged += 1;
                }
                Ok(merged) => changed.push((line, merged)),
            }
        }
        let is_new = |listing: &Listing| !stored.contains_key(&listing.id);
        let listings: Vec<&Listing> = changed.iter().map(|(_, listing)| listing).collect();
        let failures = shelve(transaction, &listings, self.generation).await?;
        let mut failures = failures.into_iter().peekable();
        for (index, (line, listing)) in changed.iter().enumerate() {
            match failures.next_if(|failure| failure.index == index) {
                Some(Failure { reason, .. }) => {
                    let rejection = Rejection { snap: Some(listing.name), reason };
                    self.report.reject(*line, rejection);
                }
                None if is_new(listing) => self.report.n_added += 1,
                None => self.report.n_changed += 1,
            }
        }
        Ok(())
    }

    /// Whether anything was stored.
    pub fn has_changed(&self) -> bool {
        self.report.n_added + self.report.n_changed > 0
    }

    /// What was done.
    pub fn into_report(self) -> ImportReport {
        self.report
    }
}

/// An import under way.
struct Import<'c> {
    transaction: Transaction<'c>,
    intake: Intake<'c>,
}

impl Import<'_> {
    async fn store(&mut self, batch: Batch) -> Result<(), ExchangeError> {
        self.intake.take_in(&mut self.transaction, batch.statements).await
    }

    async fn finish(self) -> Result<ImportReport, ExchangeError> {
        let Intake { generation, now, mut report, .. } = self.intake;
        report.rejected.sort_by_key(|rejected| rejected.line);
        if report.n_added + report.n_changed == 0 {
            let undone = self.transaction.rollback().await;
            undone.map_err(ExchangeError::of("end the import"))?;
            return Ok(report);
        }
        if report.n_added >= MANY {
            listings::analyze(&self.transaction).await?;
        }
        let what = format!("import: {} added, {} changed", report.n_added, report.n_changed);
        generations::publish(&self.transaction, generation, now, &what).await?;
        self.transaction.commit().await.map_err(ExchangeError::of("commit the import"))?;
        report.generation = Some(generation);
        Ok(report)
    }
}
