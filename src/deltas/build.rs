//! Makes the deltas that are missing, snap by snap.

use crate::blobs::BlobError;
use crate::blobs::Blobs;
use crate::blobs::Digested;
use crate::blobs::digested;
use crate::db::Database;
use crate::db::Taken;
use crate::db::blobs;
use crate::db::generations;
use crate::db::jobs;
use crate::db::jobs::Lease;
use crate::db::listings;
use crate::deltas::error::DeltaError;
use crate::deltas::wanted::Wanted;
use crate::deltas::wanted::wanted;
use crate::deltas::workplace;
use crate::deltas::workplace::Workplace;
use crate::deltas::xdelta;
use crate::snap::Delta;
use crate::snap::Download;
use crate::snap::FileSize;
use crate::snap::Instant;
use crate::snap::SnapId;
use crate::snap::SnapName;
use crate::snap::Source;
use futures_util::StreamExt;
use std::error::Error;
use std::path::Path;
use std::path::PathBuf;
use tokio::task::spawn_blocking;

/// The format that is made, as devices ask for it.
const FORMAT: &str = "xdelta3";
/// How many snaps are looked at at once, as for an export.
const BATCH: usize = 200;
/// Of a file's size, the part that a delta may have at most, in percent: one that saves less than a quarter costs a
/// device more work than it saves.
const AT_MOST: u128 = 75;

/// What the work is done with.
#[derive(Debug, Clone)]
pub struct Workbench {
    /// Where the catalogue is.
    pub database: Database,
    /// Where the files are.
    pub blobs: Blobs,
    /// Where files are put down while they are worked on: of both revisions, and of what comes of them.
    pub temp_dir: PathBuf,
    /// The instant it is.
    pub clock: fn() -> Instant,
}

/// What was done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Report {
    /// How many deltas were made and published.
    pub n_made: u64,
    /// How many save too little.
    pub n_dropped: u64,
    /// How many the program could not make.
    pub n_failed: u64,
}

