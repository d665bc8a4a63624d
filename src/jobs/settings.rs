//! How a worker goes about it.

use std::num::NonZeroUsize;
use std::time::Duration;

/// How a worker goes about it; the durations are those of contract A9.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The worker's name, as jobs show who has them.
    pub name: String,
    /// How many jobs it does at once.
    pub concurrency: NonZeroUsize,
    /// How often it says that it is there.
    pub heartbeat: Duration,
    /// How long after the last word of an owner its jobs are taken away.
    pub lease: Duration,
    /// How often it looks for jobs, besides the database's notices: those that wait for their time are announced by
    /// nobody.
    pub poll: Duration,
    /// The pause before the second attempt; doubled each time.
    pub first_pause: Duration,
    /// The longest pause before another attempt.
    pub last_pause: Duration,
    /// How long a job that nobody wants any more may take to end by itself.
    pub grace: Duration,
}

impl Settings {
    /// The usual settings for a worker of that name.
    pub fn new(name: String) -> Self {
        Self {
            name,
            concurrency: NonZeroUsize::MIN,
            heartbeat: Duration::from_secs(10),
            lease: Duration::from_secs(30),
            poll: Duration::from_secs(5),
            first_pause: Duration::from_secs(2),
            last_pause: Duration::from_mins(5),
            grace: Duration::from_secs(5),
        }
    }

    /// The pause after that attempt, from 1. A random half of it keeps those that failed together from coming back
    /// together.
    pub(super) fn pause(&self, attempt: i32, random: u64) -> Duration {
        let doublings = u32::try_from(attempt - 1).unwrap_or(0).min(16);
        let longest = self.first_pause.saturating_mul(1 << doublings).min(self.last_pause);
        let half = longest / 2;
        let spread = u64::try_from(half.as_micros()).unwrap_or(u64::MAX).saturating_add(1);
        half + Duration::from_micros(random % spread)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end_somewhere() {
        let settings = Settings::new("w".to_owned());
        for random in [0, 1, 999_999, 1_000_000, 77_777_777, u64::MAX] {
            for (attempt, longest) in [(1, 2), (2, 4), (3, 8), (4, 16), (9, 300), (i32::MAX, 300)] {
                let pause = settings.pause(attempt, random);
                let longest = Duration::from_secs(longest);
                assert!((longest / 2..=longest).contains(&pause), "{attempt} {random}: {pause:?}");
            }
        }
    }
}
