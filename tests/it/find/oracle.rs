//! Searches against an oracle that looks at every snap and every release, one after the other.

use crate::support::listings::listing;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::sample::subsequence;
use snapwise::catalogue;
use snapwise::catalogue::Catalogue;
use snapwise::catalogue::Generation;
use snapwise::device::Viewer;
use snapwise::find;
use snapwise::find::Index;
use snapwise::find::Popularity;
use snapwise::find::Question;
use snapwise::find::Where;
use snapwise::find::Window;
use snapwise::snap::Architecture;
use snapwise::snap::Category;
use snapwise::snap::Channel;
use snapwise::snap::ChannelName;
use snapwise::snap::Confinement;
use snapwise::snap::Instant;
use snapwise::snap::Listing;
use snapwise::snap::Publisher;
use snapwise::snap::Release;
use snapwise::snap::Risk;
use snapwise::snap::Validation;
use std::cmp::Reverse;
use std::sync::Arc;

/// Words as texts have them, and as they are compared.
const WORDS: [(&str, &str); 8] = [
    ("Pad", "pad"),
    ("pads", "pads"),
    ("Über", "uber"),
    ("note", "note"),
    ("NOTES", "notes"),
    ("no", "no"),
    ("naïve", "naive"),
    ("N", "n"),
];
const NAMES: [&str; 6] = ["pad", "note", "pad-note", "pad-x", "notes-2", "n-uber"];
const ASKED: [&str; 12] =
    ["pad", "pads", "pa", "p", "NOTE", "not", "no", "n", "über", "ube", "naiv", "x"];

/// Which of the words a snap's texts have.
#[derive(Debug, Clone)]
struct Told {
    title: Vec<usize>,
    publisher: Vec<usize>,
    summary: Vec<usize>,
    description: Vec<usize>,
}

/// A snap: what it is, which words it was given, and how popular it is, in eighths.
#[derive(Debug, Clone)]
pub(super) struct Snap {
    pub(super) listing: Listing,
    told: Told,
    eighths: u8,
}

/// What is asked, and by whom.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    words: Option<Vec<&'static str>>,
    name: Option<&'static str>,
    category: Option<&'static str>,
    confinements: Vec<Confinement>,
    private: bool,
    architecture: Option<&'static str>,
    default_tracks: bool,
    channel: Option<&'static str>,
    now: i64,
}

fn text(words: &[usize]) -> String {
    words.iter().map(|word| WORDS[*word].0).collect::<Vec<_>>().join(", ")
}

/// Different snaps of a few names, words, tracks and categories.
pub(super) fn snaps() -> impl Strategy<Value = Vec<Snap>> {
    subsequence((0..NAMES.len()).collect::<Vec<_>>(), 0..=NAMES.len())
        .prop_flat_map(|numbers| numbers.into_iter().map(snap).collect::<Vec<_>>())
}

/// The snap of a number: its name and snap-id depend on nothing else.
pub(super) fn snap(number: usize) -> impl Strategy<Value = Snap> {
    let words = |max| vec(0..WORDS.len(), 0..max);
    let told = (words(3), words(2), words(3), words(6));
    let category = (select(vec!["games", "art"]), any::<bool>());
    let rare = (prop::bool::weighted(0.1), prop::bool::weighted(0.9), prop::bool::weighted(0.2));
    let more = (vec(category, 0..3), rare, 0..9_u8, option::of(select(vec!["latest", "1.x"])));
    (listing(number), told, more).prop_map(move |(mut listing, told, more)| {
        let (title, publisher, summary, description) = told;
        let (categories, (private, is_open, is_kept), eighths, track) = more;
        let told = Told { title, publisher, summary, description };
        listing.name = NAMES[number].parse().unwrap();
        listing.title = text(&told.title).parse().unwrap();
        listing.summary = text(&told.summary).parse().unwrap();
        listing.description = text(&told.description).parse().unwrap();
        listing.publisher = Some(Publisher {
            id: "somebody".parse().unwrap(),
            username: "zzz".parse().unwrap(),
            display_name: text(&told.publisher).parse().unwrap(),
            validation: Validation::Unproven,
        });
        let category =
            |(name, featured): (&str, bool)| Category { name: name.parse().unwrap(), featured };
        listing.categories = categories.into_iter().map(category).collect();
        listing.private = private;
        if !is_kept {
            listing.stores.clear();
        }
        listing.default_track = track.map(|track| track.parse().unwrap());
        if is_open {
            // So that not nearly everything is closed.
            open_everywhere(&mut listing);
        }
        let listing = listing.checked().expect("the parts were made to fit");
        Snap { listing, told, eighths }
    })
}

