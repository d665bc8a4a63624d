//! The device, from the headers of a request (contract section 1).

use crate::device::Device;
use crate::device::Viewer;
use crate::snap::Architecture;
use crate::snap::StoreId;
use hyper::HeaderMap;
use hyper::header::HeaderValue;

/// The headers that decide about an answer, of all that a request has. One look at each of them finds these, where most
/// requests hold few.
#[derive(Default)]
pub(in crate::http) struct DeviceHeaders<'h> {
    series: Renamed<'h>,
    architecture: Renamed<'h>,
    store: Renamed<'h>,
    capabilities: Sent<'h>,
    delta_formats: Sent<'h>,
    pub(super) user: Sent<'h>,
    pub(super) session: Renamed<'h>,
}

/// A header as it was sent.
#[derive(Default, Clone, Copy)]
pub(super) struct Sent<'h> {
    first: Option<&'h HeaderValue>,
    is_repeated: bool,
}

impl<'h> Sent<'h> {
    fn add(&mut self, value: &'h HeaderValue) {
        self.is_repeated = self.first.is_some();
        self.first = self.first.or(Some(value));
    }

    /// Whether it was.
    pub(super) fn is_there(&self) -> bool {
        self.first.is_some()
    }

    /// Its text, if there is one of it and it is text.
    pub(super) fn only(&self) -> Option<&'h str> {
        self.first.filter(|_| !self.is_repeated).and_then(|value| value.to_str().ok())
    }

    /// The first text of it; empty when it is missing or no text.
    fn text(&self) -> &'h str {
        self.first.and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// A header by its name of today and by its older name; both are understood everywhere.
#[derive(Default)]
pub(super) struct Renamed<'h> {
    today: Sent<'h>,
    older: Sent<'h>,
}

impl<'h> Renamed<'h> {
    /// As it was sent: by the name of today, if by both.
    pub(super) fn sent(&self) -> &Sent<'h> {
        if self.today.is_there() { &self.today } else { &self.older }
    }

    /// Its value, which is a word of its own when it is no text.
    fn value(&self) -> Option<&'h str> {
        let value = self.sent().first?;
        Some(value.to_str().unwrap_or("\u{fffd}").trim())
    }
}

/// The only series there is.
const THE_SERIES: &str = "16";

impl<'h> DeviceHeaders<'h> {
    /// Those of a request.
    pub(in crate::http) fn of(headers: &'h HeaderMap) -> Self {
        let mut said = Self::default();
        for (name, value) in headers {
            let header = match name.as_str() {
                "snap-device-series" => &mut said.series.today,
                "x-ubuntu-series" => &mut said.series.older,
                "snap-device-architecture" => &mut said.architecture.today,
                "x-ubuntu-architecture" => &mut said.architecture.older,
                "snap-device-store" => &mut said.store.today,
                "x-ubuntu-store" => &mut said.store.older,
                "snap-device-authorization" => &mut said.session.today,
                "x-device-authorization" => &mut said.session.older,
                "snap-device-capabilities" => &mut said.capabilities,
                "snap-accept-delta-format" => &mut said.delta_formats,
                "authorization" => &mut said.user,
                _ => continue,
            };
            header.add(value);
        }
        said
    }

    /// What is wrong with the series, if anything.
    pub(super) fn check_series(&self) -> Result<(), String> {
        match self.series.value() {
            Some(THE_SERIES) => Ok(()),
            Some(_) => Err("the header Snap-Device-Series takes the value 16 only".to_owned()),
            None => Err("the header Snap-Device-Series is missing".to_owned()),
        }
    }

    /// The device's architecture, when it says one.
    pub(super) fn architecture(&self) -> Result<Option<Architecture>, String> {
        let Some(text) = self.architecture.value() else { return Ok(None) };
        match text.parse::<Architecture>() {
            Ok(architecture) if !architecture.is_all() => Ok(Some(architecture)),
            _ => Err("the header Snap-Device-Architecture is not an architecture".to_owned()),
        }
    }

    /// The device, or every header that is missing or wrong.
    pub(super) fn device(&self) -> Result<Device<'h>, Vec<String>> {
        let mut wrong: Vec<String> = self.check_series().err().into_iter().collect();
        let architecture = match self.architecture() {
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
        match architecture {
            Some(architecture) if wrong.is_empty() => Ok(Device {
                architecture,
                viewer: Viewer::default(),
                key: None,
                default_tracks: self.follows_default_tracks(),
                delta_formats: self.delta_formats.text(),
            }),
            _ => Err(wrong),
        }
    }

    /// Whether the device can be redirected to default tracks.
    pub(super) fn follows_default_tracks(&self) -> bool {
        let said = self.capabilities.text();
        // Most have this capability alone.
        said == DEFAULT_TRACKS || said.split_whitespace().any(|word| word == DEFAULT_TRACKS)
    }

    /// The store the request is for.
    pub(super) fn store(&self) -> Named {
        match self.store.value() {
            None | Some("" | StoreId::PUBLIC) => Named::Public,
            Some(text) => text.parse().map_or(Named::NoStore, Named::Store),
        }
    }
}

/// The capability of being redirected to default tracks (contract 5.4).
const DEFAULT_TRACKS: &str = "default-tracks";

/// The store that a request names.
pub(super) enum Named {
    /// The public one, by its name or by none.
    Public,
    /// Another.
    Store(StoreId),
    /// What cannot be the name of a store.
    NoStore,
}
