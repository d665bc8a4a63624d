//! How many requests may begin in a second.

use std::sync::Mutex;
use std::time::Duration;
use tokio::time::Instant;
use tokio::time::sleep_until;

/// A bucket of tokens, kept as the instant at which the next one is due. It holds up to a tenth of a second's worth,
/// so that a timer that rings late costs nothing.
#[derive(Debug)]
pub(super) struct Budget {
    interval: Duration,
    next: Mutex<Instant>,
}

/// How much may be saved up.
const BURST: Duration = Duration::from_millis(100);

impl Budget {
    /// So many requests in a second; 0 for any number.
    pub(super) fn new(requests_per_s: u32) -> Self {
        let interval = Duration::from_secs(1).checked_div(requests_per_s).unwrap_or_default();
        Self { interval, next: Mutex::new(Instant::now()) }
    }

    /// Waits for a turn and takes it. Who waits and goes away has used the turn.
    pub(super) async fn take(&self) {
        let now = Instant::now();
        let turn = {
            let mut next = self.next.lock().expect("nobody panics with it");
            let saved = now.checked_sub(BURST).unwrap_or(now);
            let turn = (*next).max(saved);
            *next = turn + self.interval;
            turn
        };
        if turn > now {
            sleep_until(turn).await;
        }
    }

    /// Lets nobody begin for that long: a service said that we are too many.
    pub(super) fn pause(&self, pause: Duration) {
        let mut next = self.next.lock().expect("nobody panics with it");
        *next = (*next).max(Instant::now() + pause);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run<T>(test: impl Future<Output = T>) -> T {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        builder.enable_time().build().unwrap().block_on(test)
    }

    fn seconds_for(budget: &Budget, n: u32) -> f64 {
        run(async {
            let since = Instant::now();
            for _ in 0..n {
                budget.take().await;
            }
            since.elapsed().as_secs_f64()
        })
    }

    #[test]
    fn no_more_begin_than_the_budget_has() {
        // 60 at 100 in a second, less the tenth of a second that may be saved up.
        assert!(seconds_for(&Budget::new(100), 60) >= 0.49);
        assert!(seconds_for(&Budget::new(0), 10_000) < 5.0);
    }

    #[test]
    fn a_pause_holds_everybody_up() {
        let budget = Budget::new(0);
        budget.pause(Duration::from_millis(80));
        assert!(seconds_for(&budget, 1) >= 0.08);
        assert!(seconds_for(&budget, 1) < 0.08);
    }
}
