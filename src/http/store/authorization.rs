//! The headers that carry credentials, and what is in them.

use crate::credentials::CredentialSecrets;
use crate::credentials::Grant;
use crate::credentials::InvalidSession;
use crate::credentials::Presented;
use hyper::HeaderMap;
use hyper::header::AUTHORIZATION;
use hyper::header::HeaderName;

/// A session's header, by its name of today and its older one.
static DEVICE: [HeaderName; 2] = [
    HeaderName::from_static("snap-device-authorization"),
    HeaderName::from_static("x-device-authorization"),
];

/// What a request shows of one sort.
#[derive(Debug)]
pub(super) enum Shown {
    /// Nothing.
    Nothing,
    /// Something that is no credential of ours.
    Foreign,
    /// A session that looks like ours and is not signed by us.
    Unsigned,
    /// A credential of ours, expired or not.
    Ours(Box<Grant>),
}

impl Shown {
    /// The credential, if it is ours.
    pub(super) fn grant(&self) -> Option<&Grant> {
        match self {
            Self::Ours(grant) => Some(grant),
            Self::Nothing | Self::Foreign | Self::Unsigned => None,
        }
    }
}

/// The session a device shows.
pub(super) fn session(headers: &HeaderMap, secrets: &CredentialSecrets) -> Shown {
    let Some(name) = DEVICE.iter().find(|name| headers.contains_key(*name)) else {
        return Shown::Nothing;
    };
    let Some(sent) = presented(headers, name) else { return Shown::Foreign };
    match secrets.open_session(sent.root) {
        Ok(grant) => Shown::Ours(Box::new(grant)),
        Err(InvalidSession::Foreign) => Shown::Foreign,
        Err(InvalidSession::Unsigned) => Shown::Unsigned,
    }
}

/// The credential a user shows.
pub(super) fn user(headers: &HeaderMap, secrets: &CredentialSecrets) -> Shown {
    if !headers.contains_key(AUTHORIZATION) {
        return Shown::Nothing;
    }
    let open = || {
        let sent = presented(headers, &AUTHORIZATION)?;
        secrets.open_user(sent.root, sent.discharges).ok()
    };
    open().map_or(Shown::Foreign, |grant| Shown::Ours(Box::new(grant)))
}

/// What the one header of that name says; nothing when there are two, or it says something else.
fn presented<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<Presented<'h>> {
    let mut sent = headers.get_all(name).iter();
    let (Some(value), None) = (sent.next(), sent.next()) else { return None };
    Presented::parse(value.to_str().ok()?)
}
