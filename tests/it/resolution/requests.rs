//! A request, and how the product is asked it: as values, and as JSON.

use crate::resolution::shelves::revision;
use crate::resolution::shelves::text;
use hyper::HeaderMap;
use hyper::header::HeaderValue;
use serde_json::Value;
use serde_json::json;
use snapwise::device::CohortSecrets;
use snapwise::device::Device;
use snapwise::device::Installed;
use snapwise::device::Validation;
use snapwise::device::Viewer;
use snapwise::refresh::Asked;
use snapwise::refresh::SnapRef;
use snapwise::refresh::Verb;
use snapwise::snap::ChannelName;
use snapwise::snap::Epoch;
use snapwise::snap::Instant;

/// The secrets of the store; the first signs.
pub(super) fn secrets() -> CohortSecrets {
    CohortSecrets::new([&b"new secret"[..], b"old secret"])
}

/// A cohort key, and what is true of it.
#[derive(Debug, Clone)]
pub(super) struct Key {
    pub(super) text: String,
    /// The snap and the instant, of a key the store made.
    pub(super) made: Option<(String, Instant)>,
}

/// An entry of the context.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub(super) key: String,
    pub(super) id: String,
    pub(super) revision: i64,
    pub(super) tracking: String,
    pub(super) epoch: Option<Epoch>,
    pub(super) cohort: Option<Key>,
}

/// An action.
#[derive(Debug, Clone)]
pub(super) struct Wish {
    pub(super) key: String,
    pub(super) verb: &'static str,
    pub(super) name: Option<String>,
    pub(super) id: Option<String>,
    pub(super) channel: Option<String>,
    pub(super) revision: Option<i64>,
    pub(super) epoch: Option<Epoch>,
    pub(super) cohort: Option<Key>,
}

/// A request that breaks none of the rules of contract 2.2.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) architecture: &'static str,
    pub(super) store: Option<&'static str>,
    pub(super) default_tracks: bool,
    pub(super) formats: &'static str,
    pub(super) now: Instant,
    pub(super) context: Vec<Held>,
    pub(super) actions: Vec<Wish>,
}

impl Request {
    pub(super) fn device(&self) -> Device<'_> {
        Device {
            architecture: text(self.architecture),
            viewer: Viewer::of_store(self.store.map(text)),
            key: None,
            default_tracks: self.default_tracks,
            delta_formats: self.formats,
        }
    }

    pub(super) fn installed(&self) -> Vec<Option<Installed<'_>>> {
        self.context.iter().map(|held| Some(held.installed())).collect()
    }

    pub(super) fn asked(&self) -> Vec<Option<Asked<'_>>> {
        self.actions.iter().map(|wish| Some(wish.asked())).collect()
    }

    pub(super) fn held(&self, wish: &Wish) -> Option<&Held> {
        self.context.iter().find(|held| wish.verb == "refresh" && held.key == wish.key)
    }

    pub(super) fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("snap-device-series", HeaderValue::from_static("16"));
        headers.insert("snap-device-architecture", HeaderValue::from_static(self.architecture));
        headers.insert("snap-accept-delta-format", HeaderValue::from_static(self.formats));
        if let Some(store) = self.store {
            headers.insert("snap-device-store", HeaderValue::from_static(store));
        }
        if self.default_tracks {
            let words = HeaderValue::from_static("other default-tracks");
            headers.insert("snap-device-capabilities", words);
        }
        headers
    }

    pub(super) fn body(&self) -> Vec<u8> {
        let context: Vec<_> = self.context.iter().map(Held::json).collect();
        let actions: Vec<_> = self.actions.iter().map(Wish::json).collect();
        json!({"context": context, "actions": actions}).to_string().into_bytes()
    }
}

impl Held {
    fn installed(&self) -> Installed<'_> {
        let stable = self.tracking.is_empty().then_some(Ok(ChannelName::STABLE));
        Installed {
            key: &self.key,
            snap_id: &self.id,
            revision: revision(self.revision),
            tracking: stable.unwrap_or_else(|| ChannelName::parse(&self.tracking)),
            epoch: self.epoch.clone(),
            cohort_key: self.cohort.as_ref().map(|key| key.text.as_str()),
            validation: Validation::default(),
        }
    }

    fn json(&self) -> Value {
        without_nulls(json!({
            "instance-key": self.key, "snap-id": self.id, "revision": self.revision,
            "tracking-channel": self.tracking, "epoch": self.epoch.as_ref().map(epoch_json),
            "cohort-key": self.cohort.as_ref().map(|key| &key.text),
        }))
    }
}

impl Wish {
    pub(super) fn asked(&self) -> Asked<'_> {
        Asked {
            key: &self.key,
            verb: match self.verb {
                "install" => Verb::Install,
                "download" => Verb::Download,
                "refresh" => Verb::Refresh,
                _ => Verb::RefreshAll,
            },
            snap: SnapRef { id: self.id.as_deref(), name: self.name.as_deref() },
            channel: self.channel.as_deref(),
            revision: self.revision.map(revision),
            epoch: self.epoch.clone(),
            cohort_key: self.cohort.as_ref().map(|key| key.text.as_str()),
            validation: Validation::default(),
        }
    }

    fn json(&self) -> Value {
        without_nulls(json!({
            "action": self.verb, "instance-key": self.key, "name": self.name, "snap-id": self.id,
            "channel": self.channel, "revision": self.revision,
            "epoch": self.epoch.as_ref().map(epoch_json),
            "cohort-key": self.cohort.as_ref().map(|key| &key.text),
        }))
    }
}

fn epoch_json(epoch: &Epoch) -> Value {
    json!({"read": epoch.read().as_slice(), "write": epoch.write().as_slice()})
}

fn without_nulls(mut value: Value) -> Value {
    value.as_object_mut().unwrap().retain(|_, member| !member.is_null());
    value
}
