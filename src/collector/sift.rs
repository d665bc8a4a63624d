//! The filter over what is collected: which snaps are eligible, kept for the stages behind it.

use crate::collector::CollectorError;
use crate::collector::Described;
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
    let subjects = verdicts::load_subjects(&transaction).await?;
    let mut tally = Tally { n_in: subjects.len() as u64, ..Tally::default() };
    let mut said = Vec::with_capacity(subjects.len());
    for subject in &subjects {
        let described = Described {
            has_icon: subject.has_icon,
            n_media: subject.n_media,
            n_contacts: subject.n_contacts,
            n_description: subject.n_description,
            updated_at: subject.updated_at,
        };
        match workshop.options.threshold.passes(&described, now) {
            Ok(()) => {
                tally.n_out += 1;
                said.push((subject.id, None));
            }
            Err(rejection) => {
                tally.reject(rejection.as_str());
                said.push((subject.id, Some(rejection.as_str())));
            }
        }
    }
    verdicts::replace(&transaction, &said).await?;
    shift.guard(&transaction, (workshop.clock)()).await?;
    transaction.commit().await.map_err(CollectorError::of(doing))?;
    shift.at(subjects.len(), subjects.len());
    Ok(tally)
}
