//! Which revision an action gets, or why none.

use crate::backstore::Backstore;
use crate::catalogue::Asker;
use crate::catalogue::Catalogue;
use crate::catalogue::Holdings;
use crate::catalogue::LaneKey;
use crate::catalogue::PackageIndex;
use crate::catalogue::Shelved;
use crate::catalogue::SnapIndex;
use crate::catalogue::Span;
use crate::device::CohortSecrets;
use crate::device::Device;
use crate::refresh::Action;
use crate::refresh::Kind;
use crate::refresh::Refusal;
use crate::refresh::SnapRef;
use crate::refresh::Target;
use crate::refresh::epochs::choose;
use crate::refresh::gating::Allowed;
use crate::refresh::gating::allowed;
use crate::refresh::redirect::redirect;
use crate::snap::ChannelName;
use crate::snap::Epoch;
use crate::snap::Instant;
use crate::snap::Revision;

/// What is assumed of an installed revision that nobody knows.
static EPOCH_0: Epoch = Epoch::ZERO;

/// What resolution is told besides the catalogue and the request.
#[derive(Debug, Clone, Copy)]
pub struct Policy<'p> {
    /// What opens cohort keys.
    pub cohorts: &'p CohortSecrets,
    /// Where validation sets are.
    pub backstore: &'p Backstore,
    /// The instant of the request.
    pub now: Instant,
}

/// A revision for an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer<'n> {
    /// The snap.
    pub snap: SnapIndex,
    /// Which of its revisions.
    pub package: PackageIndex,
    /// The channel it was found in; `None` when it was asked for by number alone.
    pub source: Option<Source>,
    /// The channel the device shall track instead of the one it asked for (contract 5.4).
    pub redirect: Option<ChannelName<'n>>,
    /// The deltas the device can use, as places in the snap's list of them.
    pub deltas: Vec<usize>,
}

/// Where a revision was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source {
    /// The channel.
    pub channel: LaneKey,
    /// When the revision was released to it.
    pub released_at: Instant,
}

/// Resolves one action (contract 5.10). Total: every action gets an offer or a refusal.
///
/// # Errors
/// The refusal, which is an answer like any other.
pub fn resolve<'n>(
    catalogue: &'n Catalogue,
    device: &Device<'_>,
    policy: &Policy<'_>,
    action: &Action<'n>,
) -> Result<Offer<'n>, Refusal> {
    if action.is_repeated {
        return Err(Refusal::KeyNotUnique);
    }
    let index = find(catalogue, device, action)?;
    let snap = catalogue.snap(index);
    let target = action.target.map_err(|invalid| Refusal::InvalidChannel(index, invalid))?;
    let asker = Asker {
        key: device.key.as_deref().unwrap_or(action.key),
        installed: action.kind.installed().map(|installed| installed.revision),
    };
    let search = Search { catalogue, device, action, snap, asker, at: policy.now, now: policy.now };
    let found = match target {
        Target::Pinned(revision) => search.pinned(revision).map(|package| (package, None, None)),
        Target::PinnedIn(channel, revision) => {
            let redirect = redirect(snap, device, action, channel);
            let source = search.pinned_in(redirect.unwrap_or(channel), revision);
            source.map(|(package, source)| (package, Some(source), redirect))
        }
        Target::Tip(channel) => {
            let at = as_of(policy, index, snap, action.cohort_key)?;
            let redirect = redirect(snap, device, action, channel);
            // The devices of a cohort are one: they get the same, or the cohort would be for nothing.
            let key = action.cohort_key.unwrap_or(asker.key);
            let source = Search { at, asker: Asker { key, ..asker }, ..search }
                .tip(redirect.unwrap_or(channel));
            source.map(|(package, source)| (package, source, redirect))
        }
    };
    let found = search.bound(found, allowed(policy.backstore, action.sets, &snap.id, &snap.name));
    let (package, source, redirect) = found.ok_or(Refusal::RevisionNotFound(index))?;
    let deltas = deltas(catalogue, device, action, snap, package);
    Ok(Offer { snap: index, package, source, redirect, deltas })
}

fn find(
    catalogue: &Catalogue,
    device: &Device<'_>,
    action: &Action<'_>,
) -> Result<SnapIndex, Refusal> {
    let viewer = &device.viewer;
    action.snap.find(catalogue, viewer).ok_or_else(|| {
        let name = SnapRef { id: None, ..action.snap };
        // A refresh goes by its id; so does what names no snap, or one of another id.
        let by_id = action.kind.installed().is_some()
            || name.name.is_none()
            || action.snap.id.is_some() && name.find(catalogue, viewer).is_some();
        if by_id { Refusal::IdNotFound } else { Refusal::NameNotFound }
    })
}

/// The instant as of which channels are read: now, or what the action's cohort sees.
fn as_of(
    policy: &Policy<'_>,
    index: SnapIndex,
    snap: &Shelved,
    cohort_key: Option<&str>,
) -> Result<Instant, Refusal> {
    let Some(key) = cohort_key else { return Ok(policy.now) };
    match policy.cohorts.open(key) {
        Ok(cohort) if cohort.snap == snap.id => Ok(cohort.sees(policy.now)),
        _ => Err(Refusal::InvalidCohortKey(index)),
    }
}

/// One snap searched for one action.
#[derive(Clone, Copy)]
struct Search<'s> {
    catalogue: &'s Catalogue,
    device: &'s Device<'s>,
    action: &'s Action<'s>,
    snap: &'s Shelved,
    asker: Asker<'s>,
    /// As of when channels are read.
    at: Instant,
    now: Instant,
}

