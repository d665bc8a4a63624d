//! Cohorts: devices that see a snap's channels as they were at one instant (contract section 8).

use crate::snap::Instant;
use crate::snap::SnapId;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::Hmac;
use hmac::KeyInit;
use hmac::Mac;
use sha2::Sha256;
use std::fmt;
use std::time::Duration;

/// How long a cohort stays at one view of the channels before it moves to a newer one (contract section 8).
const WINDOW: Duration = Duration::from_hours(90 * 24);

/// Version byte, instant, snap-id, HMAC-SHA256.
const VERSION: u8 = 1;
const SIGNED: usize = 1 + 8 + 32;
const WHOLE: usize = SIGNED + 32;

/// A snap and the instant its cohort was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cohort {
    /// The snap.
    pub snap: SnapId,
    /// When the key was made.
    pub created_at: Instant,
}

impl Cohort {
    /// The instant as of which the cohort sees the channels: when it was made, and 90 days later, and so on.
    pub fn sees(&self, now: Instant) -> Instant {
        let windows = now.since(self.created_at).as_micros() / WINDOW.as_micros();
        self.created_at.plus(WINDOW * u32::try_from(windows).unwrap_or(u32::MAX))
    }
}

/// A text that is not a cohort key of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the cohort key was not made by this store")]
pub struct InvalidCohortKey;

/// The secrets that sign cohort keys: the first signs, all verify, so that one can take the place of another.
#[derive(Clone)]
pub struct CohortSecrets(Vec<Hmac<Sha256>>);

impl CohortSecrets {
    /// The secrets in that order. Without one no key can be made and none is valid.
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let keyed = |secret| Hmac::new_from_slice(secret).expect("HMAC takes keys of any length");
        Self(secrets.into_iter().map(keyed).collect())
    }

    /// The key of a cohort: self-contained, 98 characters of URL-safe base64. `None` without a secret.
    pub fn key(&self, cohort: &Cohort) -> Option<String> {
        let mut bytes = Vec::with_capacity(WHOLE);
        bytes.push(VERSION);
        bytes.extend(cohort.created_at.microseconds().to_be_bytes());
        bytes.extend(cohort.snap.as_str().as_bytes());
        let mut mac = self.0.first()?.clone();
        mac.update(&bytes);
        bytes.extend(mac.finalize().into_bytes());
        Some(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// The cohort a key was made for. The signature is compared in constant time.
    ///
    /// # Errors
    /// When the key was not signed with one of the secrets.
    pub fn open(&self, key: &str) -> Result<Cohort, InvalidCohortKey> {
        let mut bytes = [0; WHOLE];
        let length = URL_SAFE_NO_PAD.decode_slice(key, &mut bytes).map_err(|_| InvalidCohortKey)?;
        if length != WHOLE || bytes[0] != VERSION {
            return Err(InvalidCohortKey);
        }
        let (signed, signature) = bytes.split_at(SIGNED);
        let verifies = |secret: &Hmac<Sha256>| {
            let mut mac = secret.clone();
            mac.update(signed);
            mac.verify_slice(signature).is_ok()
        };
        if !self.0.iter().any(verifies) {
            return Err(InvalidCohortKey);
        }
        let microseconds = signed[1..9].try_into().expect("eight bytes");
        let id = std::str::from_utf8(&signed[9..]).map_err(|_| InvalidCohortKey)?;
        Ok(Cohort {
            snap: id.parse().map_err(|_| InvalidCohortKey)?,
            created_at: Instant::from_microseconds(i64::from_be_bytes(microseconds))
                .map_err(|_| InvalidCohortKey)?,
        })
    }
}

impl fmt::Debug for CohortSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CohortSecrets({})", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cohort() -> Cohort {
        Cohort {
            snap: "Nn4Qw8Er2Ty6Ui0Op3As7Df1Gh5Jk9Lz".parse().unwrap(),
            created_at: "2026-03-01T00:00:00Z".parse().unwrap(),
        }
    }

    #[test]
    fn a_key_opens_with_any_secret_but_no_other() {
        let (old, new) = (&b"old"[..], &b"new"[..]);
        let key = CohortSecrets::new([old]).key(&cohort()).unwrap();
        assert!(key.len() > 80);
        assert_eq!(CohortSecrets::new([new, old]).open(&key), Ok(cohort()));
        assert_eq!(CohortSecrets::new([new]).open(&key), Err(InvalidCohortKey));
        assert_eq!(CohortSecrets::new([]).open(&key), Err(InvalidCohortKey));
        assert_eq!(CohortSecrets::new([]).key(&cohort()), None);
    }

    #[test]
    fn a_changed_key_is_no_key() {
        let secrets = CohortSecrets::new([&b"one"[..]]);
        let key = secrets.key(&cohort()).unwrap();
        for index in 0..key.len() {
            let mut changed = key.clone().into_bytes();
            changed[index] = if changed[index] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(secrets.open(&changed), Err(InvalidCohortKey), "{index}");
        }
        for bad in [
            "",
            "garbage",
            "é",
            key.trim_start_matches('A'),
            &format!("{key}A"),
            &format!("{key}="),
        ] {
            assert_eq!(secrets.open(bad), Err(InvalidCohortKey), "{bad}");
        }
    }

    #[test]
    fn the_view_moves_every_ninety_days() {
        let cohort = cohort();
        let day = |days: u64| cohort.created_at.plus(Duration::from_hours(24 * days));
        assert_eq!(cohort.sees(day(89)), day(0));
        assert_eq!(cohort.sees(day(90)), day(90));
        assert_eq!(cohort.sees(day(275)), day(270));
        assert_eq!(cohort.sees(Instant::EPOCH), day(0));
    }
}
