//! What every stage works with.

use crate::collector::CollectorError;
use crate::collector::Threshold;
use crate::db::Database;
use crate::db::jobs;
use crate::db::jobs::Lease;
use crate::ranking::Formulas;
use crate::snap::Instant;
use crate::upstream::Devices;
use crate::upstream::Ratings;
use crate::upstream::Store;
use deadpool_postgres::Transaction;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::fmt;
use std::time::Duration;

/// The places a stage reads from and writes to, and its settings.
#[derive(Debug, Clone)]
pub struct Workshop {
    /// Where each stage's output is kept.
    pub database: Database,
    /// The store whose snaps are collected.
    pub store: Store,
    /// Tells on how many devices snaps are.
    pub devices: Devices,
    /// Tells how people vote; nothing when no ratings are configured, and then nobody votes.
    pub ratings: Option<Ratings>,
    /// How the stages go about it.
    pub options: Options,
    /// The clock.
    pub clock: fn() -> Instant,
}

/// How the stages go about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// The channels of a snap whose listing did not change are read again after this time.
    pub info_age: Duration,
    /// How many requests of one stage are under way at once.
    pub concurrency: usize,
    /// The largest share of the known snaps that may vanish in one run; beyond it the store is not believed.
    pub vanishing_share: f64,
    /// What is asked of a snap to be ranked.
    pub threshold: Threshold,
    /// How scores are reckoned.
    pub formulas: Formulas,
    /// Votes that were not heard of for this long are forgotten.
    pub votes_age: Duration,
}

const DAY: Duration = Duration::from_hours(24);

/// What contract/rankings 4 says, and what its service never said.
impl Default for Options {
    fn default() -> Self {
        Self {
            info_age: DAY,
            concurrency: 8,
            vanishing_share: 0.5,
            threshold: Threshold::default(),
            formulas: Formulas::default(),
            votes_age: 31 * DAY,
        }
    }
}

/// One run of a stage: for whom, and whom to tell how far it is.
pub struct Shift<'s> {
    /// The right to write: what a stage commits, it commits only as long as it holds.
    pub lease: &'s Lease,
    /// Told how many of how many are done.
    pub progress: &'s (dyn Fn(u64, u64) + Send + Sync),
}

impl Shift<'_> {
    /// Makes sure that the transaction is committed only if the right to write still holds. `now` is the instant it is
    /// and not the one at which the stage began: it counts as a word of the owner.
    pub(super) async fn guard(
        &self,
        transaction: &Transaction<'_>,
        now: Instant,
    ) -> Result<(), CollectorError> {
        let is_held = jobs::guard(transaction, self.lease, now).await?;
        if is_held { Ok(()) } else { Err(CollectorError::Superseded) }
    }

    /// So many of so many are done.
    pub(super) fn at(&self, done: usize, total: usize) {
        (self.progress)(done as u64, total as u64);
    }
}

impl fmt::Debug for Shift<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shift").field("lease", &self.lease).finish_non_exhaustive()
    }
}

/// The instant that long before.
pub(super) fn before(now: Instant, age: Duration) -> Instant {
    let age_us = i64::try_from(age.as_micros()).unwrap_or(i64::MAX);
    let then = Instant::from_microseconds(now.microseconds().saturating_sub(age_us));
    then.unwrap_or(Instant::EPOCH)
}

/// The day it is, in UTC.
pub(super) fn today(now: Instant) -> Date {
    let timestamp = Timestamp::from_microsecond(now.microseconds());
    timestamp
        .expect("an instant lies within the years that are counted")
        .to_zoned(TimeZone::UTC)
        .date()
}
