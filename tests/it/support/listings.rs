//! Random valid listings for property tests: every kind of value a listing can hold, in every combination that
//! holds together.

use proptest::collection::btree_map;
use proptest::collection::btree_set;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::sample::select;
use proptest::sample::subsequence;
use snapwise::snap::Architecture;
use snapwise::snap::Category;
use snapwise::snap::Channel;
use snapwise::snap::Confinement;
use snapwise::snap::Decisions;
use snapwise::snap::Delta;
use snapwise::snap::Download;
use snapwise::snap::Epoch;
use snapwise::snap::Epochs;
use snapwise::snap::FileSize;
use snapwise::snap::Instant;
use snapwise::snap::Integrity;
use snapwise::snap::Label;
use snapwise::snap::Line;
use snapwise::snap::Listing;
use snapwise::snap::Media;
use snapwise::snap::Package;
use snapwise::snap::Prose;
use snapwise::snap::Publisher;
use snapwise::snap::Release;
use snapwise::snap::Resource;
use snapwise::snap::Revision;
use snapwise::snap::Risk;
use snapwise::snap::Sha3;
use snapwise::snap::SnapType;
use snapwise::snap::Source;
use snapwise::snap::Url;
use snapwise::snap::Validation;
use snapwise::snap::Version;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::str::FromStr;

const ARCHITECTURES: [&str; 5] = ["amd64", "arm64", "armhf", "riscv64", "x"];

/// Listings of different snaps, 1 to `max` of them; publishers of the same id are the same.
pub(crate) fn listings(max: usize) -> impl Strategy<Value = Vec<Listing>> {
    (1..=max).prop_flat_map(|n| (0..n).map(listing).collect::<Vec<_>>())
}

/// A listing of the snap of that number: its name and snap-id depend on nothing else.
pub(crate) fn listing(number: usize) -> impl Strategy<Value = Listing> {
    let packages = btree_map(1..40_i64, package(), 0..6);
    let about = (about(), texts(), shown());
    (about, packages, lanes(), vec(delta(), 0..4)).prop_map(
        move |((about, texts, shown), packages, lanes, deltas)| {
            let (private, default_track, publisher, stores, viewers) = about;
            let (title, summary, description, [license, contact, website]) = texts;
            let (store_url, links, categories, media, prices) = shown;
            let packages: Vec<Package> = packages
                .into_iter()
                .map(|(number, package)| Package { revision: revision(number), ..package })
                .collect();
            Listing {
                id: text(&format!("{number:032}")),
                name: text(&format!("snap-{number}")),
                title,
                summary,
                description,
                license,
                contact,
                website,
                store_url,
                links,
                private,
                default_track: default_track.map(text),
                publisher,
                categories,
                media,
                prices,
                stores,
                viewers,
                releases: lanes.into_iter().flat_map(|lane| lane.unfold(&packages)).collect(),
                deltas: deltas.into_iter().filter_map(|delta| aimed(delta, &packages)).collect(),
                packages,
                decisions: Decisions::default(),
            }
            .checked()
            .expect("the parts were made to fit")
        },
    )
}

fn text<T: FromStr>(text: &str) -> T
where
    T::Err: Debug,
{
    text.parse().expect("a valid value")
}

fn revision(number: i64) -> Revision {
    Revision::new(number).expect("a number from 1")
}

