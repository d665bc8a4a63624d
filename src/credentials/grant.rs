//! What a credential grants, and how caveats narrow it.

use crate::credentials::caveat::Caveat;
use crate::credentials::caveat::DeviceDigest;
use crate::credentials::caveat::Kind;
use crate::snap::Instant;
use crate::snap::Label;
use crate::snap::SnapId;
use crate::snap::StoreId;
use std::fmt;

/// How old a credential is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// It is good.
    Fresh,
    /// It is good, and its holder should get a new one.
    Stale,
    /// It is good for nothing but to ask for a new one.
    Expired,
}

/// What a verified credential says.
#[derive(Clone, PartialEq, Eq)]
pub struct Grant {
    /// The account of a user's credential.
    pub account: Option<Label>,
    /// The device of a session.
    pub device: Option<DeviceDigest>,
    /// The stores it opens besides the public one.
    pub stores: Vec<StoreId>,
    /// The private snaps it shows, whosever they are.
    pub snaps: Vec<SnapId>,
    /// When it was made.
    pub issued_at: Instant,
    /// When its holder should get a new one.
    pub soft_expiry: Option<Instant>,
    /// When it ends.
    pub hard_expiry: Instant,
}

impl Grant {
    /// How old the credential is.
    pub fn freshness(&self, now: Instant) -> Freshness {
        if now >= self.hard_expiry {
            Freshness::Expired
        } else if self.soft_expiry.is_some_and(|soft| now >= soft) {
            Freshness::Stale
        } else {
            Freshness::Fresh
        }
    }

    /// What a macaroon of that kind grants. The first caveat of a sort is its maker's and says; any later one is a
    /// holder's and narrows. So whatever we make has all that its kind has, or a holder could say it first. Nothing
    /// where a caveat is none of ours, or says what the kind does not say.
    pub(super) fn of(kind: Kind, caveats: &[String]) -> Option<Self> {
        let mut said = Said::default();
        for caveat in caveats {
            said.narrow(caveat.parse().ok()?)?;
        }
        let Said { account, device, stores, snaps, .. } = said;
        let fits = match kind {
            Kind::DeviceSession => {
                account.is_none() && device.is_some() && stores.is_some() && snaps.is_none()
            }
            Kind::UserRoot => {
                account.is_some() && device.is_none() && stores.is_some() && snaps.is_some()
            }
            Kind::UserDischarge => {
                account.is_some() && device.is_none() && stores.is_none() && snaps.is_none()
            }
        };
        (fits && said.kind == Some(kind)).then_some(())?;
        Some(Self {
            account,
            device,
            stores: stores.unwrap_or_default(),
            snaps: snaps.unwrap_or_default(),
            issued_at: said.issued_at?,
            soft_expiry: said.soft_expiry,
            hard_expiry: said.hard_expiry?,
        })
    }

    /// What a root grants with its discharge: as long as both are good. Nothing where they are of two accounts.
    pub(super) fn discharged_by(self, discharge: &Self) -> Option<Self> {
        (self.account == discharge.account).then(|| Self {
            soft_expiry: earlier(self.soft_expiry, discharge.soft_expiry),
            hard_expiry: self.hard_expiry.min(discharge.hard_expiry),
            ..self
        })
    }
}

/// Says nothing of who it is of.
impl fmt::Debug for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Grant").field("hard_expiry", &self.hard_expiry).finish_non_exhaustive()
    }
}

fn earlier(one: Option<Instant>, other: Option<Instant>) -> Option<Instant> {
    one.into_iter().chain(other).min()
}

/// What the caveats so far come to.
#[derive(Default)]
struct Said {
    kind: Option<Kind>,
    account: Option<Label>,
    device: Option<DeviceDigest>,
    stores: Option<Vec<StoreId>>,
    snaps: Option<Vec<SnapId>>,
    issued_at: Option<Instant>,
    soft_expiry: Option<Instant>,
    hard_expiry: Option<Instant>,
}

impl Said {
    fn narrow(&mut self, caveat: Caveat) -> Option<()> {
        match caveat {
            Caveat::Kind(kind) => once(&mut self.kind, kind),
            Caveat::Account(account) => once(&mut self.account, account),
            Caveat::Device(device) => once(&mut self.device, device),
            Caveat::IssuedAt(at) => once(&mut self.issued_at, at),
            Caveat::Stores(stores) => {
                shared(&mut self.stores, stores);
                Some(())
            }
            Caveat::Snaps(snaps) => {
                shared(&mut self.snaps, snaps);
                Some(())
            }
            Caveat::SoftExpiry(at) => {
                self.soft_expiry = earlier(self.soft_expiry, Some(at));
                Some(())
            }
            Caveat::HardExpiry(at) => {
                self.hard_expiry = earlier(self.hard_expiry, Some(at));
                Some(())
            }
        }
    }
}

/// What is said again must be the same.
fn once<T: PartialEq>(said: &mut Option<T>, value: T) -> Option<()> {
    let is_same = said.as_ref().is_none_or(|known| *known == value);
    is_same.then(|| *said = Some(value))
}

/// A later list leaves what is in both.
fn shared<T: PartialEq>(said: &mut Option<Vec<T>>, list: Vec<T>) {
    match said {
        Some(known) => known.retain(|item| list.contains(item)),
        None => *said = Some(list),
    }
}
