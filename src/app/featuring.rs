//! Keeps the copy of what the store features up to date.
//!
//! The clock says when to look again, or somebody who changed the list: here, or on another server of the same
//! database. Whatever fails, the last copy stays in service.

use crate::app::serve;
use crate::http::Metrics;
use crate::http::Relay;
use crate::http::RelayError;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;

/// The longest pause as long as there is nothing to show.
const LONGEST_WITHOUT: Duration = Duration::from_secs(5);

/// What the task works with.
pub(super) struct Featuring {
    pub(super) relay: Arc<Relay>,
    pub(super) metrics: Arc<Metrics>,
    /// From one look to the next.
    pub(super) interval: Duration,
}

impl Featuring {
    /// Goes on until it is dropped.
    pub(super) async fn run(self) {
        let mut is_away = false;
        loop {
            let refreshed = self.relay.refresh_featured(serve::now()).await;
            if let Ok(as_of) = refreshed {
                self.metrics.featured_copied(as_of);
            }
            is_away = tell(refreshed.map(drop), is_away);
            let has_copy = self.relay.has_featured();
            let pause = if has_copy { self.interval } else { self.interval.min(LONGEST_WITHOUT) };
            tokio::select! {
                () = sleep(pause) => {}
                () = self.relay.until_featured_changed() => {}
            }
        }
    }
}

/// Logs where an outage begins and where it ends; says whether there is one.
fn tell(refreshed: Result<(), RelayError>, was_away: bool) -> bool {
    let Err(error) = refreshed else {
        if was_away {
            tracing::info!("the featured list is refreshed again");
        }
        return false;
    };
    if was_away {
        tracing::debug!(%error, "the featured list still cannot be refreshed");
    } else {
        let cause = std::error::Error::source(&error).map(ToString::to_string);
        tracing::warn!(%error, cause, "the featured list cannot be refreshed; the last copy stays in service");
    }
    true
}
