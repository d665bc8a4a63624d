//! What the simulated services know of a snap beside its listing: times, devices, votes.

use crate::simulator::chance::Chance;
use crate::snap::Instant;
use crate::snap::SnapId;

const DAY_US: u64 = 86_400_000_000;

/// What is known of a snap, the same for the same seed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Facts {
    pub(super) last_updated: Instant,
    pub(super) published: Option<Instant>,
    /// Nothing when the metrics have no data of it.
    pub(super) devices: Option<u64>,
    /// The lower bound of what people think, and how many voted; mostly nobody.
    pub(super) rating: Option<(f32, u64)>,
}

impl Facts {
    /// The facts of a snap as of `now`.
    pub(super) fn invent(id: SnapId, seed: u64, now: Instant) -> Self {
        let mut chance = Chance::of(id, seed, 1);
        let ago = |microseconds: u64| {
            let since = i64::try_from(microseconds).unwrap_or(i64::MAX);
            Instant::from_microseconds(now.microseconds().saturating_sub(since))
                .unwrap_or(Instant::EPOCH)
        };
        // Most change within half a year, more of them lately than long ago.
        let days = if chance.per_mille(870) { 175 } else { 900 };
        let age_us = chance.below(days * DAY_US).min(chance.below(days * DAY_US));
        let age_us = if days > 175 { age_us + 181 * DAY_US } else { age_us };
        let is_new = chance.per_mille(15);
        let first_us = if is_new { 0 } else { DAY_US + chance.below(1_500 * DAY_US) };
        let says_published = chance.per_mille(950);
        // From none over some to a few hundred thousand, by orders of magnitude.
        let magnitude = chance.fraction() * 5.6 - 0.4;
        let devices = if magnitude < 0.0 { 0.0 } else { 10_f64.powf(magnitude) };
        let has_data = chance.per_mille(970);
        let is_rated = chance.per_mille(100);
        let (raw_rating, votes) = (chance.below(10_000), 25 + chance.below(4_000));
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and a few hundred thousand"
        )]
        let devices = devices as u64;
        Self {
            last_updated: ago(age_us),
            published: says_published.then(|| ago(age_us + first_us)),
            devices: has_data.then_some(devices),
            rating: is_rated.then(|| {
                (f32::from(u16::try_from(raw_rating).expect("below 10,000")) / 10_000.0, votes)
            }),
        }
    }
}