/// Makes the deltas that are missing, of these snaps or of all. What was made for a snap is published at once; who is
/// interrupted goes on from there the next time. Two files that the program fails with cost no others theirs.
///
/// # Errors
/// When the program, the place of the files or the database fails. What was published stays.
pub async fn build(
    bench: &Workbench,
    names: &[SnapName],
    lease: Option<&Lease>,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<Report, DeltaError> {
    let mut report = Report::default();
    sweep(bench).await;
    let ids = ids(bench, names).await?;
    let total = ids.len() as u64;
    for (place, ids) in ids.chunks(BATCH).enumerate() {
        let loaded = {
            let mut client = bench.database.client().await?;
            let looking = client.build_transaction().read_only(true).start().await;
            let looking = looking.map_err(DeltaError::of("look which deltas are missing"))?;
            listings::load(&looking, ids).await?
        };
        for listing in &loaded.listings {
            let wanted = wanted(listing, &loaded.held, FORMAT);
            if wanted.is_empty() || loaded.withdrawn.contains(&listing.id) {
                continue;
            }
            let mut made = Vec::new();
            for wanted in wanted {
                match make(bench, wanted).await {
                    Ok(Some(delta)) => made.push(delta),
                    Ok(None) => report.n_dropped += 1,
                    Err(error) if error.is_of_these_files() => {
                        let (source, target) = (wanted.source.0, wanted.target.0);
                        let (name, error): (_, &dyn Error) = (listing.name, &error);
                        tracing::warn!(snap.name = %name, %source, %target, error, "a delta could not be made");
                        report.n_failed += 1;
                    }
                    Err(error) => return Err(error),
                }
            }
            report.n_made += publish(bench, (listing.id, listing.name), made, lease).await?;
        }
        progress((place * BATCH + ids.len()) as u64, total);
    }
    Ok(report)
}

/// Removes what those who were killed at their work left on the workbench.
async fn sweep(bench: &Workbench) {
    let within = bench.temp_dir.clone();
    let swept = spawn_blocking(move || workplace::sweep(&within)).await.expect("it does not panic");
    if let Err(error) = swept {
        let error: &dyn Error = &error;
        tracing::warn!(error, "what others left on the workbench is not swept up");
    }
}

async fn ids(bench: &Workbench, names: &[SnapName]) -> Result<Vec<SnapId>, DeltaError> {
    let client = bench.database.client().await?;
    if names.is_empty() {
        return Ok(listings::load_ids(&client, 0).await?);
    }
    let mut ids = Vec::with_capacity(names.len());
    for name in names {
        ids.extend(listings::find_id(&client, name).await?);
    }
    Ok(ids)
}

/// Makes a delta and puts it in its place; `None` when it saves too little.
async fn make(bench: &Workbench, wanted: Wanted) -> Result<Option<Delta>, DeltaError> {
    let doing = "make a folder to work in";
    let place = Workplace::new(&bench.temp_dir).map_err(DeltaError::at(doing))?;
    let [source, target, delta, again] =
        ["source", "target", "delta", "again"].map(|name| place.file(name));
    fetch(&bench.blobs, wanted.source.1, &source).await?;
    fetch(&bench.blobs, wanted.target.1, &target).await?;
    xdelta::encode(&source, &target, &delta).await?;
    let made = digest_of(delta.clone()).await?;
    if !is_worth(made.size, wanted.target.1.size) {
        return Ok(None);
    }
    xdelta::decode(&source, &delta, &again).await?;
    if digest_of(again).await? != wanted.target.1 {
        return Err(DeltaError::Wrong);
    }
    bench.blobs.put_file(made, &delta).await?;
    Ok(Some(Delta {
        format: FORMAT.parse().expect("it is a label"),
        source: wanted.source.0,
        target: wanted.target.0,
        download: Download { source: Source::Here, size: made.size, sha3_384: made.sha3_384 },
    }))
}

fn is_worth(delta: FileSize, file: FileSize) -> bool {
    u128::from(delta.bytes()) * 100 <= u128::from(file.bytes()) * AT_MOST
}

async fn digest_of(path: PathBuf) -> Result<Digested, BlobError> {
    spawn_blocking(move || digested(&path)).await.expect("it does not panic")
}

/// Copies a file that is held.
async fn fetch(held: &Blobs, file: Digested, path: &Path) -> Result<(), DeltaError> {
    let doing = "put down a file to work on";
    let mut reading = held.read(file, 0..file.size.bytes()).await?;
    let mut out = std::fs::File::create(path).map_err(DeltaError::at(doing))?;
    while let Some(bytes) = reading.next().await {
        let bytes = bytes?;
        let written =
            spawn_blocking(move || std::io::Write::write_all(&mut out, &bytes).map(|()| out));
        out = written.await.expect("it does not panic").map_err(DeltaError::at(doing))?;
    }
    Ok(())
}

/// Records what was made for a snap, as far as it still fits; gives how many that are.
async fn publish(
    bench: &Workbench,
    (id, name): (SnapId, SnapName),
    made: Vec<Delta>,
    lease: Option<&Lease>,
) -> Result<u64, DeltaError> {
    if made.is_empty() {
        return Ok(0);
    }
    let now = (bench.clock)();
    let mut client = bench.database.client().await?;
    let transaction = client.transaction().await;
    let transaction = transaction.map_err(DeltaError::of("begin to publish deltas"))?;
    let generation = generations::begin(&transaction).await?;
    let mut loaded = listings::load(&transaction, &[id]).await?;
    let Some(mut listing) = loaded.listings.pop() else { return Ok(0) };
    if loaded.withdrawn.contains(&id) {
        return Ok(0);
    }
    let before = listing.deltas.len();
    let files: Vec<_> =
        made.iter().map(|delta| (delta.download.sha3_384, delta.download.size)).collect();
    listing.deltas.extend(made);
    // Somebody else may have made some of them meanwhile; of two, the one that was there stays.
    let Ok(listing) = listing.checked() else { return Ok(0) };
    let n_made = (listing.deltas.len() - before) as u64;
    if n_made == 0 {
        return Ok(0);
    }
    listings::store(&transaction, &[&listing], generation).await?;
    blobs::record(&transaction, (&files, Taken::Own), generation, now).await?;
    let what = format!("deltas: {n_made} of {name}");
    generations::publish(&transaction, generation, now, &what).await?;
    if let Some(lease) = lease
        && !jobs::guard(&transaction, lease, now).await?
    {
        return Err(DeltaError::Superseded);
    }
    transaction.commit().await.map_err(DeltaError::of("publish deltas"))?;
    Ok(n_made)
}
