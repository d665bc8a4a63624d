//! The device, from the headers of a request (contract section 1).

use crate::device::Device;
use crate::device::Viewer;
use crate::snap::Architecture;
use crate::snap::StoreId;
use hyper::HeaderMap;
use hyper::header::HeaderName;

/// A header by its name of today and its older name; both are understood everywhere.
struct Names(HeaderName, HeaderName);

const fn names(today: &'static str, older: &'static str) -> Names {
    Names(HeaderName::from_static(today), HeaderName::from_static(older))
}

static SERIES: Names = names("snap-device-series", "x-ubuntu-series");
static ARCHITECTURE: Names = names("snap-device-architecture", "x-ubuntu-architecture");
static STORE: Names = names("snap-device-store", "x-ubuntu-store");
const CAPABILITIES: HeaderName = HeaderName::from_static("snap-device-capabilities");
const DELTA_FORMATS: HeaderName = HeaderName::from_static("snap-accept-delta-format");

/// The only series there is.
const THE_SERIES: &str = "16";

/// The value of a header, when it is text.
fn value<'h>(headers: &'h HeaderMap, names: &Names) -> Option<&'h str> {
    let value = headers.get(&names.0).or_else(|| headers.get(&names.1))?;
    Some(value.to_str().unwrap_or("\u{fffd}").trim())
}

/// What is wrong with the series, if anything.
pub(super) fn series(headers: &HeaderMap) -> Result<(), String> {
    match value(headers, &SERIES) {
        Some(THE_SERIES) => Ok(()),
        Some(_) => Err("the header Snap-Device-Series takes the value 16 only".to_owned()),
        None => Err("the header Snap-Device-Series is missing".to_owned()),
    }
}

/// The device's architecture, when it says one.
pub(super) fn architecture(headers: &HeaderMap) -> Result<Option<Architecture>, String> {
    let Some(text) = value(headers, &ARCHITECTURE) else { return Ok(None) };
    match text.parse::<Architecture>() {
        Ok(architecture) if !architecture.is_all() => Ok(Some(architecture)),
        _ => Err("the header Snap-Device-Architecture is not an architecture".to_owned()),
    }
}

/// The device, or every header that is missing or wrong.
pub(super) fn device(headers: &HeaderMap) -> Result<Device<'_>, Vec<String>> {
    let mut wrong: Vec<String> = series(headers).err().into_iter().collect();
    let architecture = match architecture(headers) {
        Ok(Some(architecture)) => Some(architecture),
        Ok(None) => {
            wrong.push("the header Snap-Device-Architecture is missing".to_owned());
            None
        }
        Err(text) => {
            wrong.push(text);
            None
        }
    };
    let text = |name: &HeaderName| {
        headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    };
    match architecture {
        Some(architecture) if wrong.is_empty() => Ok(Device {
            architecture,
            viewer: Viewer::default(),
            key: None,
            default_tracks: follows_default_tracks(headers),
            delta_formats: text(&DELTA_FORMATS),
        }),
        _ => Err(wrong),
    }
}

/// Whether the device can be redirected to default tracks.
pub(super) fn follows_default_tracks(headers: &HeaderMap) -> bool {
    let said = headers.get(CAPABILITIES).and_then(|value| value.to_str().ok());
    said.is_some_and(|text| text.split_whitespace().any(|word| word == "default-tracks"))
}

/// The store that a request names.
pub(super) enum Named {
    /// The public one, by its name or by none.
    Public,
    /// Another.
    Store(StoreId),
    /// What cannot be the name of a store.
    NoStore,
}

/// The store the request is for.
pub(super) fn store(headers: &HeaderMap) -> Named {
    match value(headers, &STORE) {
        None | Some("" | StoreId::PUBLIC) => Named::Public,
        Some(text) => text.parse().map_or(Named::NoStore, Named::Store),
    }
}
