//! Who a request comes from, as far as that decides what it is shown.

use crate::catalogue::Catalogue;
use crate::device::Viewer;
use crate::http::problem::Problem;
use crate::http::store::device_headers;
use crate::snap::Instant;
use crate::snap::StoreId;
use hyper::HeaderMap;

/// The stores that anybody may enter, besides the public one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum OpenStores {
    /// All that there are.
    #[default]
    All,
    /// These alone.
    Listed(Vec<StoreId>),
}

/// Who is let into which store.
#[derive(Debug, Clone, Default)]
pub struct Admission {
    /// Which stores need no credential.
    pub open_stores: OpenStores,
}

/// Somebody who was let in.
#[derive(Debug)]
pub(in crate::http) struct Admitted {
    /// What may be shown to them.
    pub(in crate::http) viewer: Viewer,
}

impl OpenStores {
    fn contain(&self, store: &StoreId) -> bool {
        match self {
            Self::All => true,
            Self::Listed(stores) => stores.contains(store),
        }
    }
}

impl Admission {
    /// Whom the headers of a request speak for.
    ///
    /// # Errors
    /// When they may not use the store they name, which is told as if there were none.
    pub(in crate::http) fn admit(
        &self,
        headers: &HeaderMap,
        catalogue: &Catalogue,
        _now: Instant,
    ) -> Result<Admitted, Problem> {
        let store = device_headers::store(headers, catalogue)?;
        if !store.as_ref().is_none_or(|store| self.open_stores.contain(store)) {
            return Err(Problem::StoreDisallowed);
        }
        Ok(Admitted { viewer: Viewer::of_store(store) })
    }
}
