//! The filter over what is collected: which snaps are eligible, kept for the stages behind it.

use crate::collector::CollectorError;
use crate::collector::Shift;
use crate::collector::Workshop;
use crate::db::verdicts;
use crate::ranking::Tally;

/// Judges every listed snap anew and stores what changed, in one transaction.
///
/// # Errors
/// When the database fails.
pub async fn sift(workshop: &Workshop, shift: &Shift<'_>) -> Result<Tally, CollectorError> {
    let now = (workshop.clock)();
    let mut client = workshop.database.client().await?;
    let doing = "filter what is listed";
    let transaction = client.transaction().await.map_err(CollectorError::of(doing))?;
    let listed = verdicts::load_described(&transaction).await?;
    let mut tally = Tally { n_in: listed.len() as u64, ..Tally::default() };
    let mut said = Vec::with_capacity(listed.len());
    for (snap, described) in &listed {
        match workshop.options.threshold.passes(described, now) {
            Ok(()) => {
                tally.n_out += 1;
                said.push((*snap, None));
            }
            Err(rejection) => {
                tally.reject(rejection.as_str());
                said.push((*snap, Some(rejection.as_str())));
            }
        }
    }
    verdicts::replace(&transaction, &said).await?;
    shift.guard(&transaction, (workshop.clock)()).await?;
    transaction.commit().await.map_err(CollectorError::of(doing))?;
    shift.at(listed.len(), listed.len());
    Ok(tally)
}
