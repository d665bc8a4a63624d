//! Which file a name is, for whoever asks for it (contract 10.5).

use crate::blobs::Digested;
use crate::http::problem::Problem;
use crate::http::store::Admission;
use crate::http::store::DeviceHeaders;
use crate::http::store::Shelf;
use crate::snap::FileName;
use crate::snap::FileSize;
use crate::snap::Instant;
use crate::snap::Sha3;
use serde::Deserialize;
use std::borrow::Cow;

/// Where a file is given out.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::http) enum Whereabouts {
    /// Here, and it is this one.
    Ours(Digested),
    /// At that address.
    Elsewhere(String),
}

/// What a page says of a file.
#[derive(Deserialize)]
struct Told<'p> {
    #[serde(rename = "sha3-384")]
    sha3_384: Sha3,
    size: u64,
    #[serde(borrow)]
    url: Cow<'p, str>,
}

/// The file of that name. What the asking may not know of is told of in the words for what is not there; a credential
/// that has expired, as everywhere.
pub(in crate::http) fn download(
    shelf: &Shelf,
    now: Instant,
    (admission, headers): (&Admission, &DeviceHeaders<'_>),
    name: &str,
) -> Result<Whereabouts, Problem> {
    let viewer = match admission.admit(headers, &shelf.catalogue, now) {
        Ok(admitted) => Some(admitted.viewer),
        Err(expired @ Problem::CredentialsExpired(_)) => return Err(expired),
        Err(_) => None,
    };
    let told = || {
        let name: FileName = name.parse().ok()?;
        let viewer = viewer?;
        let index = shelf.catalogue.find(&name.id())?;
        let snap = shelf.catalogue.snap(index);
        let (revision, delta) = match &name {
            FileName::Package { revision, .. } => (*revision, None),
            FileName::Delta { source, target, format, .. } => (*target, Some((*source, format))),
        };
        let package = snap.find(revision)?;
        if !snap.is_visible_to(&viewer) || !snap.was_released(package, now) {
            return None;
        }
        let place = match delta {
            None => None,
            Some((source, format)) => {
                let format = shelf.catalogue.delta_format(format.as_str())?;
                Some(snap.delta(source, package, format)?)
            }
        };
        Some(shelf.pages.download((index, package), place))
    };
    let text = told().ok_or_else(|| Problem::NotFound("there is no such file".to_owned()))?;
    let told: Told<'_> = serde_json::from_slice(text).expect("a page is JSON");
    if !told.url.starts_with('/') {
        return Ok(Whereabouts::Elsewhere(told.url.into_owned()));
    }
    let size = FileSize::new(told.size).expect("a page tells the size of a file");
    Ok(Whereabouts::Ours(Digested { sha3_384: told.sha3_384, size }))
}
