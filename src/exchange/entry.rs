//! A revision in a document: an entry of `channel-map` or `revisions`, and a row of `releases`.

use crate::exchange::about::About;
use crate::exchange::epoch::EpochForm;
use crate::exchange::files::DownloadForm;
use crate::exchange::files::IntegrityForm;
use crate::exchange::files::ResourceForm;
use crate::exchange::files::in_order;
use crate::exchange::files::nothing;
use crate::exchange::forms::known;
use crate::exchange::forms::list;
use crate::exchange::numbers;
use crate::exchange::statement::Fault;
use crate::snap::Architecture;
use crate::snap::Channel;
use crate::snap::Confinement;
use crate::snap::Delta;
use crate::snap::Instant;
use crate::snap::Label;
use crate::snap::Line;
use crate::snap::Listing;
use crate::snap::Package;
use crate::snap::Prose;
use crate::snap::Release;
use crate::snap::Revision;
use crate::snap::Risk;
use crate::snap::SnapType;
use crate::snap::Track;
use crate::snap::Version;
use serde::Deserialize;
use serde::Serialize;

/// One revision, in `channel-map` together with a channel that gives it out.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", expecting = "an object")]
pub(super) struct Entry {
    #[serde(default, deserialize_with = "list")]
    architectures: Vec<Architecture>,
    #[serde(default, deserialize_with = "known")]
    base: Option<Label>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) channel: Option<ChannelForm>,
    #[serde(default, alias = "common_ids", deserialize_with = "list")]
    common_ids: Vec<Line>,
    #[serde(default, deserialize_with = "known")]
    confinement: Option<Confinement>,
    #[serde(default, alias = "created_at", deserialize_with = "known")]
    created_at: Option<Instant>,
    download: DownloadForm,
    #[serde(default)]
    epoch: EpochForm,
    #[serde(default, deserialize_with = "list")]
    integrity: Vec<IntegrityForm>,
    #[serde(default, deserialize_with = "list")]
    resources: Vec<ResourceForm>,
    #[serde(with = "numbers::revision")]
    pub(super) revision: Revision,
    #[serde(default, alias = "snap_yaml", deserialize_with = "known")]
    snap_yaml: Option<Prose>,
    #[serde(default, rename = "type", deserialize_with = "known")]
    kind: Option<SnapType>,
    version: Version,
}

impl Entry {
    /// The revision, and the deltas that lead to it. Its architectures are empty when the entry names none.
    pub(super) fn unpack(mut self, about: &About) -> Result<(Package, Vec<Delta>), Fault> {
        let package = Package {
            revision: self.revision,
            version: self.version,
            architectures: in_order(self.architectures),
            base: self.base.or_else(|| about.base.clone()),
            confinement: self.confinement.or(about.confinement).unwrap_or(Confinement::Strict),
            kind: self.kind.or(about.kind).unwrap_or(SnapType::App),
            epoch: self.epoch.0,
            created_at: self.created_at,
            common_ids: self.common_ids.into_iter().filter(|id| !id.as_str().is_empty()).collect(),
            snap_yaml: self.snap_yaml.unwrap_or_else(nothing),
            download: self.download.file(),
            resources: self.resources.into_iter().map(Into::into).collect(),
            integrity: self.integrity.into_iter().map(Into::into).collect(),
        };
        let mut deltas = Vec::with_capacity(self.download.deltas.len());
        for (index, delta) in self.download.deltas.drain(..).enumerate() {
            let fault = |member: &str, reason| {
                Err(Fault::new(format!("download.deltas[{index}].{member}"), reason))
            };
            if delta.target != self.revision {
                return fault("target", "not the revision it stands in");
            }
            if delta.source == self.revision {
                return fault("source", "the same as the target");
            }
            deltas.push(delta.into());
        }
        Ok((package, deltas))
    }

    /// The entry of a revision, with the channel of a release if it is one of `channel-map`.
    pub(super) fn of(listing: &Listing, package: &Package, release: Option<&Release>) -> Self {
        let deltas = listing.deltas.iter().filter(|delta| delta.target == package.revision);
        Self {
            architectures: package.architectures.clone(),
            base: package.base.clone(),
            channel: release.map(ChannelForm::from),
            common_ids: package.common_ids.clone(),
            confinement: Some(package.confinement),
            created_at: package.created_at,
            download: DownloadForm::of(&package.download, deltas),
            epoch: EpochForm(package.epoch.clone()),
            integrity: package.integrity.iter().map(Into::into).collect(),
            resources: package.resources.iter().map(Into::into).collect(),
            revision: package.revision,
            snap_yaml: Some(package.snap_yaml.clone()),
            kind: Some(package.kind),
            version: package.version.clone(),
        }
    }
}

/// The channel of an entry: what gives the revision out, to whom and since when.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", expecting = "an object")]
pub(super) struct ChannelForm {
    pub(super) architecture: Architecture,
    #[serde(default, deserialize_with = "known")]
    name: Option<Channel>,
    #[serde(alias = "released_at")]
    pub(super) released_at: Instant,
    #[serde(default, deserialize_with = "known")]
    risk: Option<Risk>,
    #[serde(default, deserialize_with = "known")]
    track: Option<Track>,
}

impl ChannelForm {
    /// The channel it names; either way of naming one will do, and two have to agree.
    pub(super) fn channel(&self) -> Result<Channel, Fault> {
        let Some(name) = &self.name else {
            let risk = self.risk.ok_or_else(|| Fault::new("name", "missing"))?;
            let track = self.track.clone().unwrap_or_else(latest);
            return Ok(Channel { track, risk, branch: None });
        };
        let agrees = self.risk.is_none_or(|risk| risk == name.risk)
            && self.track.as_ref().is_none_or(|track| *track == name.track);
        if agrees {
            Ok(name.clone())
        } else {
            Err(Fault::new("name", "not of that track and risk"))
        }
    }
}

impl From<&Release> for ChannelForm {
    fn from(release: &Release) -> Self {
        Self {
            architecture: release.architecture,
            name: Some(release.channel.clone()),
            released_at: release.released_at,
            risk: Some(release.channel.risk),
            track: Some(release.channel.track.clone()),
        }
    }
}

fn latest() -> Track {
    "latest".parse().expect("latest is a track")
}

/// A row of `releases`: what a channel held, and when.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case", expecting = "an object")]
pub(super) struct ReleaseForm {
    architecture: Architecture,
    channel: Channel,
    #[serde(default, alias = "closed_at", deserialize_with = "known")]
    closed_at: Option<Instant>,
    #[serde(alias = "released_at")]
    released_at: Instant,
    #[serde(with = "numbers::revision")]
    revision: Revision,
}

impl TryFrom<ReleaseForm> for Release {
    type Error = Fault;

    fn try_from(form: ReleaseForm) -> Result<Self, Fault> {
        if form.closed_at.is_some_and(|closed_at| closed_at < form.released_at) {
            return Err(Fault::new("closed-at", "before released-at"));
        }
        Ok(Self {
            channel: form.channel,
            architecture: form.architecture,
            revision: form.revision,
            released_at: form.released_at,
            closed_at: form.closed_at,
        })
    }
}

impl From<&Release> for ReleaseForm {
    fn from(release: &Release) -> Self {
        Self {
            architecture: release.architecture,
            channel: release.channel.clone(),
            closed_at: release.closed_at,
            released_at: release.released_at,
            revision: release.revision,
        }
    }
}
