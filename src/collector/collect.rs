//! What the store lists, and the channels of what it lists (contract/rankings 4.2).
//!
//! Page by page: whose channels are due is asked for them, and then the page and the channels are stored in one
//! transaction, which is one generation if anything changed. A run that is interrupted leaves whole pages behind, and
//! the next one goes through all of them again, cheaply.

use crate::collector::CollectorError;
use crate::collector::Shift;
use crate::collector::Workshop;
use crate::collector::channels;
use crate::collector::channels::Channels;
use crate::collector::workshop::before;
use crate::db::generations;
use crate::db::info_reads;
use crate::db::listed;
use crate::exchange::Intake;
use crate::exchange::Publishers;
use crate::ranking::Listed;
use crate::ranking::Tally;
use crate::snap::SnapId;
use crate::snap::SnapName;
use crate::upstream::Page;
use futures_util::StreamExt;
use futures_util::stream;
use std::collections::BTreeSet;
use std::pin::pin;

/// Beyond so many pages a store has no end; a page holds a hundred snaps.
const MAX_PAGES: u32 = 5_000;

/// So many pages are asked for at once: the store takes its time for each.
const PAGES_AHEAD: usize = 3;

/// Below this many known snaps, all of them may vanish at once.
const FEW: usize = 20;

/// Stores what the store lists and the channels of what is due; marks what it lists no more.
///
/// # Errors
/// When the store or the database fails, or the store is not to be believed. What was stored until then stays.
pub async fn collect(workshop: &Workshop, shift: &Shift<'_>) -> Result<Tally, CollectorError> {
    let mut run = Run {
        workshop,
        shift,
        tally: Tally::default(),
        seen: BTreeSet::new(),
        bad: BTreeSet::new(),
        publishers: Publishers::default(),
    };
    let n_known = listed::present(&workshop.database.client().await?).await?.len();
    let pages = stream::iter(1..=MAX_PAGES)
        .map(|page| async move { (page, workshop.store.search_page(page).await) })
        .buffered(PAGES_AHEAD);
    let mut pages = pin!(pages);
    while let Some((number, page)) = pages.next().await {
        let page = page?;
        let has_next = page.has_next;
        let n_before = run.seen.len() + run.bad.len();
        run.take(page).await?;
        shift.at(run.seen.len(), n_known.max(run.seen.len()));
        if !has_next {
            run.mark_vanished().await?;
            return Ok(run.tally);
        }
        if run.seen.len() + run.bad.len() == n_before {
            return Err(CollectorError::Repeats { page: number });
        }
    }
    Err(CollectorError::Endless(MAX_PAGES))
}

/// A run under way.
struct Run<'r> {
    workshop: &'r Workshop,
    shift: &'r Shift<'r>,
    tally: Tally,
    seen: BTreeSet<SnapId>,
    /// What the store lists in a way that cannot be read: it has not vanished.
    bad: BTreeSet<String>,
    /// What the pages so far said of them.
    publishers: Publishers,
}

