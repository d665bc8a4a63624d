//! The demo catalogue: invented snaps, the same for the same seed, shaped like those of the public store.
//!
//! Every snap depends on the seed and its own number only, so a larger catalogue begins with the smaller one.
//! Nothing is kept between snaps. The digests belong to no files: there is nothing to download.

mod dice;
mod hello;
mod metadata;
mod names;
mod package;
mod publisher;
mod timeline;
mod words;

use crate::exchange::generate::dice::Dice;
use crate::exchange::generate::dice::Purpose;
use crate::snap::Download;
use crate::snap::FileSize;
use crate::snap::Instant;
use crate::snap::Listing;
use crate::snap::SnapId;
use crate::snap::Source;
use std::fmt;
use std::str::FromStr;

/// The end of the invented history: 2026-11-01T00:00:00Z.
const END_S: u64 = 1_793_491_200;

/// How many names there are; more snaps than that cannot be invented.
pub const MAX_SNAPS: u64 = names::N_NAMES;

/// The first `n` snaps of the demo catalogue of that seed, at most [`MAX_SNAPS`].
pub fn generate(n: u64, seed: u64) -> impl Iterator<Item = Listing> + Send {
    (0..n.min(MAX_SNAPS)).map(move |number| match number {
        0 => hello::hello(),
        _ => invent(number, seed),
    })
}

fn invent(number: u64, seed: u64) -> Listing {
    let mut dice = Dice::new(seed, Purpose::Snap, number);
    let listing = metadata::invent(number, seed, &mut dice);
    timeline::unfold(listing, &mut dice).checked().expect("the invented parts fit together")
}

/// A value that is valid because we wrote it so.
fn sure<T: FromStr>(text: &str) -> T
where
    T::Err: fmt::Debug,
{
    text.parse().expect("what is invented is valid")
}

/// That many seconds after 1970.
fn at(seconds: u64) -> Instant {
    let microseconds = i64::try_from(seconds * 1_000_000).expect("a time within our century");
    Instant::from_microseconds(microseconds).expect("a time within our century")
}

/// A file of the demo store, named as the public store names its files.
fn file(id: SnapId, rest: &str, size_bytes: u64, dice: &mut Dice) -> Download {
    let url = format!("https://store.example/api/v1/snaps/download/{id}_{rest}");
    let size = FileSize::new(size_bytes).expect("no file of the demo is empty");
    Download { source: Source::Elsewhere(sure(&url)), size, sha3_384: dice.digest() }
}
