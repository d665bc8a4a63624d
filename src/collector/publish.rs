//! Scores, places, and their publication: one transaction, one generation.

use crate::collector::CollectorError;
use crate::collector::Scores;
use crate::collector::Shift;
use crate::collector::Workshop;
use crate::collector::score;
use crate::db::generations;
use crate::db::measures;
use crate::db::parts;
use crate::db::parts::Part;
use crate::db::placed;
use crate::db::settings;
use crate::ranking::Candidate;
use crate::ranking::Category;
use crate::ranking::Placed;
use crate::ranking::Tally;

/// Whether the rankings are the end of a whole run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whole {
    /// Every stage before was part of the run: it is remembered when it ended.
    Yes,
    /// Only a part of the stages ran.
    No,
}

/// Scores every eligible snap that no editor keeps out, and puts the rankings in the place of those in force.
///
/// # Errors
/// When the database fails, or nothing is left to rank. The rankings stay as they were then.
pub async fn publish(
    workshop: &Workshop,
    shift: &Shift<'_>,
    whole: Whole,
) -> Result<Tally, CollectorError> {
    let now = (workshop.clock)();
    let mut client = workshop.database.client().await?;
    let doing = "publish the rankings";
    let transaction = client.transaction().await.map_err(CollectorError::of(doing))?;
    let generation = generations::begin(&transaction).await?;
    let population = measures::load(&transaction).await?;
    if population.is_empty() {
        return Err(CollectorError::NothingToRank);
    }
    let n = population.len();
    let formulas = workshop.options.formulas;
    // Milliseconds for some thousand snaps, and a second's tenth for a hundred thousand: off the runtime.
    let places = tokio::task::spawn_blocking(move || {
        let scores = score(&population, &formulas);
        places(&population, &scores)
    });
    let places = places.await.expect("scoring does not panic");
    placed::replace(&transaction, &places, now).await?;
    parts::changed(&transaction, Part::Places, generation).await?;
    if whole == Whole::Yes {
        settings::store(&transaction, settings::LAST_UPDATED, &now.to_string()).await?;
    }
    generations::publish(&transaction, generation, now, &format!("rankings: {n} snaps")).await?;
    shift.guard(&transaction, (workshop.clock)()).await?;
    transaction.commit().await.map_err(CollectorError::of(doing))?;
    shift.at(n, n);
    Ok(Tally { n_in: n as u64, n_out: n as u64, ..Tally::default() })
}

/// Every snap's place in every category, and in the one where it is shown.
fn places(population: &[Candidate], scores: &Scores) -> Vec<Placed> {
    let mut places = Vec::with_capacity(population.len() * Category::ALL.len());
    let mut shown = vec![None; population.len()];
    for category in Category::ALL {
        for (rank, place) in (1..).zip(scores.exclusive(category)) {
            shown[place.candidate] = Some(rank);
        }
    }
    for category in Category::ALL {
        for (rank, place) in (1..).zip(scores.independent(category)) {
            let is_shown = scores.assigned(place.candidate) == category;
            places.push(Placed {
                snap: population[place.candidate].snap,
                category,
                rank,
                score: place.score,
                shown_rank: shown[place.candidate].filter(|_| is_shown),
            });
        }
    }
    places
}
