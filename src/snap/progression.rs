//! Releases that a part of the devices is given.

use crate::snap::Architecture;
use crate::snap::Channel;
use crate::snap::Instant;
use crate::snap::Percentage;
use crate::snap::SnapId;
use sha2::Digest;
use sha2::Sha256;

/// How far a progressive release has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// How many of the devices are given it.
    pub percentage: Percentage,
    /// Whether it stands still: nobody new is given it.
    pub is_paused: bool,
    /// Drawn for the release, so that not always the same devices are first.
    pub salt: i64,
}

impl Progress {
    /// Whether a device is among those that the percentage reaches. It follows from the salt, the snap and the key
    /// alone, so it is the same on every server, and who is reached once is reached by every higher percentage.
    pub fn reaches(&self, snap: &SnapId, key: &str) -> bool {
        let digest = Sha256::new()
            .chain_update(self.salt.to_be_bytes())
            .chain_update(snap.as_str())
            .chain_update(key)
            .finalize();
        let head = digest.first_chunk().expect("a digest has 32 bytes");
        let place = (u128::from(u64::from_be_bytes(*head)) * 1_000_000) >> 64;
        place < u128::from(self.percentage.millionths())
    }
}

/// The progress of one release of a channel. A release without one is for all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progression {
    /// The channel.
    pub channel: Channel,
    /// Whom the release is for.
    pub architecture: Architecture,
    /// When it was made.
    pub released_at: Instant,
    /// How far it has come.
    pub progress: Progress,
}

impl Progression {
    /// What tells releases apart.
    pub(super) fn key(&self) -> (&Channel, Architecture, Instant) {
        (&self.channel, self.architecture, self.released_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reached(percentage: &str, salt: i64) -> Vec<bool> {
        let snap = "Nn4Qw8Er2Ty6Ui0Op3As7Df1Gh5Jk9Lz".parse().unwrap();
        let progress = Progress { percentage: percentage.parse().unwrap(), is_paused: false, salt };
        (0..10_000).map(|device| progress.reaches(&snap, &format!("device-{device}"))).collect()
    }

    fn count(reached: &[bool]) -> usize {
        reached.iter().filter(|is_reached| **is_reached).count()
    }

    #[test]
    fn nobody_a_part_or_everybody_is_reached() {
        for (percentage, least, most) in [
            ("0", 0, 0),
            ("1", 60, 140),
            ("10", 880, 1_120),
            ("50", 4_800, 5_200),
            ("100", 10_000, 10_000),
        ] {
            let n = count(&reached(percentage, 7));
            assert!((least..=most).contains(&n), "{n} of 10000 are {percentage} %");
        }
    }

    #[test]
    fn a_higher_percentage_reaches_all_that_a_lower_one_did() {
        let steps = ["0", "0.5", "1", "5", "20", "50", "99.9", "100"];
        for pair in steps.windows(2) {
            let (low, high) = (reached(pair[0], 7), reached(pair[1], 7));
            assert!(low.iter().zip(&high).all(|(low, high)| !low || *high), "{pair:?}");
        }
    }

    #[test]
    fn another_release_begins_with_other_devices() {
        let (one, other) = (reached("10", 1), reached("10", 2));
        let both: Vec<_> = one.iter().zip(&other).map(|(one, other)| *one && *other).collect();
        assert!((40..=180).contains(&count(&both)), "{} are first twice", count(&both));
    }

    #[test]
    fn who_is_reached_is_written_in_stone() {
        // Servers of every version must agree, or devices would be sent to and fro. Worked out elsewhere, by the
        // words of `reaches`.
        let first: Vec<usize> =
            (0..10_000).zip(reached("0.1", 7)).filter(|(_, is)| *is).map(|(n, _)| n).collect();
        assert_eq!(first, [183, 334, 2052, 2795, 7005, 8439, 8543, 9182, 9486, 9536]);
    }
}
