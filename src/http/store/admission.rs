//! Who a request comes from, as far as that decides what it is shown.

use crate::catalogue::Catalogue;
use crate::credentials::CredentialSecrets;
use crate::credentials::Freshness;
use crate::credentials::Grant;
use crate::device::Viewer;
use crate::http::problem::Problem;
use crate::http::store::authorization;
use crate::http::store::authorization::Shown;
use crate::http::store::device_headers::DeviceHeaders;
use crate::http::store::device_headers::Named;
use crate::snap::Instant;
use crate::snap::StoreId;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The stores that anybody may enter, besides the public one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum OpenStores {
    /// All that there are.
    #[default]
    All,
    /// These alone.
    Listed(Vec<StoreId>),
}

impl OpenStores {
    fn contain(&self, store: &StoreId) -> bool {
        match self {
            Self::All => true,
            Self::Listed(stores) => stores.contains(store),
        }
    }
}

/// Which credentials need renewing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::http) struct Renewals {
    /// The user's.
    pub(in crate::http) user: bool,
    /// The device's session.
    pub(in crate::http) device: bool,
}

impl Renewals {
    /// Whether any does.
    pub(in crate::http) fn are_due(self) -> bool {
        self.user || self.device
    }
}

/// Who is let into which store.
#[derive(Debug, Clone, Default)]
pub struct Admission {
    /// Which stores need no credential.
    pub open_stores: OpenStores,
    /// What opens credentials.
    pub secrets: CredentialSecrets,
    /// Whether sessions are opened here; otherwise what looks like one of ours may be the upstream store's.
    pub opens_sessions: bool,
}

/// Somebody who was let in.
#[derive(Debug)]
pub(in crate::http) struct Admitted {
    /// What may be shown to them.
    pub(in crate::http) viewer: Viewer,
    /// What their device is known by, when its session says so.
    pub(in crate::http) device_key: Option<String>,
    /// Which of their credentials are to be renewed soon; until then they are good.
    pub(in crate::http) stale: Renewals,
}

impl Admission {
    /// Whom the headers of a request speak for. What is no credential of ours is none: whoever asks for what needs none
    /// gets it.
    ///
    /// # Errors
    /// When a credential has expired, or a session is like ours but not signed by us: its device can open another, and
    /// would otherwise never do. When they may not use the store they name, which is told as if there were none; a
    /// device with another store's session is told to get one of ours first, for it may just have come from there.
    pub(in crate::http) fn admit(
        &self,
        headers: &DeviceHeaders<'_>,
        catalogue: &Catalogue,
        now: Instant,
    ) -> Result<Admitted, Problem> {
        let user = authorization::user(headers, &self.secrets);
        let session = authorization::session(headers, &self.secrets);
        let are = |age: Freshness| {
            let is = |shown: &Shown| shown.grant().is_some_and(|grant| grant.freshness(now) == age);
            Renewals { user: is(&user), device: is(&session) }
        };
        let mut expired = are(Freshness::Expired);
        expired.device |= self.opens_sessions && matches!(session, Shown::Unsigned);
        if expired.are_due() {
            return Err(Problem::CredentialsExpired(expired));
        }
        let store = match headers.store() {
            Named::Public => None,
            Named::Store(store) => {
                let grants = |shown: &Shown| {
                    shown.grant().is_some_and(|grant| grant.stores.contains(&store))
                };
                let is_open = || self.open_stores.contain(&store) && catalogue.knows_store(&store);
                if !(grants(&user) || grants(&session) || is_open()) {
                    return Err(not_let_in(&session));
                }
                Some(store)
            }
            Named::NoStore => return Err(not_let_in(&session)),
        };
        let stale = are(Freshness::Stale);
        let viewer = Viewer::of_store(store);
        let viewer = match user {
            Shown::Ours(grant) => {
                let Grant { account, snaps, .. } = *grant;
                viewer.granted(account, snaps)
            }
            Shown::Nothing | Shown::Foreign | Shown::Unsigned => viewer,
        };
        let device = session.grant().and_then(|grant| grant.device);
        let device_key = device.map(|device| URL_SAFE_NO_PAD.encode(device.as_bytes()));
        Ok(Admitted { viewer, device_key, stale })
    }
}

/// Why the store that is named may not be used; the same whether there is one of that name or not.
fn not_let_in(session: &Shown) -> Problem {
    match session {
        Shown::Foreign | Shown::Unsigned => {
            Problem::CredentialsExpired(Renewals { user: false, device: true })
        }
        Shown::Nothing | Shown::Ours(_) => Problem::StoreDisallowed,
    }
}