/// Releases some of the revisions for ever, in lanes that hold nothing else.
fn open_everywhere(listing: &mut Listing) {
    let channels = ["1.x/stable", "stable", "2.x/candidate", "1.x/beta", "beta"];
    for (package, channel) in listing.packages.iter().zip(channels) {
        let releases = package.architectures.iter().map(|architecture| Release {
            channel: channel.parse().unwrap(),
            architecture: *architecture,
            revision: package.revision,
            released_at: Instant::EPOCH,
            closed_at: None,
        });
        for release in releases {
            if !listing.releases.iter().any(|known| known.shares_lane(&release)) {
                listing.releases.push(release);
            }
        }
    }
}

pub(super) fn asked() -> impl Strategy<Value = Asked> {
    let words = option::weighted(0.7, vec(select(ASKED.to_vec()), 1..3));
    let name = option::weighted(0.1, select(vec!["pad", "p", "note", "x"]));
    let category = option::weighted(0.1, select(vec!["games", "art", "featured", "other"]));
    let all = vec![Confinement::Strict, Confinement::Classic, Confinement::Devmode];
    let confinements = prop_oneof![3 => Just(Vec::new()), 1 => subsequence(all, 1..3)];
    let architecture = option::of(select(vec!["amd64", "arm64", "riscv64", "sparc"]));
    let channels =
        ["stable", "edge", "latest/beta", "1.x/stable", "1.x/edge", "2.x/beta", "stable/fix"];
    let channel = option::of(select(channels.to_vec()));
    let who = (architecture, any::<bool>(), channel, 0..4_000_000_000_000_000_i64);
    let what = (words, name, category, confinements, prop::bool::weighted(0.05));
    (what, who).prop_map(|((words, name, category, confinements, private), who)| {
        let (architecture, default_tracks, channel, now) = who;
        Asked {
            words,
            name,
            category,
            confinements,
            private,
            architecture,
            default_tracks,
            channel,
            now,
        }
    })
}

/// The points of a word in some words.
fn points(asked: &str, known: &[&str], (whole, beginning): (u64, u64)) -> u64 {
    let of = |word: &&str| match (*word == asked, word.starts_with(asked)) {
        (true, _) => whole,
        (false, true) => beginning,
        _ => 0,
    };
    known.iter().map(of).max().unwrap_or(0)
}

fn points_of(snap: &Snap, asked: &str) -> u64 {
    let folded = |words: &[usize]| words.iter().map(|word| WORDS[*word].1).collect::<Vec<_>>();
    let Told { title, publisher, summary, description } = &snap.told;
    let far = if asked.len() >= 4 { (4, 2) } else { (4, 0) };
    let name: Vec<&str> = snap.listing.name.as_str().split('-').collect();
    let publisher = [folded(publisher), vec!["zzz"]].concat();
    [
        points(asked, &name, (24, 16)),
        points(asked, &folded(title), (18, 12)),
        points(asked, &publisher, (14, 8)),
        points(asked, &folded(summary), (10, 6)),
        points(asked, &folded(description), far),
    ]
    .into_iter()
    .max()
    .unwrap()
}

/// What a channel gives out to an architecture, or to any.
fn tip<'l>(
    listing: &'l Listing,
    channel: &Channel,
    asked: &Asked,
    now: Instant,
) -> Option<&'l Release> {
    let is_open = |release: &&Release| {
        release.channel == *channel
            && release.released_at <= now
            && release.closed_at.is_none_or(|closed_at| now < closed_at)
    };
    let open: Vec<&Release> = listing.releases.iter().filter(is_open).collect();
    let Some(own) = asked.architecture else {
        // The first by architecture.
        return open.into_iter().min_by_key(|release| release.architecture);
    };
    let fits =
        |release: &&Release| release.architecture.is_all() || release.architecture.as_str() == own;
    let latest = |release: &&Release| (release.released_at, !release.architecture.is_all());
    open.into_iter().filter(fits).max_by_key(latest)
}

/// Channel and revision that are shown of a snap.
fn shown(listing: &Listing, asked: &Asked, now: Instant) -> Option<(String, i64)> {
    let default = listing.default_track.as_ref().filter(|_| asked.default_tracks);
    let told = |channel: Channel| {
        let release = tip(listing, &channel, asked, now)?;
        Some((channel.to_string(), i64::from(release.revision.number())))
    };
    if let Some(name) = asked.channel {
        let mut channel: Channel = name.parse().unwrap();
        if let Some(track) = default
            .filter(|_| !name.contains("1.x") && !name.contains("2.x") && !name.contains("latest"))
        {
            channel.track = track.clone();
        }
        if channel.branch.is_some() {
            return told(channel);
        }
        let mut risks = channel.risk.and_safer();
        return risks.find_map(|risk| told(Channel { risk, ..channel.clone() }));
    }
    let mut channels: Vec<Channel> =
        listing.releases.iter().map(|release| release.channel.clone()).collect();
    channels.retain(|channel| channel.branch.is_none());
    let first = default.map_or("latest", |track| track.as_str());
    let order = |channel: &Channel| {
        let track = channel.track.as_str().to_owned();
        let risk: Risk = channel.risk;
        (risk, track != first, track != "latest", Reverse(track))
    };
    channels.sort_by_key(order);
    channels.into_iter().find_map(told)
}

