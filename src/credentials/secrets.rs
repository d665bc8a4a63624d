//! The secrets that sign credentials, and what is made and opened with them.

use crate::credentials::caveat::Caveat;
use crate::credentials::caveat::DeviceDigest;
use crate::credentials::caveat::Kind;
use crate::credentials::grant::Grant;
use crate::credentials::macaroon::Macaroon;
use crate::snap::Instant;
use crate::snap::Label;
use crate::snap::SnapId;
use crate::snap::StoreId;
use hmac::Hmac;
use hmac::KeyInit;
use hmac::Mac;
use sha2::Sha256;
use std::fmt;
use std::time::Duration;

/// A text that is no credential of ours: garbage, another store's, changed, or signed with a secret we no longer have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the credential was not made by this store")]
pub struct InvalidCredential;

/// Why a text opens no device session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSession {
    /// It is none of ours: garbage, or another store's.
    #[error("the credential was not made by this store")]
    Foreign,
    /// It says what ours say, and no secret of ours signed it: it was changed, or the secret is gone. Its holder had a
    /// session of a store like this one, and can open another.
    #[error("the credential was not made by this store, or signed with a secret it no longer has")]
    Unsigned,
}

/// How long a credential is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetime {
    /// When it is made.
    pub now: Instant,
    /// After how long its holder should get a new one.
    pub soft: Option<Duration>,
    /// After how long it ends.
    pub hard: Duration,
}

impl Lifetime {
    fn caveats(&self) -> impl Iterator<Item = Caveat> {
        let soft = self.soft.map(|soft| Caveat::SoftExpiry(self.now.plus(soft)));
        let hard = Caveat::HardExpiry(self.now.plus(self.hard));
        [Some(Caveat::IssuedAt(self.now)), soft, Some(hard)].into_iter().flatten()
    }
}

/// A user's credential: two macaroons.
#[derive(Clone, PartialEq, Eq)]
pub struct UserCredential {
    /// What the user may see.
    pub root: String,
    /// That the user is who they are; to be bound to the root by who sends it, as snapd does.
    pub discharge: String,
    /// The discharge bound to the root: as it is sent.
    pub bound_discharge: String,
}

/// It is a secret.
impl fmt::Debug for UserCredential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserCredential")
    }
}

/// The secrets that sign credentials: the first signs, all verify, so that one can take the place of another.
#[derive(Clone, Default)]
pub struct CredentialSecrets(Vec<Hmac<Sha256>>);

