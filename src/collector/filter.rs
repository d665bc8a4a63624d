//! Which snaps are fit to be shown at all (contract/rankings 4.3).

use crate::ranking::Described;
use crate::snap::Instant;
use std::time::Duration;

const DAY: Duration = Duration::from_hours(24);

/// What is asked of a snap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Threshold {
    /// The description must be longer than so many characters.
    pub n_description: usize,
    /// The last update must be younger than this.
    pub age: Duration,
    /// So many media must be there.
    pub n_media: usize,
}

/// The thresholds of contract/rankings 4.3.
impl Default for Threshold {
    fn default() -> Self {
        Self { n_description: 50, age: 180 * DAY, n_media: 1 }
    }
}

/// Why a snap is not shown: the first rule it breaks, in the order of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rejection {
    /// It has no icon.
    NoIcon,
    /// It has too few media.
    FewMedia,
    /// Nobody says where to turn to.
    NoContact,
    /// It is hardly described.
    ShortDescription,
    /// It was not updated for long.
    Old,
}

impl Rejection {
    /// Every reason, in order.
    pub const ALL: [Self; 5] =
        [Self::NoIcon, Self::FewMedia, Self::NoContact, Self::ShortDescription, Self::Old];

    /// The word for it in tables and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoIcon => "no-icon",
            Self::FewMedia => "few-media",
            Self::NoContact => "no-contact",
            Self::ShortDescription => "short-description",
            Self::Old => "old",
        }
    }
}

impl Threshold {
    /// Whether a snap passes as of `now`.
    ///
    /// # Errors
    /// The first rule it breaks.
    pub fn passes(&self, snap: &Described, now: Instant) -> Result<(), Rejection> {
        let age_us = i64::try_from(self.age.as_micros()).unwrap_or(i64::MAX);
        let oldest_us = now.microseconds().saturating_sub(age_us);
        let broken = [
            (!snap.has_icon, Rejection::NoIcon),
            (snap.n_media < self.n_media, Rejection::FewMedia),
            (snap.n_contacts == 0, Rejection::NoContact),
            (snap.n_description <= self.n_description, Rejection::ShortDescription),
            (snap.updated_at.microseconds() <= oldest_us, Rejection::Old),
        ];
        match broken.into_iter().find(|(is_broken, _)| *is_broken) {
            Some((_, rejection)) => Err(rejection),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vectors of contract/rankings 14.
    #[test]
    fn each_rule_has_its_edge() {
        let now: Instant = "2026-07-01T00:00:00Z".parse().unwrap();
        let days = |days: i64| {
            Instant::from_microseconds(now.microseconds() - days * 86_400_000_000).unwrap()
        };
        let good = Described {
            has_icon: true,
            n_media: 1,
            n_contacts: 1,
            n_description: 51,
            updated_at: days(179),
        };
        let check = |snap: Described, expected| {
            assert_eq!(Threshold::default().passes(&snap, now), expected, "{snap:?}");
        };
        check(good, Ok(()));
        check(Described { n_description: 50, ..good }, Err(Rejection::ShortDescription));
        check(Described { updated_at: days(180), ..good }, Err(Rejection::Old));
        check(Described { has_icon: false, n_media: 3, ..good }, Err(Rejection::NoIcon));
        check(Described { n_contacts: 0, ..good }, Err(Rejection::NoContact));
        check(Described { n_media: 0, ..good }, Err(Rejection::FewMedia));
    }
}
