//! Chance that repeats itself: the same seed, the same throws, on every machine and in every version.

use crate::snap::Sha3;

/// What a set of dice is for; each purpose has its own throws.
#[derive(Debug, Clone, Copy)]
pub(super) enum Purpose {
    Snap = 1,
    Publisher = 2,
}

/// The generator `SplitMix64`: tiny, and good enough to invent things with.
#[derive(Debug, Clone)]
pub(super) struct Dice(u64);

/// The golden ratio as a fraction of 2^64, the generator's own increment.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

impl Dice {
    /// The dice of the thing of that number.
    pub(super) fn new(seed: u64, purpose: Purpose, number: u64) -> Self {
        let seed = mix(seed.wrapping_add(STEP));
        Self(mix(seed ^ mix(number.wrapping_mul(STEP) ^ ((purpose as u64) << 56))))
    }

    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mix(self.0)
    }

    /// A number below `end`, which is at least 1.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.bits() % end
    }

    /// A number from `begin` up to but not including `end`.
    pub(super) fn between(&mut self, begin: u64, end: u64) -> u64 {
        begin + self.below(end - begin)
    }

    /// True in that many cases of a thousand.
    pub(super) fn per_mille(&mut self, n: u64) -> bool {
        self.below(1_000) < n
    }

    /// One of the items, of which there is at least one.
    pub(super) fn one_of<T: Copy>(&mut self, items: &[T]) -> T {
        let index = usize::try_from(self.below(items.len() as u64));
        items[index.expect("an index fits")]
    }

    /// The first item whose share the throw falls into; the shares are per mille and the last takes the rest.
    pub(super) fn weighted<T: Copy>(&mut self, items: &[(u64, T)]) -> T {
        let mut throw = self.below(1_000);
        for (share, item) in items {
            if throw < *share {
                return *item;
            }
            throw -= share;
        }
        items.last().expect("there is something to choose from").1
    }

    /// A key of 32 letters and digits, as the store gives to snaps and accounts.
    pub(super) fn key(&mut self) -> String {
        const SIGNS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        (0..32).map(|_| char::from(self.one_of(SIGNS))).collect()
    }

    /// A digest of nothing.
    pub(super) fn digest(&mut self) -> Sha3 {
        let mut bytes = [0; 48];
        for chunk in bytes.as_chunks_mut().0 {
            *chunk = self.bits().to_le_bytes();
        }
        Sha3::new(bytes)
    }
}
