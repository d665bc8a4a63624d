//! The one snap every demo catalogue has, whatever its seed: the one the README asks for.

use crate::exchange::generate::END_S;
use crate::exchange::generate::at;
use crate::exchange::generate::dice::Dice;
use crate::exchange::generate::dice::Purpose;
use crate::exchange::generate::file;
use crate::exchange::generate::sure;
use crate::snap::Category;
use crate::snap::Channel;
use crate::snap::Confinement;
use crate::snap::Decisions;
use crate::snap::Delta;
use crate::snap::Epoch;
use crate::snap::Listing;
use crate::snap::Media;
use crate::snap::Package;
use crate::snap::Publisher;
use crate::snap::Release;
use crate::snap::Revision;
use crate::snap::Risk;
use crate::snap::SnapId;
use crate::snap::SnapType;
use crate::snap::Validation;
use std::collections::BTreeMap;

const DAY_S: u64 = 86_400;

/// The snap `hello-snapwise`: revisions 1 to 3 for amd64 and arm64, the last in all four risks of `latest`, a
/// delta from the second to it.
pub(super) fn hello() -> Listing {
    let mut dice = Dice::new(0, Purpose::Snap, 0);
    let id: SnapId = sure("HeLLoSnapwise000000000000000001a");
    let packages: Vec<Package> = (1..=3).map(|number| package(id, number, &mut dice)).collect();
    let [_, second, third] = [0, 1, 2].map(|index: usize| packages[index].revision);
    let download = file(id, &format!("{second}_{third}_xdelta3.delta"), 20_480, &mut dice);
    let website = "https://hello-snapwise.example";
    let contact = "mailto:hello@snapwise.example";
    let listing = Listing {
        id,
        name: sure("hello-snapwise"),
        title: sure("Hello Snapwise"),
        summary: sure("Says hello from your own store"),
        description: sure(
            "The first snap of the demo catalogue.\n\nIt is invented, as are all the others: there is no file \
             behind its download link. It is here to be asked for.",
        ),
        license: Some(sure("Apache-2.0")),
        contact: Some(sure(contact)),
        website: Some(sure(website)),
        store_url: Some(sure("https://store.example/hello-snapwise")),
        links: BTreeMap::from([
            (sure("contact"), vec![sure(contact)]),
            (sure("website"), vec![sure(website)]),
        ]),
        private: false,
        default_track: None,
        publisher: Some(Publisher {
            id: sure("SnapwiseDemoPublisher0000000001a"),
            username: sure("snapwise-demo"),
            display_name: sure("Snapwise Demo"),
            validation: Validation::Verified,
        }),
        categories: vec![Category { name: sure("utilities"), featured: true }],
        media: vec![Media {
            kind: sure("icon"),
            url: sure("https://store.example/media/hello-snapwise/icon.png"),
            width: Some(256),
            height: Some(256),
        }],
        prices: BTreeMap::new(),
        stores: Vec::new(),
        viewers: Vec::new(),
        releases: packages.iter().flat_map(releases).collect(),
        packages,
        deltas: vec![Delta { format: sure("xdelta3"), source: second, target: third, download }],
        decisions: Decisions::default(),
    };
    listing.checked().expect("the parts fit together")
}

fn begin_of(revision: Revision) -> u64 {
    END_S - (4 - u64::from(revision.number())) * 30 * DAY_S
}

fn package(id: SnapId, number: i64, dice: &mut Dice) -> Package {
    let revision = Revision::new(number).expect("a small number from 1");
    Package {
        revision,
        version: sure(&format!("1.{}", number - 1)),
        architectures: vec![sure("amd64"), sure("arm64")],
        base: Some(sure("core24")),
        confinement: Confinement::Strict,
        kind: SnapType::App,
        epoch: Epoch::ZERO,
        created_at: Some(at(begin_of(revision))),
        common_ids: Vec::new(),
        snap_yaml: sure(&format!(
            "name: hello-snapwise\nversion: '1.{}'\nsummary: Says hello from your own store\nbase: core24\n\
             confinement: strict\narchitectures:\n- amd64\n- arm64\napps:\n  hello-snapwise:\n    command: bin/hello\n",
            number - 1
        )),
        download: file(id, &format!("{revision}.snap"), 409_600, dice),
        resources: Vec::new(),
        integrity: Vec::new(),
    }
}

/// Every revision went from edge to stable, an hour at each; the next one took its place.
fn releases(package: &Package) -> Vec<Release> {
    let mut releases = Vec::new();
    for (hours, risk) in (1..).zip(Risk::ALL.into_iter().rev()) {
        for architecture in &package.architectures {
            let is_last = package.revision.number() == 3;
            let begin = begin_of(package.revision) + hours * 3_600;
            releases.push(Release {
                channel: Channel { track: sure("latest"), risk, branch: None },
                architecture: *architecture,
                revision: package.revision,
                released_at: at(begin),
                closed_at: (!is_last).then(|| at(begin + 30 * DAY_S)),
            });
        }
    }
    releases
}
