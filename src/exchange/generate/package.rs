//! What is invented of a revision.

use crate::exchange::generate::dice::Dice;
use crate::exchange::generate::file;
use crate::exchange::generate::sure;
use crate::snap::Architecture;
use crate::snap::Confinement;
use crate::snap::Epoch;
use crate::snap::Listing;
use crate::snap::Package;
use crate::snap::Resource;
use crate::snap::Revision;
use crate::snap::Risk;
use crate::snap::SnapType;

/// What is the same for all builds of a snap.
pub(super) struct Habits {
    pub(super) architectures: Vec<Architecture>,
    /// The risks it is released to; the others stay closed.
    pub(super) risks: Vec<Risk>,
    pub(super) base: Option<&'static str>,
    pub(super) confinement: Confinement,
    pub(super) kind: SnapType,
    /// Whether later builds change the format of the data.
    pub(super) steps_epoch: bool,
    pub(super) has_component: bool,
    pub(super) size_bytes: u64,
}

impl Habits {
    pub(super) fn invent(dice: &mut Dice) -> Self {
        let mut architectures = vec![sure("amd64")];
        for (share, name) in
            [(700, "arm64"), (400, "armhf"), (220, "ppc64el"), (220, "riscv64"), (200, "s390x")]
        {
            if dice.per_mille(share) {
                architectures.push(sure(name));
            }
        }
        if dice.per_mille(80) {
            architectures = vec![Architecture::ALL];
        }
        let mut risks = Vec::new();
        for (share, risk) in
            [(970, Risk::Stable), (780, Risk::Candidate), (740, Risk::Beta), (860, Risk::Edge)]
        {
            if dice.per_mille(share) {
                risks.push(risk);
            }
        }
        if risks.is_empty() {
            risks.push(Risk::Stable);
        }
        let kind = dice.weighted(&[
            (980, SnapType::App),
            (6, SnapType::Base),
            (6, SnapType::Kernel),
            (6, SnapType::Gadget),
            (1, SnapType::Os),
            (1, SnapType::Snapd),
        ]);
        let bases = [(150, "core18"), (200, "core20"), (400, "core22"), (250, "core24")];
        Self {
            architectures,
            risks,
            base: (kind == SnapType::App).then(|| dice.weighted(&bases)),
            confinement: dice.weighted(&[
                (880, Confinement::Strict),
                (90, Confinement::Classic),
                (30, Confinement::Devmode),
            ]),
            kind,
            steps_epoch: dice.per_mille(30),
            has_component: dice.per_mille(20),
            size_bytes: 4_096 * dice.between(16, 60_000),
        }
    }
}

/// A revision of epoch 0, uploaded who knows when.
pub(super) fn package(
    listing: &Listing,
    habits: &Habits,
    architecture: Architecture,
    revision: Revision,
    version: &str,
    dice: &mut Dice,
) -> Package {
    let size_bytes = habits.size_bytes + 4_096 * dice.below(64);
    let resources = if habits.has_component {
        let name = format!("extras_{revision}.comp");
        vec![Resource {
            name: sure("extras"),
            kind: sure("component/standard"),
            revision,
            version: Some(sure(version)),
            architectures: vec![architecture],
            created_at: None,
            description: sure("What not everybody needs"),
            download: file(listing.id, &name, size_bytes / 10 + 1, dice),
        }]
    } else {
        Vec::new()
    };
    let is_desktop = dice.per_mille(150);
    Package {
        revision,
        version: sure(version),
        architectures: vec![architecture],
        base: habits.base.map(sure),
        confinement: habits.confinement,
        kind: habits.kind,
        epoch: Epoch::ZERO,
        created_at: None,
        common_ids: if is_desktop {
            vec![sure(&format!("example.{}", listing.name))]
        } else {
            Vec::new()
        },
        snap_yaml: sure(&snap_yaml(listing, habits, architecture, version)),
        download: file(listing.id, &format!("{revision}.snap"), size_bytes, dice),
        resources,
        integrity: Vec::new(),
    }
}

fn snap_yaml(
    listing: &Listing,
    habits: &Habits,
    architecture: Architecture,
    version: &str,
) -> String {
    let name = listing.name;
    let base = habits.base.map(|base| format!("base: {base}\n")).unwrap_or_default();
    let component =
        if habits.has_component { "components:\n  extras:\n    type: standard\n" } else { "" };
    format!(
        "name: {name}\nversion: '{version}'\nsummary: {summary}\n\
         description: |\n  {summary}.\narchitectures:\n- {architecture}\n{base}\
         confinement: {confinement}\ntype: {kind}\ngrade: stable\n{component}\
         apps:\n  {name}:\n    command: bin/{name}\n    command-chain:\n    - bin/launch\n    \
         plugs:\n    - home\n    - network\n    - network-bind\n    - desktop\n    - wayland\n    - x11\n    \
         - audio-playback\n    - removable-media\n",
        summary = listing.summary,
        confinement = habits.confinement,
        kind = habits.kind,
    )
}