impl CredentialSecrets {
    /// The secrets in that order. Without one no credential can be made and none is valid.
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let keyed = |secret| Hmac::new_from_slice(secret).expect("HMAC takes keys of any length");
        Self(secrets.into_iter().map(keyed).collect())
    }

    /// A session of a device that opens these stores; `random` is different for each. `None` without a secret.
    pub fn session(
        &self,
        random: u128,
        device: DeviceDigest,
        stores: &[StoreId],
        lifetime: &Lifetime,
    ) -> Option<String> {
        let says = [Caveat::Device(device), Caveat::Stores(stores.to_vec())];
        let macaroon = self.macaroon(Kind::DeviceSession, random, says, lifetime);
        Some(macaroon?.to_text())
    }

    /// A credential of an account that opens these stores and shows these private snaps besides its own; `random` is
    /// different for each. `None` without a secret.
    pub fn user(
        &self,
        random: u128,
        account: &Label,
        (stores, snaps): (&[StoreId], &[SnapId]),
        lifetime: &Lifetime,
    ) -> Option<UserCredential> {
        let own = || Caveat::Account(account.clone());
        let says = [own(), Caveat::Stores(stores.to_vec()), Caveat::Snaps(snaps.to_vec())];
        // The root lives as long as its discharge, which alone grows stale: only that one can be renewed.
        let root_lifetime = Lifetime { soft: None, ..*lifetime };
        let root = self.macaroon(Kind::UserRoot, random, says, &root_lifetime)?;
        let discharge = self.macaroon(Kind::UserDischarge, random, [own()], lifetime)?;
        Some(UserCredential {
            root: root.to_text(),
            discharge: discharge.to_text(),
            bound_discharge: discharge.bound_to(&root).to_text(),
        })
    }

    /// What a device session grants. Signatures are compared in constant time.
    ///
    /// # Errors
    /// When it is none of ours, or not signed by us.
    pub fn open_session(&self, text: &str) -> Result<Grant, InvalidSession> {
        let read = || {
            let macaroon = Macaroon::parse(text)?;
            let grant = Grant::of(Kind::DeviceSession, macaroon.caveats())?;
            Some((macaroon, grant))
        };
        let (macaroon, grant) = read().ok_or(InvalidSession::Foreign)?;
        let verifies = |secret| {
            let key = root_key(secret, Kind::DeviceSession, macaroon.identifier());
            macaroon.verified(&key).is_some()
        };
        if self.0.iter().any(verifies) { Ok(grant) } else { Err(InvalidSession::Unsigned) }
    }

    /// What a user's root grants together with the first of these bound discharges that belongs to it.
    ///
    /// # Errors
    /// When the root is none of ours, or no discharge is that was bound to it.
    pub fn open_user<'t>(
        &self,
        root: &str,
        discharges: impl IntoIterator<Item = &'t str>,
    ) -> Result<Grant, InvalidCredential> {
        let root = Macaroon::parse(root).ok_or(InvalidCredential)?;
        let granted = Grant::of(Kind::UserRoot, root.caveats()).ok_or(InvalidCredential)?;
        let verified = self.0.iter().find_map(|secret| {
            let key = root_key(secret, Kind::UserRoot, root.identifier());
            Some((secret, root.verified(&key)?))
        });
        let (secret, signature) = verified.ok_or(InvalidCredential)?;
        // The discharge was made with the root, by the same secret and with the same identifier.
        let key = root_key(secret, Kind::UserDischarge, root.identifier());
        let discharge = discharges.into_iter().find_map(|text| {
            let discharge = Macaroon::parse(text)?;
            let is_its = discharge.identifier() == root.identifier()
                && discharge.is_verified_and_bound(&key, &signature);
            is_its.then(|| Grant::of(Kind::UserDischarge, discharge.caveats()))?
        });
        discharge.and_then(|discharge| granted.discharged_by(&discharge)).ok_or(InvalidCredential)
    }

    /// Signs bytes for a purpose that has its own word, with the first secret.
    pub(super) fn sign(&self, purpose: &str, bytes: &[u8]) -> Option<[u8; 32]> {
        Some(mac(self.0.first()?, purpose, bytes).finalize().into_bytes().into())
    }

    /// Whether any secret signed these bytes for that purpose.
    pub(super) fn has_signed(&self, purpose: &str, bytes: &[u8], signature: &[u8]) -> bool {
        self.0.iter().any(|secret| mac(secret, purpose, bytes).verify_slice(signature).is_ok())
    }

    fn macaroon(
        &self,
        kind: Kind,
        random: u128,
        says: impl IntoIterator<Item = Caveat>,
        lifetime: &Lifetime,
    ) -> Option<Macaroon> {
        let identifier = format!("{random:032x}");
        let key = root_key(self.0.first()?, kind, &identifier);
        let caveats = std::iter::once(Caveat::Kind(kind)).chain(says).chain(lifetime.caveats());
        let caveats = caveats.map(|caveat| caveat.to_string()).collect();
        Some(Macaroon::new(&key, identifier, caveats))
    }
}

impl fmt::Debug for CredentialSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CredentialSecrets({})", self.0.len())
    }
}

/// The key of one macaroon. No word for a purpose is the beginning of another with its NUL.
fn root_key(secret: &Hmac<Sha256>, kind: Kind, identifier: &str) -> [u8; 32] {
    mac(secret, kind.as_str(), identifier.as_bytes()).finalize().into_bytes().into()
}

fn mac(secret: &Hmac<Sha256>, purpose: &str, bytes: &[u8]) -> Hmac<Sha256> {
    let mut mac = secret.clone();
    mac.update(purpose.as_bytes());
    mac.update(&[0]);
    mac.update(bytes);
    mac
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