/// What must be found: name, channel, revision.
fn expected(snaps: &[Snap], asked: &Asked) -> Vec<(String, String, i64)> {
    let now = Instant::from_microseconds(asked.now).unwrap();
    let mut found = Vec::new();
    for snap in snaps {
        let listing = &snap.listing;
        let folded = |word: &&'static str| word.replace('ü', "u").to_lowercase();
        let words: Option<Vec<String>> =
            asked.words.as_ref().map(|words| words.iter().map(folded).collect());
        let all: Vec<u64> = words.iter().flatten().map(|word| points_of(snap, word)).collect();
        let in_category = |asked: &str| {
            listing.categories.iter().any(|category| {
                category.name.as_str() == asked || asked == "featured" && category.featured
            })
        };
        if all.contains(&0)
            || listing.private != asked.private
            || listing.private
            || !(listing.stores.is_empty()
                || listing.stores.iter().any(|store| store.as_str() == "ubuntu"))
            || !asked.name.is_none_or(|name| listing.name.as_str().starts_with(name))
            || !asked.category.is_none_or(in_category)
        {
            continue;
        }
        let Some((channel, revision)) = shown(listing, asked, now) else { continue };
        let package = listing
            .packages
            .iter()
            .find(|package| i64::from(package.revision.number()) == revision);
        let confinement = package.unwrap().confinement;
        if !asked.confinements.is_empty() && !asked.confinements.contains(&confinement) {
            continue;
        }
        let is_named = words.map(|words| words.join("-")).as_deref() == Some(listing.name.as_str())
            || asked.name == Some(listing.name.as_str());
        let popularity = (f64::from(snap.eighths) / 8.0 * 65_535.0).round();
        let sum: u64 = if asked.words.is_some() { all.iter().sum() } else { 1 };
        #[allow(clippy::cast_precision_loss, reason = "small numbers")]
        let worth = sum as f64 * (65_535.0 + 3.0 * popularity);
        let order = (is_named, worth, popularity);
        found.push((order, (listing.name.to_string(), channel, revision)));
    }
    // Stable, and the snaps are in the order of their ids.
    found.sort_by(|(one, _), (other, _)| other.partial_cmp(one).unwrap());
    found.into_iter().map(|(_, found)| found).collect()
}

pub(super) type Built = (Catalogue, Arc<Index>, Popularity);

/// Catalogue and index of these snaps, made in one go.
pub(super) fn build(snaps: &[Snap]) -> Built {
    let (mut catalogue, mut index) = (catalogue::Builder::default(), find::Builder::default());
    for snap in snaps {
        catalogue.put(&snap.listing);
        index.put(&snap.listing);
    }
    finish(catalogue, index, snaps)
}

pub(super) fn finish(catalogue: catalogue::Builder, index: find::Builder, snaps: &[Snap]) -> Built {
    let catalogue = catalogue.finish(Generation { number: 1, published_at: Instant::EPOCH });
    let scores = snaps.iter().map(|snap| (snap.listing.id, f64::from(snap.eighths) / 8.0));
    let popularity = Popularity::of(&catalogue, scores);
    let index = index.finish(&catalogue);
    (catalogue, index, popularity)
}

/// What is found: name, channel, revision.
pub(super) fn found(
    (catalogue, index, popularity): &Built,
    asked: &Asked,
) -> Vec<(String, String, i64)> {
    let typed = asked.words.as_ref().map(|words| words.join(" % "));
    let question = Question {
        words: typed.and_then(|typed| Question::parse_words(&typed).unwrap()),
        name: asked.name,
        category: asked.category,
        confinements: asked.confinements.clone(),
        private: asked.private,
        ..Question::default()
    };
    let architecture: Option<Architecture> = asked.architecture.map(|name| name.parse().unwrap());
    let place = asked
        .channel
        .map_or(Where::Anywhere, |name| Where::Channel(ChannelName::parse(name).unwrap()));
    let now = Instant::from_microseconds(asked.now).unwrap();
    let window = Window::new(catalogue, architecture, asked.default_tracks, place, now);
    let all = (catalogue, &**index, popularity);
    let found =
        find::search(all, &question, &window, |snap| snap.is_visible_to(&Viewer::default()));
    let told = |found: find::Found| {
        let snap = catalogue.snap(found.snap);
        let channel = catalogue.channel_name(found.shown.channel).to_string();
        let revision = snap.package(found.shown.package).revision.number();
        (snap.name.to_string(), channel, i64::from(revision))
    };
    found.into_iter().map(told).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_found_is_what_the_oracle_finds(snaps in snaps(), asked in vec(asked(), 6)) {
        let built = build(&snaps);
        for asked in &asked {
            prop_assert_eq!(found(&built, asked), expected(&snaps, asked), "{:?}", asked);
        }
    }
}
