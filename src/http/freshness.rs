//! When assertions that came from the store behind us are to be asked for anew.
//!
//! It is remembered by this process alone: after a restart each is asked for anew when somebody wants it.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;
use tokio::time::Instant;

/// For how long nobody else asks for one that is being asked for, or could not be had.
const PAUSE: Duration = Duration::from_secs(30);
/// The most that are remembered; their paths have some hundred bytes. Beyond it all are forgotten, and asked for anew.
const MAX_KNOWN: usize = 65_536;

/// Which assertions are fresh, by the path they are asked for with.
#[derive(Debug)]
pub(super) struct Freshness {
    /// How long one is; nothing, where they stay so for ever.
    max_age: Option<Duration>,
    /// Until when.
    known: Mutex<HashMap<Box<str>, Instant>>,
}

impl Freshness {
    pub(super) fn new(max_age: Option<Duration>) -> Self {
        Self { max_age, known: Mutex::default() }
    }

    /// Whether any is ever asked for anew.
    pub(super) fn ends(&self) -> bool {
        self.max_age.is_some()
    }

    /// Whether it is to be asked for anew.
    pub(super) fn is_due(&self, path: &str, now: Instant) -> bool {
        let known = self.known.lock().expect("nobody panics with it");
        self.ends() && known.get(path).is_none_or(|until| *until <= now)
    }

    /// Whether it is, and the caller is to do it: nobody else is told so for a while.
    pub(super) fn take_turn(&self, path: &str, now: Instant) -> bool {
        if !self.ends() {
            return false;
        }
        let mut known = self.known.lock().expect("nobody panics with it");
        let is_due = known.get(path).is_none_or(|until| *until <= now);
        if is_due {
            remember(&mut known, path, now + PAUSE);
        }
        is_due
    }

    /// It has just been said anew, and is kept.
    pub(super) fn is_fresh(&self, path: &str, now: Instant) {
        if let Some(max_age) = self.max_age {
            let mut known = self.known.lock().expect("nobody panics with it");
            remember(&mut known, path, now + max_age);
        }
    }
}

fn remember(known: &mut HashMap<Box<str>, Instant>, path: &str, until: Instant) {
    if known.len() >= MAX_KNOWN {
        known.clear();
    }
    known.insert(path.into(), until);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_asks_and_the_others_do_not() {
        let freshness = Freshness::new(Some(Duration::from_hours(1)));
        let now = Instant::now();
        assert!(freshness.is_due("a", now) && freshness.take_turn("a", now));
        assert!(!freshness.is_due("a", now) && !freshness.take_turn("a", now));
        assert!(freshness.is_due("b", now));
        // It could not be had.
        let now = now + PAUSE;
        assert!(freshness.take_turn("a", now));
        freshness.is_fresh("a", now);
        assert!(!freshness.is_due("a", now + Duration::from_mins(59)));
        assert!(freshness.is_due("a", now + Duration::from_hours(1)));
    }

    #[test]
    fn without_an_age_none_is_ever_due() {
        let (freshness, now) = (Freshness::new(None), Instant::now());
        assert!(!freshness.is_due("a", now) && !freshness.take_turn("a", now));
    }

    #[test]
    fn no_more_than_so_many_are_remembered() {
        let (freshness, now) = (Freshness::new(Some(PAUSE)), Instant::now());
        for number in 0..=MAX_KNOWN {
            freshness.is_fresh(&number.to_string(), now);
        }
        assert_eq!(freshness.known.lock().unwrap().len(), 1);
    }
}
