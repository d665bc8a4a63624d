//! Chance that repeats itself: the same seed and snap, the same throws.

use crate::snap::SnapId;

/// The generator `SplitMix64`.
#[derive(Debug, Clone)]
pub(super) struct Chance(u64);

/// The generator's own increment.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

impl Chance {
    /// The throws of a snap. `purpose` keeps those for different things apart.
    pub(super) fn of(id: SnapId, seed: u64, purpose: u64) -> Self {
        let bytes = id.as_str().bytes();
        let mixed = bytes.fold(seed ^ purpose.wrapping_mul(STEP), |state, byte| {
            (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3).rotate_left(23)
        });
        Self(mixed)
    }

    /// The throws of a number.
    pub(super) fn numbered(number: u64) -> Self {
        Self(number.wrapping_mul(STEP))
    }

    /// A number below `end`, which is at least 1.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (bits ^ (bits >> 31)) % end
    }

    /// True in that many cases of a thousand.
    pub(super) fn per_mille(&mut self, n: u64) -> bool {
        self.below(1_000) < n
    }

    /// A fraction from 0 up to but not including 1.
    pub(super) fn fraction(&mut self) -> f64 {
        f64::from(u32::try_from(self.below(1 << 32)).expect("below 2^32")) / 2_f64.powi(32)
    }
}
