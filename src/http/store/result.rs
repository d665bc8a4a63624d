//! One result of a refresh answer (contract 3.2 and 4.1).

use crate::catalogue::SnapIndex;
use crate::device::Device;
use crate::http::json;
use crate::http::store::Door;
use crate::http::store::Shelf;
use crate::http::store::pages::Projection;
use crate::http::store::rankings;
use crate::refresh::Action;
use crate::refresh::Offer;
use crate::refresh::Refusal;
use crate::snap::ChannelName;
use crate::snap::Instant;

/// What became of one action, for counting: its word, and `offer` or the code of the refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http) struct Outcome {
    pub(in crate::http) word: &'static str,
    pub(in crate::http) what: &'static str,
}

/// What the results of one answer have in common.
pub(super) struct Writer<'w> {
    pub(super) shelf: &'w Shelf,
    pub(super) door: Door,
    pub(super) device: &'w Device<'w>,
    /// `None` is no snap object at all.
    pub(super) projection: Option<Projection<'w>>,
    pub(super) now: Instant,
}

impl Writer<'_> {
    /// Appends the result of an action.
    pub(super) fn write(
        &self,
        out: &mut Vec<u8>,
        action: &Action<'_>,
        resolved: Result<Offer<'_>, Refusal>,
    ) -> Outcome {
        let word = action.kind.word();
        match resolved {
            Ok(offer) => {
                self.offer(out, action, &offer);
                Outcome { word, what: "offer" }
            }
            Err(refusal) => {
                self.refusal(out, action, refusal);
                Outcome { word, what: refusal.code() }
            }
        }
    }

    fn offer(&self, out: &mut Vec<u8>, action: &Action<'_>, offer: &Offer<'_>) {
        let catalogue = &self.shelf.catalogue;
        let snap = catalogue.snap(offer.snap);
        if let Some(source) = offer.source {
            out.extend_from_slice(b"{\"effective-channel\":\"");
            text(out, catalogue.channel_name(source.channel));
            out.extend_from_slice(b"\",\"instance-key\":\"");
        } else {
            out.extend_from_slice(b"{\"instance-key\":\"");
        }
        json::inside(out, action.key);
        out.extend_from_slice(b"\",\"name\":\"");
        out.extend_from_slice(snap.name.as_str().as_bytes());
        if let Some(redirect) = offer.redirect {
            out.extend_from_slice(b"\",\"redirect-channel\":\"");
            text(out, redirect);
        }
        if let Some(source) = offer.source {
            out.extend_from_slice(b"\",\"released-at\":\"");
            out.extend_from_slice(&source.released_at.text());
            out.extend_from_slice(b"\",\"result\":\"");
        } else {
            out.extend_from_slice(b"\",\"released-at\":null,\"result\":\"");
        }
        out.extend_from_slice(action.kind.word().as_bytes());
        if let Some(projection) = &self.projection {
            out.extend_from_slice(b"\",\"snap\":");
            let of = (offer.snap, offer.package);
            self.shelf.pages.write_snap(out, of, projection, &offer.deltas);
            if projection.has_rankings() {
                rankings::add(out, &self.shelf.boards, snap.id);
            }
            out.extend_from_slice(b",\"snap-id\":\"");
        } else {
            out.extend_from_slice(b"\",\"snap-id\":\"");
        }
        out.extend_from_slice(snap.id.as_bytes());
        if self.door == Door::Draft {
            out.extend_from_slice(b"\",\"snap-name\":\"");
            out.extend_from_slice(snap.name.as_str().as_bytes());
        }
        out.extend_from_slice(b"\"}");
    }

    fn refusal(&self, out: &mut Vec<u8>, action: &Action<'_>, refusal: Refusal) {
        let snap = refusal.snap().map(|index| self.shelf.catalogue.snap(index));
        let name = snap.map(|snap| snap.name.as_str()).or(action.snap.name);
        let id = snap.map(|snap| snap.id.as_str()).or(action.snap.id);
        let message = refusal.to_string();
        out.extend_from_slice(b"{\"error\":{\"code\":\"");
        out.extend_from_slice(refusal.code().as_bytes());
        if let Refusal::RevisionNotFound(index) = refusal {
            out.extend_from_slice(b"\",\"extra\":{\"releases\":");
            self.releases(out, index);
            out.extend_from_slice(b"},\"message\":");
        } else {
            out.extend_from_slice(b"\",\"message\":");
        }
        json::string(out, &message);
        out.extend_from_slice(b"},\"instance-key\":");
        json::string(out, action.key);
        if self.door == Door::Draft {
            out.extend_from_slice(b",\"message\":");
            json::string(out, &message);
        }
        out.extend_from_slice(b",\"name\":");
        json::string_or_null(out, name);
        out.extend_from_slice(b",\"result\":\"error\",\"snap-id\":");
        json::string_or_null(out, id);
        if self.door == Door::Draft {
            out.extend_from_slice(b",\"snap-name\":");
            json::string_or_null(out, name);
        }
        out.push(b'}');
    }

    /// Every open channel of the snap and the architecture it is open for. What is released for `all` is shown as
    /// released for the device, for snapd compares the word with its own (contract 4.2).
    fn releases(&self, out: &mut Vec<u8>, snap: SnapIndex) {
        let catalogue = &self.shelf.catalogue;
        let open = catalogue.snap(snap).open(catalogue, self.now);
        let mut releases: Vec<_> = open
            .map(|(channel, architecture, _)| {
                let own = self.device.architecture;
                (channel, if architecture.is_all() { own } else { architecture })
            })
            .collect();
        // A channel may be open both for the device's architecture and for all.
        let mut seen = Vec::with_capacity(releases.len());
        releases.retain(|release| {
            let is_new = !seen.contains(release);
            seen.push(*release);
            is_new
        });
        json::list(out, releases, |out, (channel, architecture)| {
            out.extend_from_slice(b"{\"architecture\":\"");
            out.extend_from_slice(architecture.as_str().as_bytes());
            out.extend_from_slice(b"\",\"channel\":\"");
            text(out, catalogue.channel_name(channel));
            out.extend_from_slice(b"\"}");
        });
    }
}

/// Appends a channel's short name inside a JSON string.
fn text(out: &mut Vec<u8>, channel: ChannelName<'_>) {
    if channel.track() != "latest" {
        json::inside(out, channel.track());
        out.push(b'/');
    }
    out.extend_from_slice(channel.risk().as_str().as_bytes());
    if let Some(branch) = channel.branch() {
        out.push(b'/');
        json::inside(out, branch);
    }
}
