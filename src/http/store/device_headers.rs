//! The device, from the headers of a request (contract section 1).

use crate::catalogue::Catalogue;
use crate::device::Device;
use crate::device::Viewer;
use crate::http::problem::Problem;
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
            default_tracks: text(&CAPABILITIES)
                .split_whitespace()
                .any(|word| word == "default-tracks"),
            delta_formats: text(&DELTA_FORMATS),
        }),
        _ => Err(wrong),
    }
}

/// The store the request is for; `None` is the public one.
///
/// # Errors
/// When it is none that the catalogue knows.
pub(super) fn store(
    headers: &HeaderMap,
    catalogue: &Catalogue,
) -> Result<Option<StoreId>, Problem> {
    let Some(text) = value(headers, &STORE).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let store: StoreId = text.parse().map_err(|_| Problem::StoreDisallowed)?;
    if !catalogue.knows_store(&store) {
        return Err(Problem::StoreDisallowed);
    }
    Ok(Some(store).filter(|store| store.as_str() != StoreId::PUBLIC))
}
