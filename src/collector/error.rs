//! Why a stage failed.

use crate::db::DbError;
use crate::exchange::ExchangeError;
use crate::upstream::UpstreamError;

/// The world failed, or is not to be believed; what is wrong with single snaps is counted and no failure.
#[derive(Debug, thiserror::Error)]
pub enum CollectorError {
    /// A service we ask, or the way to it.
    #[error(transparent)]
    Upstream(#[from] UpstreamError),
    /// The database.
    #[error(transparent)]
    Database(#[from] DbError),
    /// The database, while channels were taken in.
    #[error(transparent)]
    Exchange(#[from] ExchangeError),
    /// The database failed at a border of a transaction.
    #[error("cannot {doing}")]
    Transaction {
        /// What we were doing, in words.
        doing: &'static str,
        /// What the database said.
        source: tokio_postgres::Error,
    },
    /// Another owner has the job by now.
    #[error("the job was taken over by another worker")]
    Superseded,
    /// The store gives a page without a new snap, and says that there are more.
    #[error("the store repeats itself: page {page} holds no snap that was not there before")]
    Repeats {
        /// The page, from 1.
        page: u32,
    },
    /// The store never comes to an end.
    #[error("the store gives more than {0} pages")]
    Endless(u32),
    /// The store lists so few snaps that it is not believed.
    #[error(
        "the store lists {n_listed} snaps, and {n_missing} of the {n_known} known ones are missing: too many to believe it"
    )]
    TooFew {
        /// How many it lists.
        n_listed: usize,
        /// How many of the known ones it does not.
        n_missing: usize,
        /// How many are known.
        n_known: usize,
    },
    /// The channels of too many snaps could not be read; the last reason is the source.
    #[error("the channels of {n_failed} of {n_asked} snaps cannot be read")]
    TooManyUnread {
        /// How many failed.
        n_failed: usize,
        /// Of how many that were asked in a row.
        n_asked: usize,
        /// Why the last one did.
        source: UpstreamError,
    },
    /// Every batch of ratings failed; the last reason is the source.
    #[error("no ratings can be read")]
    NoRatings {
        /// Why the last batch failed.
        source: UpstreamError,
    },
    /// There is nothing to rank, and an empty ranking would take the place of one that is not.
    #[error("no snap is eligible: the rankings stay as they are")]
    NothingToRank,
}

impl CollectorError {
    /// For `map_err`: what failed was to do this.
    pub(super) fn of(doing: &'static str) -> impl FnOnce(tokio_postgres::Error) -> Self {
        move |source| Self::Transaction { doing, source }
    }
}