fn parsed<T: FromStr + Debug>(pattern: &'static str) -> impl Strategy<Value = T> + Clone
where
    T::Err: Debug,
{
    // A pattern may be a little wider than the type.
    pattern.prop_filter_map("not a value", |text: String| text.parse().ok())
}

fn line() -> impl Strategy<Value = Line> + Clone {
    parsed("\\PC{1,24}")
}

fn label() -> impl Strategy<Value = Label> + Clone {
    parsed("[!-~]{1,16}")
}

fn prose() -> impl Strategy<Value = Prose> + Clone {
    parsed("(\\PC{0,20}[\t\r\n\u{1}\"\\\\]{0,2}){0,3}")
}

fn url() -> impl Strategy<Value = Url> + Clone {
    parsed("https?://[a-z]{1,9}(:[0-9]{2})?/[A-Za-z0-9/_.~%?=&-]{0,16}")
}

fn version() -> impl Strategy<Value = Version> + Clone {
    parsed("[!-~]{1,32}")
}

fn instant() -> impl Strategy<Value = Instant> + Clone {
    let anywhere = 0..4_000_000_000_000_000_i64;
    anywhere.prop_map(|microseconds| Instant::from_microseconds(microseconds).expect("in range"))
}

fn download() -> impl Strategy<Value = Download> + Clone {
    let size = prop_oneof![1..9_000_000_000_u64, Just(9_223_372_036_854_775_807)];
    (url(), size, any::<[u8; 32]>()).prop_map(|(url, size, random)| {
        let mut bytes = [7; 48];
        bytes[..32].copy_from_slice(&random);
        let size = FileSize::new(size).expect("in range");
        Download { source: Source::Elsewhere(url), size, sha3_384: Sha3::new(bytes) }
    })
}

/// A file that may be with us alone.
fn own_download() -> impl Strategy<Value = Download> + Clone {
    (download(), any::<bool>()).prop_map(|(file, is_here)| match is_here {
        true => Download { source: Source::Here, ..file },
        false => file,
    })
}

type About =
    (bool, Option<&'static str>, Option<Publisher>, Vec<snapwise::snap::StoreId>, Vec<Label>);

fn about() -> impl Strategy<Value = About> {
    let stores = btree_set(select(vec!["acme-lab", "Lab_2", "ubuntu"]), 0..3);
    let stores = stores.prop_map(|stores| stores.into_iter().map(text).collect());
    let publisher = option::of((0..3_usize).prop_map(|number| Publisher {
        id: text(&format!("publisher/{number}")),
        username: text(&format!("user-{number}")),
        display_name: text(&format!("Üser № {number}")),
        validation: [Validation::Unproven, Validation::Starred, Validation::Verified][number],
    }));
    let viewers = btree_set(select(vec!["viewer-1", "viewer/2", "publisher/1"]), 0..3);
    let viewers = viewers.prop_map(|viewers| viewers.into_iter().map(text).collect());
    (any::<bool>(), option::of(select(vec!["latest", "1.x"])), publisher, stores, viewers)
}

fn texts() -> impl Strategy<Value = (Line, Line, Prose, [Option<Line>; 3])> {
    let optional = [option::of(line()), option::of(line()), option::of(line())];
    (line(), parsed("\\PC{0,30}"), prose(), optional)
}

type Shown = (
    Option<Url>,
    BTreeMap<Label, Vec<Line>>,
    Vec<Category>,
    Vec<Media>,
    BTreeMap<snapwise::snap::Currency, snapwise::snap::Amount>,
);

fn shown() -> impl Strategy<Value = Shown> {
    let category =
        (label(), any::<bool>()).prop_map(|(name, featured)| Category { name, featured });
    let side = || option::of(1..=u16::MAX);
    let media = (label(), url(), side(), side()).prop_map(|(kind, url, width, height)| Media {
        kind,
        url,
        width,
        height,
    });
    let amount = parsed("[0-9]{1,9}(\\.[0-9]{1,6})?");
    (
        option::of(url()),
        btree_map(label(), vec(line(), 1..3), 0..3),
        vec(category, 0..3),
        vec(media, 0..3),
        btree_map(parsed("[A-Z]{3}"), amount, 0..3),
    )
}

fn architectures() -> impl Strategy<Value = Vec<Architecture>> + Clone {
    let some = subsequence(ARCHITECTURES.to_vec(), 1..=ARCHITECTURES.len());
    let some = some.prop_map(|names| names.into_iter().map(text).collect());
    prop_oneof![3 => some, 1 => Just(vec![Architecture::ALL])]
}

fn epoch() -> impl Strategy<Value = Epoch> + Clone {
    let number = || prop_oneof![4 => 0..6_u32, 1 => any::<u32>()];
    let lists = (btree_set(number(), 1..=10), btree_set(number(), 0..=9), any::<Index>());
    let some = lists.prop_map(|(read, mut write, shared)| {
        let read: Vec<u32> = read.into_iter().collect();
        write.insert(*shared.get(&read));
        let list = |numbers: &[u32]| Epochs::new(numbers).expect("they increase");
        let write: Vec<u32> = write.into_iter().collect();
        Epoch::new(list(&read), list(&write)).expect("they share a number")
    });
    prop_oneof![2 => Just(Epoch::ZERO), 1 => some]
}

/// A package of revision 1, which is yet to get its number.
fn package() -> impl Strategy<Value = Package> + Clone {
    let confinement = [Confinement::Strict, Confinement::Classic, Confinement::Devmode];
    let kinds = [
        SnapType::App,
        SnapType::Gadget,
        SnapType::Kernel,
        SnapType::Base,
        SnapType::Os,
        SnapType::Snapd,
    ];
    let words = (select(confinement.to_vec()), select(kinds.to_vec()));
    let says = (version(), option::of(label()), words, epoch(), vec(line(), 0..3), prose());
    let parts = (vec(resource(), 0..2), vec(integrity(), 0..2));
    (says, architectures(), option::of(instant()), own_download(), parts).prop_map(
        |(says, architectures, created_at, download, (resources, integrity))| {
            let (version, base, (confinement, kind), epoch, common_ids, snap_yaml) = says;
            Package {
                revision: revision(1),
                version,
                architectures,
                base,
                confinement,
                kind,
                epoch,
                created_at,
                common_ids,
                snap_yaml,
                download,
                resources,
                integrity,
            }
        },
    )
}

fn resource() -> impl Strategy<Value = Resource> + Clone {
    let says = (label(), parsed("component/[a-z0-9-]{1,12}"), 1..2_147_483_647_i64, prose());
    let file = (option::of(version()), architectures(), option::of(instant()), download());
    (says, file).prop_map(|((name, kind, number, description), file)| {
        let (version, architectures, created_at, download) = file;
        let revision = revision(number);
        Resource { name, kind, revision, version, architectures, created_at, description, download }
    })
}

fn integrity() -> impl Strategy<Value = Integrity> + Clone {
    let labels = (label(), label(), label(), label());
    (labels, any::<[u32; 3]>(), download()).prop_map(|(labels, numbers, download)| {
        let (kind, hash_algorithm, digest, salt) = labels;
        let [version, data_block_size, hash_block_size] = numbers;
        Integrity {
            kind,
            version,
            hash_algorithm,
            data_block_size,
            hash_block_size,
            digest,
            salt,
            download,
        }
    })
}

/// What one channel held for one architecture, revisions not yet chosen.
#[derive(Debug, Clone)]
struct Lane {
    channel: Channel,
    architecture: Architecture,
    begin: Instant,
    /// Which revision; how long until the next; how long it was open, if it was closed before that.
    steps: Vec<(Index, u32, Option<u32>)>,
}

impl Lane {
    fn unfold(self, packages: &[Package]) -> Vec<Release> {
        let fitting: Vec<_> =
            packages.iter().filter(|package| package.runs_on(self.architecture)).collect();
        let mut releases: Vec<Release> = Vec::new();
        let mut when = self.begin;
        let micros = |n: u32| std::time::Duration::from_micros(u64::from(n));
        for (choice, gap, open) in self.steps.iter().filter(|_| !fitting.is_empty()) {
            if let Some(before) = releases.last_mut() {
                before.closed_at = Some(before.closed_at.map_or(when, |closed| closed.min(when)));
            }
            releases.push(Release {
                channel: self.channel.clone(),
                architecture: self.architecture,
                revision: choice.get(&fitting).revision,
                released_at: when,
                closed_at: open.map(|open| when.plus(micros(open))),
            });
            when = when.plus(micros(*gap));
        }
        releases
    }
}

/// Lanes, no two of the same channel and architecture.
fn lanes() -> impl Strategy<Value = Vec<Lane>> {
    let track = prop_oneof![3 => Just("latest".to_owned()), 2 => "[0-9]\\.[x0-9é]{1,3}"];
    let branch = option::weighted(0.2, "[a-zé.-]{1,12}");
    let channel = (track, select(Risk::ALL.to_vec()), branch).prop_map(|(track, risk, branch)| {
        Channel { track: text(&track), risk, branch: branch.as_deref().map(text) }
    });
    let architecture = select([ARCHITECTURES.as_slice(), &["all"]].concat()).prop_map(text);
    let step = (any::<Index>(), 1..u32::MAX, option::weighted(0.3, any::<u32>()));
    let held = (instant(), vec(step, 1..5));
    btree_map((channel, architecture), held, 0..8).prop_map(|lanes| {
        let lane = |((channel, architecture), (begin, steps))| Lane {
            channel,
            architecture,
            begin,
            steps,
        };
        lanes.into_iter().map(lane).collect()
    })
}

/// A delta from a revision that may be gone, to one that is yet to be chosen.
fn delta() -> impl Strategy<Value = (Index, i64, &'static str, Download)> {
    (any::<Index>(), 1..40_i64, select(vec!["xdelta3", "snap-1-1-xdelta3"]), own_download())
}

fn aimed(delta: (Index, i64, &str, Download), packages: &[Package]) -> Option<Delta> {
    let (choice, source, format, download) = delta;
    let source = revision(source);
    let target = (!packages.is_empty()).then(|| choice.get(packages).revision)?;
    (source != target).then(|| Delta { format: text(format), source, target, download })
}
