//! The headers that carry credentials, and what is in them.

use crate::credentials::CredentialSecrets;
use crate::credentials::Grant;
use crate::credentials::InvalidSession;
use crate::credentials::Presented;
use crate::http::store::device_headers::DeviceHeaders;
use crate::http::store::device_headers::Sent;

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
pub(super) fn session(headers: &DeviceHeaders<'_>, secrets: &CredentialSecrets) -> Shown {
    let sent = headers.session.sent();
    if !sent.is_there() {
        return Shown::Nothing;
    }
    let Some(sent) = presented(sent) else { return Shown::Foreign };
    match secrets.open_session(sent.root) {
        Ok(grant) => Shown::Ours(Box::new(grant)),
        Err(InvalidSession::Foreign) => Shown::Foreign,
        Err(InvalidSession::Unsigned) => Shown::Unsigned,
    }
}

/// The credential a user shows.
pub(super) fn user(headers: &DeviceHeaders<'_>, secrets: &CredentialSecrets) -> Shown {
    if !headers.user.is_there() {
        return Shown::Nothing;
    }
    let open = || {
        let sent = presented(&headers.user)?;
        secrets.open_user(sent.root, sent.discharges).ok()
    };
    open().map_or(Shown::Foreign, |grant| Shown::Ours(Box::new(grant)))
}

/// What the one header says; nothing when there are two, or it says something else.
fn presented<'h>(sent: &Sent<'h>) -> Option<Presented<'h>> {
    Presented::parse(sent.only()?)
}