impl Run<'_> {
    /// Stores a page and the channels of what is due of it.
    async fn take(&mut self, page: Page) -> Result<(), CollectorError> {
        self.tally.n_in += (page.listed.len() + page.rejected.len()) as u64;
        for (name, reason) in page.rejected {
            tracing::warn!(snap.name = name, reason, "a listed snap is skipped");
            self.tally.reject("bad-listing");
            self.bad.insert(name);
        }
        // A list that moves while it is read shows a snap on two pages; the first time counts.
        let listed: Vec<Listed> =
            page.listed.into_iter().filter(|snap| self.seen.insert(snap.id)).collect();
        let now = (self.workshop.clock)();
        let oldest = before(now, self.workshop.options.info_age);
        let due = {
            let client = self.workshop.database.client().await?;
            info_reads::due(&client, &listed, oldest).await?
        };
        let channels = channels::read(self.workshop, due).await?;
        self.store(&listed, channels).await?;
        self.tally.n_out += listed.len() as u64;
        Ok(())
    }

    /// One transaction, and one generation if anything of it is new.
    async fn store(
        &mut self,
        listed: &[Listed],
        mut channels: Channels,
    ) -> Result<(), CollectorError> {
        let now = (self.workshop.clock)();
        let mut client = self.workshop.database.client().await?;
        let doing = "store a page of the store";
        let mut transaction = client.transaction().await.map_err(CollectorError::of(doing))?;
        let generation = generations::begin(&transaction).await?;
        let rows: Vec<&Listed> = listed.iter().collect();
        let changed = listed::upsert(&transaction, &rows, generation).await?;
        let n_back = listed::readmit(&transaction, &changed, generation).await?;
        let mut intake = Intake::new(generation, now, &mut self.publishers);
        let ids: Vec<SnapId> =
            channels.statements.iter().map(|(_, statement)| statement.listing.id).collect();
        intake.take_in(&mut transaction, channels.statements).await?;
        for (reason, n) in &channels.rejected {
            *self.tally.rejected.entry((*reason).to_owned()).or_default() += n;
        }
        let is_new = !changed.is_empty() || n_back > 0 || intake.has_changed();
        let report = intake.into_report();
        for rejected in &report.rejected {
            let name = rejected.rejection.snap.map(|name| name.to_string()).unwrap_or_default();
            let reason = &rejected.rejection.reason;
            tracing::warn!(snap.name = name, reason, "the channels of a snap are not taken in");
            self.tally.reject("bad-channels");
            // What was not taken in is to be told again, whether it is the same by then or not.
            let place = usize::try_from(rejected.line).ok().and_then(|line| line.checked_sub(1));
            if let Some(id) = place.and_then(|place| ids.get(place)) {
                channels.read.retain(|(known, _)| known != id);
                channels.read.push((*id, None));
            }
        }
        info_reads::record(&transaction, &channels.read, now).await?;
        self.shift.guard(&transaction, (self.workshop.clock)()).await?;
        if is_new {
            let n_channels = report.n_added + report.n_changed;
            let what = format!("collect: {} listed, {n_channels} channel maps", changed.len());
            generations::publish(&transaction, generation, now, &what).await?;
        }
        transaction.commit().await.map_err(CollectorError::of(doing))
    }

    /// Marks what is known and was not seen, unless that is too much to believe.
    async fn mark_vanished(&mut self) -> Result<(), CollectorError> {
        let now = (self.workshop.clock)();
        let mut client = self.workshop.database.client().await?;
        let doing = "mark what vanished";
        let transaction = client.transaction().await.map_err(CollectorError::of(doing))?;
        let generation = generations::begin(&transaction).await?;
        let known = listed::present(&transaction).await?;
        let is_missing = |(id, name): &&(SnapId, SnapName)| {
            !self.seen.contains(id) && !self.bad.contains(name.as_str())
        };
        let missing: Vec<SnapId> = known.iter().filter(is_missing).map(|(id, _)| *id).collect();
        if missing.is_empty() {
            return Ok(());
        }
        #[allow(clippy::cast_precision_loss, reason = "snaps are counted far below 2^53")]
        let share = missing.len() as f64 / known.len() as f64;
        if share > self.workshop.options.vanishing_share && known.len() > FEW {
            return Err(CollectorError::TooFew {
                n_listed: self.seen.len(),
                n_missing: missing.len(),
                n_known: known.len(),
            });
        }
        let n_vanished = listed::vanish(&transaction, &missing, generation, now).await?;
        self.tally.rejected.insert("vanished".to_owned(), n_vanished);
        let what = format!("collect: {n_vanished} vanished");
        generations::publish(&transaction, generation, now, &what).await?;
        self.shift.guard(&transaction, (self.workshop.clock)()).await?;
        transaction.commit().await.map_err(CollectorError::of(doing))
    }
}
