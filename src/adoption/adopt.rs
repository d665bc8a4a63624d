//! The whole of it: one reading of the other database, one transaction of ours.

use crate::adoption::Adopted;
use crate::adoption::AdoptionError;
use crate::adoption::Kind;
use crate::adoption::State;
use crate::adoption::featured;
use crate::adoption::history;
use crate::adoption::memory::Memory;
use crate::adoption::scores;
use crate::adoption::settings;
use crate::adoption::slices;
use crate::adoption::snaps;
use crate::adoption::source::Source;
use crate::adoption::target::Target;
use crate::db::Database;
use crate::db::DbError;
use crate::db::generations;
use crate::db::parts;
use crate::db::parts::Part;
use crate::snap::Instant;

/// What of what is served changes when something of a kind is added.
const PARTS: [(Kind, Part); 6] = [
    (Kind::Exclusions, Part::Exclusions),
    (Kind::Scores, Part::Places),
    (Kind::History, Part::Places),
    (Kind::Slices, Part::Slices),
    (Kind::SliceSnaps, Part::Slices),
    (Kind::Featured, Part::Featured),
];

/// Adopts the earlier service's database `from` into ours: adds what is missing there, changes nothing that is there,
/// and publishes one generation if anything was added. Other writers wait meanwhile; readers do not.
///
/// # Errors
/// When `from` is not a database of the earlier service in a state that can be adopted, or a database fails. Nothing
/// is adopted then.
pub async fn adopt(
    from: &Database,
    into: &Database,
    now: Instant,
) -> Result<Adopted, AdoptionError> {
    let mut client = from.client().await?;
    let source = Source::open(&mut client).await?;
    let state = State::look(&source.transaction).await?;
    tracing::info!(%state, "adopting the earlier service's database");
    let doing = "adopt the earlier service's database";
    let mut client = into.client().await?;
    let transaction = client.transaction().await.map_err(DbError::of(doing))?;
    let generation = generations::begin(&transaction).await?;
    let known = Memory::load(&transaction).await?;
    let memory = known.clone();
    let adopted = Adopted::new(state);
    let mut target = Target { transaction, generation, now, memory, adopted };
    snaps::adopt(&source, &mut target).await?;
    scores::adopt(&source, &mut target).await?;
    history::adopt(&source, &mut target).await?;
    slices::adopt(&source, &mut target).await?;
    featured::adopt(&source, &mut target).await?;
    settings::adopt(&source, &mut target).await?;
    if target.memory != known {
        target.memory.store(&target.transaction).await?;
    }
    publish(&mut target).await?;
    target.transaction.commit().await.map_err(DbError::of(doing))?;
    Ok(target.adopted)
}

/// Makes a generation of what was added, if anything was.
async fn publish(target: &mut Target<'_>) -> Result<(), DbError> {
    let Target { transaction, generation, now, adopted, .. } = target;
    let added: Vec<_> = adopted.counts.iter().filter(|(_, count)| count.n_added > 0).collect();
    if added.is_empty() {
        return Ok(());
    }
    let told: Vec<_> =
        added.iter().map(|(kind, count)| format!("{} {kind}", count.n_added)).collect();
    for (kind, part) in PARTS {
        if adopted.n_added(kind) > 0 {
            parts::changed(transaction, part, *generation).await?;
        }
    }
    let what = format!("adopt: {}", told.join(", "));
    generations::publish(transaction, *generation, *now, &what).await?;
    adopted.generation = Some(*generation);
    Ok(())
}