/// A revision that was found, where, and the channel to track from then on.
type Found<'n> = (PackageIndex, Option<Source>, Option<ChannelName<'n>>);

impl<'s> Search<'s> {
    /// What was found, within what validation sets allow. Who asks for no revision gets the one that is allowed, wherever
    /// it was released.
    fn bound<'n>(&self, found: Option<Found<'n>>, allowed: Allowed) -> Option<Found<'n>> {
        let is_allowed = |found: &Found<'n>| allowed.allows(self.snap.package(found.0).revision);
        match (allowed, self.action.target) {
            (Allowed::Only(only), Ok(Target::Tip(_))) => found
                .filter(is_allowed)
                .or_else(|| self.pinned(only).map(|package| (package, None, None))),
            _ => found.filter(is_allowed),
        }
    }

    /// What a channel gives out: the channel itself, then ever safer risks of its track (contract 5.3).
    fn tip(&self, channel: ChannelName<'_>) -> Option<(PackageIndex, Option<Source>)> {
        let architecture = self.catalogue.architecture(self.device.architecture);
        let installed = self.installed_epoch();
        let mut was_open = false;
        for lane in self.lanes(channel, architecture) {
            let holdings = self.holdings(lane, architecture);
            if let Some(span) = choose(self.catalogue, self.snap, &holdings, installed) {
                let source = Source { channel: lane, released_at: span.released_at };
                return Some((span.package, Some(source)));
            }
            was_open |= holdings.tip().is_some();
        }
        // Nothing given out can read what is installed: the device stays where it is (contract 6.4).
        let installed = self.action.kind.installed().filter(|_| was_open)?;
        self.pinned(installed.revision).map(|package| (package, None))
    }

    /// What a channel holds for the device.
    fn holdings(&self, lane: LaneKey, architecture: Option<u32>) -> Holdings<'s> {
        self.snap.holdings(lane, architecture, self.at).to(self.asker)
    }

    /// The channels to try, in order. A closed branch falls to its risk only for a device that tracks it (contract
    /// 5.6); an open one is a stop on the way like any other.
    fn lanes(
        &self,
        channel: ChannelName<'_>,
        architecture: Option<u32>,
    ) -> impl Iterator<Item = LaneKey> {
        let tracked = self.action.kind.installed().is_some_and(|installed| {
            installed.tracking.is_ok_and(|tracking| tracking.is_same(channel))
        });
        let is_open = |lane| self.holdings(lane, architecture).tip().is_some();
        let branch = channel.branch().and_then(|_| self.catalogue.lane(channel));
        let falls = channel.branch().is_none() || tracked || branch.is_some_and(is_open);
        let base = self.catalogue.lane(channel.without_branch());
        let risks = base.filter(|_| falls).into_iter();
        branch
            .into_iter()
            .chain(risks.flat_map(|base| base.risk().and_safer().map(move |risk| base.at(risk))))
    }

    /// A revision by number, if it was ever released, runs on the device and can read what is there (contract 5.7).
    fn pinned(&self, revision: Revision) -> Option<PackageIndex> {
        let package = self.snap.find(revision)?;
        let record = self.snap.package(package);
        let fits = self.snap.was_released(package, self.now)
            && self.catalogue.runs_on(record, self.device.architecture)
            && self.can_read(package);
        fits.then_some(package)
    }

    /// A revision by number, if it was in that channel at some time; who asks for it need not wait for its turn.
    fn pinned_in(
        &self,
        channel: ChannelName<'_>,
        revision: Revision,
    ) -> Option<(PackageIndex, Source)> {
        let package = self.snap.find(revision).filter(|package| self.can_read(*package))?;
        let lane = self.catalogue.lane(channel)?;
        let architecture = self.catalogue.architecture(self.device.architecture);
        let holdings = self.snap.holdings(lane, architecture, self.at);
        let released = holdings.ever().filter(|span: &&Span| span.package == package);
        let released_at = released.map(|span| span.released_at).max()?;
        Some((package, Source { channel: lane, released_at }))
    }

    fn can_read(&self, package: PackageIndex) -> bool {
        let epoch = self.catalogue.epoch(self.snap.package(package));
        self.installed_epoch().is_none_or(|installed| epoch.can_read(installed))
    }

    /// The epoch of what is there: as the device says, else as we know the installed revision, else 0; nothing for
    /// a new installation.
    fn installed_epoch(&self) -> Option<&Epoch> {
        match self.action.kind {
            Kind::Install(amended) | Kind::Download(amended) => amended,
            Kind::Refresh(installed) => Some(installed.epoch.as_ref().unwrap_or_else(|| {
                let known = self.snap.find(installed.revision);
                known.map_or(&EPOCH_0, |package| self.catalogue.epoch(self.snap.package(package)))
            })),
        }
    }
}

/// The deltas from the installed revision that the device can apply, in its order of preference (contract section 7).
fn deltas(
    catalogue: &Catalogue,
    device: &Device<'_>,
    action: &Action<'_>,
    snap: &Shelved,
    package: PackageIndex,
) -> Vec<usize> {
    let mut found = Vec::new();
    let Some(installed) = action.kind.installed().filter(|_| snap.has_deltas()) else {
        return found;
    };
    for format in device.delta_formats().filter_map(|format| catalogue.delta_format(format)) {
        let delta = snap.delta(installed.revision, package, format);
        found.extend(delta.filter(|delta| !found.contains(delta)));
    }
    found
}
