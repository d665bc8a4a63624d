//! Who looks at the store, as far as that decides what is shown.

use crate::snap::Label;
use crate::snap::SnapId;
use crate::snap::StoreId;
use std::fmt;

/// The store that is looked at, and what the credentials of a request grant in it. Whoever asks without credentials
/// is the [`Viewer`] of a store and nothing more, which costs nothing to make.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Viewer {
    store: Option<StoreId>,
    account: Option<Label>,
    snaps: Vec<SnapId>,
}

impl Viewer {
    /// Somebody without credentials, in that store; `None` is the public one.
    pub fn of_store(store: Option<StoreId>) -> Self {
        let store = store.filter(|store| store.as_str() != StoreId::PUBLIC);
        Self { store, account: None, snaps: Vec::new() }
    }

    /// The same, who speaks for that account, and to whom these private snaps are shown whosever they are.
    #[must_use]
    pub fn granted(self, account: Option<Label>, snaps: Vec<SnapId>) -> Self {
        Self { account, snaps, ..self }
    }

    /// The store that is looked at.
    pub fn store(&self) -> &str {
        self.store.as_ref().map_or(StoreId::PUBLIC, StoreId::as_str)
    }

    /// The account the viewer speaks for.
    pub fn account(&self) -> Option<&Label> {
        self.account.as_ref()
    }

    /// Whether a private snap may be shown to the viewer, to be seen by these accounts.
    pub fn is_let_in(&self, snap: &SnapId, accounts: &[Label]) -> bool {
        let speaks_for_one = || self.account.as_ref().is_some_and(|own| accounts.contains(own));
        self.snaps.contains(snap) || speaks_for_one()
    }
}

/// Says nothing of who it is.
impl fmt::Debug for Viewer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Viewer").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snap(byte: &str) -> SnapId {
        byte.repeat(32).parse().unwrap()
    }

    #[test]
    fn a_private_snap_is_shown_to_its_accounts_and_to_whom_it_is_named() {
        let accounts: Vec<Label> = vec!["ann".parse().unwrap(), "bob".parse().unwrap()];
        let of =
            |account: &str, snaps| Viewer::default().granted(Some(account.parse().unwrap()), snaps);
        assert!(!Viewer::default().is_let_in(&snap("a"), &accounts));
        assert!(of("bob", Vec::new()).is_let_in(&snap("a"), &accounts));
        assert!(!of("eve", vec![snap("b")]).is_let_in(&snap("a"), &accounts));
        assert!(of("eve", vec![snap("b"), snap("a")]).is_let_in(&snap("a"), &accounts));
        assert!(!of("eve", Vec::new()).is_let_in(&snap("a"), &[]));
    }

    #[test]
    fn the_public_store_has_one_name_and_who_looks_has_none() {
        let named = Viewer::of_store(Some("ubuntu".parse().unwrap()));
        assert_eq!(named, Viewer::default());
        assert_eq!(named.store(), "ubuntu");
        let ann = Viewer::of_store(Some("acme".parse().unwrap()));
        let ann = ann.granted(Some("ann".parse().unwrap()), vec![snap("a")]);
        assert_eq!(ann.store(), "acme");
        assert_eq!(format!("{ann:?}"), "Viewer { .. }");
    }
}
