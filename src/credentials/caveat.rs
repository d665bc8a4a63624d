//! The caveats we know: a closed set, each one line. A macaroon with any other is refused.

use crate::snap::Instant;
use crate::snap::Label;
use crate::snap::SnapId;
use crate::snap::StoreId;
use sha2::Digest;
use sha2::Sha256;
use std::fmt;
use std::str::FromStr;

/// What a macaroon is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A device's session.
    DeviceSession,
    /// What a user may see; good with a discharge alone.
    UserRoot,
    /// That the user is who they are, for some time.
    UserDischarge,
}

impl Kind {
    /// The word for it.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::DeviceSession => "device-session",
            Self::UserRoot => "user-root",
            Self::UserDischarge => "user-discharge",
        }
    }
}

/// Which device a session is of, without a word that names it: a digest of brand, model and serial.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct DeviceDigest([u8; 32]);

impl DeviceDigest {
    /// The digest of a device.
    pub fn new(brand: &str, model: &str, serial: &str) -> Self {
        let mut digest = Sha256::new();
        for part in [brand, model, serial] {
            // With lengths, or two devices could spell one text.
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part.as_bytes());
        }
        Self(digest.finalize().into())
    }

    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Who a device is stays with the device.
impl fmt::Debug for DeviceDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceDigest")
    }
}

/// One caveat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Caveat {
    /// `kind = user-root`
    Kind(Kind),
    /// `account-id = …`
    Account(Label),
    /// `device = …`, 64 hexadecimal digits
    Device(DeviceDigest),
    /// `stores = one,other`, possibly none
    Stores(Vec<StoreId>),
    /// `snap-ids = …,…`, possibly none
    Snaps(Vec<SnapId>),
    /// `issued-at = 2026-06-11T09:30:00.000000+00:00`
    IssuedAt(Instant),
    /// `soft-expiry = …`
    SoftExpiry(Instant),
    /// `hard-expiry = …`
    HardExpiry(Instant),
}

/// A caveat that is none of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct UnknownCaveat;

impl FromStr for Caveat {
    type Err = UnknownCaveat;

    fn from_str(text: &str) -> Result<Self, UnknownCaveat> {
        let (name, value) = text.split_once(" = ").ok_or(UnknownCaveat)?;
        Ok(match name {
            "kind" => {
                let kinds = [Kind::DeviceSession, Kind::UserRoot, Kind::UserDischarge];
                let found = kinds.into_iter().find(|kind| kind.as_str() == value);
                Self::Kind(found.ok_or(UnknownCaveat)?)
            }
            "account-id" => Self::Account(parsed(value)?),
            "device" => Self::Device(unhex(value).map(DeviceDigest).ok_or(UnknownCaveat)?),
            "stores" => Self::Stores(list(value)?),
            "snap-ids" => Self::Snaps(list(value)?),
            "issued-at" => Self::IssuedAt(parsed(value)?),
            "soft-expiry" => Self::SoftExpiry(parsed(value)?),
            "hard-expiry" => Self::HardExpiry(parsed(value)?),
            _ => return Err(UnknownCaveat),
        })
    }
}

impl fmt::Display for Caveat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kind(kind) => write!(f, "kind = {}", kind.as_str()),
            Self::Account(account) => write!(f, "account-id = {account}"),
            Self::Device(DeviceDigest(digest)) => {
                f.write_str("device = ")?;
                digest.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
            Self::Stores(stores) => write!(f, "stores = {}", Joined(stores)),
            Self::Snaps(snaps) => write!(f, "snap-ids = {}", Joined(snaps)),
            Self::IssuedAt(at) => write!(f, "issued-at = {at}"),
            Self::SoftExpiry(at) => write!(f, "soft-expiry = {at}"),
            Self::HardExpiry(at) => write!(f, "hard-expiry = {at}"),
        }
    }
}

fn parsed<T: FromStr>(value: &str) -> Result<T, UnknownCaveat> {
    value.parse().map_err(|_| UnknownCaveat)
}

fn list<T: FromStr>(value: &str) -> Result<Vec<T>, UnknownCaveat> {
    if value.is_empty() { Ok(Vec::new()) } else { value.split(',').map(parsed).collect() }
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .map(|digit| digit.to_digit(16).and_then(|value| u8::try_from(value).ok()))
        .collect();
    let bytes: Vec<u8> = digits?.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect();
    bytes.try_into().ok().filter(|_| text.len() == 64)
}

/// A list with commas between.
struct Joined<'l, T>(&'l [T]);

impl<T: fmt::Display> fmt::Display for Joined<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, item) in self.0.iter().enumerate() {
            write!(f, "{}{item}", if place == 0 { "" } else { "," })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caveat_is_read_as_it_was_written() {
        for caveat in [
            Caveat::Kind(Kind::UserDischarge),
            Caveat::Account("ann".parse().unwrap()),
            Caveat::Device(DeviceDigest::new("acme", "box", "1")),
            Caveat::Stores(Vec::new()),
            Caveat::Stores(vec!["acme".parse().unwrap(), "lab".parse().unwrap()]),
            Caveat::Snaps(vec!["a".repeat(32).parse().unwrap()]),
            Caveat::IssuedAt("2026-06-11T09:30:00Z".parse().unwrap()),
            Caveat::SoftExpiry("2026-06-11T09:30:00Z".parse().unwrap()),
            Caveat::HardExpiry("2026-06-11T09:30:00.5Z".parse().unwrap()),
        ] {
            assert_eq!(caveat.to_string().parse(), Ok(caveat));
        }
    }

    #[test]
    fn what_is_not_of_the_set_is_refused() {
        for bad in [
            "",
            "kind",
            "kind = admin",
            "kind=user-root",
            "account-id = ",
            "account-id = a b",
            "device = 00",
            "stores = a,,b",
            "stores = a b",
            "snap-ids = short",
            "hard-expiry = tomorrow",
            "time < 2020-01-01T00:00",
            "permission = everything",
        ] {
            assert_eq!(bad.parse::<Caveat>(), Err(UnknownCaveat), "{bad}");
        }
    }

    #[test]
    fn two_devices_have_two_digests() {
        assert_ne!(DeviceDigest::new("a", "bc", "d"), DeviceDigest::new("ab", "c", "d"));
        assert_eq!(format!("{:?}", DeviceDigest::new("a", "b", "c")), "DeviceDigest");
    }
}
