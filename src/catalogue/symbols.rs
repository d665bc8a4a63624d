//! Words that many snaps share, kept once and known by number.

use crate::snap::Architecture;
use crate::snap::Branch;
use crate::snap::ChannelName;
use crate::snap::Epoch;
use crate::snap::Label;
use crate::snap::Risk;
use crate::snap::Track;
use foldhash::fast::RandomState;
use std::collections::HashMap;
use std::hash::Hash;

/// A channel by number: what two lanes are compared by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LaneKey {
    pub(super) track: u32,
    /// 0 is none.
    pub(super) branch: u32,
    pub(super) risk: Risk,
}

impl LaneKey {
    /// The same track and branch at another risk.
    #[must_use]
    pub fn at(self, risk: Risk) -> Self {
        Self { risk, ..self }
    }

    /// Whether it is a branch.
    pub fn is_branch(self) -> bool {
        self.branch != 0
    }

    /// The risk.
    pub fn risk(self) -> Risk {
        self.risk
    }
}

/// Up to so many words are compared one by one.
const FEW: usize = 16;

/// Every word by number. Numbers are given in order and never change, so a later generation can share what an
/// earlier one built.
#[derive(Debug, Clone)]
pub(super) struct Symbols {
    tracks: Words<Box<str>>,
    branches: Words<Box<str>>,
    architectures: Words<Architecture>,
    architecture_sets: Words<Box<[Architecture]>>,
    epochs: Words<Epoch>,
    formats: Words<Box<str>>,
}

impl Symbols {
    pub(super) fn new() -> Self {
        let mut symbols = Self {
            tracks: Words::default(),
            branches: Words::default(),
            architectures: Words::default(),
            architecture_sets: Words::default(),
            epochs: Words::default(),
            formats: Words::default(),
        };
        // The words nearly every lookup asks for get number 0 and are found without a search.
        symbols.tracks.number(ChannelName::STABLE.track().into());
        symbols.branches.number("".into());
        symbols.architectures.number(Architecture::ALL);
        symbols
    }

    pub(super) fn lane(&mut self, track: &Track, risk: Risk, branch: Option<&Branch>) -> LaneKey {
        LaneKey {
            track: self.tracks.number(track.as_str().into()),
            branch: self.branches.number(branch.map_or("", Branch::as_str).into()),
            risk,
        }
    }

    /// The channel's number, if any snap has or had one of that track and branch.
    pub(super) fn find_lane(&self, name: ChannelName<'_>) -> Option<LaneKey> {
        let track = match name.track() {
            "latest" => 0,
            track => self.tracks.find(track)?,
        };
        let branch = match name.branch() {
            None => 0,
            Some(branch) => self.branches.find(branch)?,
        };
        Some(LaneKey { track, branch, risk: name.risk() })
    }

    pub(super) fn channel_name(&self, key: LaneKey) -> ChannelName<'_> {
        let track = self.tracks.word(key.track);
        let branch = (key.branch != 0).then(|| self.branches.word(key.branch).as_ref());
        ChannelName::of_parts(track, key.risk, branch)
    }

    pub(super) fn architecture(&mut self, architecture: Architecture) -> u32 {
        self.architectures.number(architecture)
    }

    pub(super) fn find_architecture(&self, architecture: Architecture) -> Option<u32> {
        // Comparing a few costs less than a hash, and there are nine that snaps are built for.
        let mut few = (0_u32..).zip(&self.architectures.words).take(FEW);
        let found = few.find(|(_, known)| **known == architecture);
        found.map(|(number, _)| number).or_else(|| self.architectures.find(&architecture))
    }

    pub(super) fn architecture_of(&self, number: u32) -> Architecture {
        *self.architectures.word(number)
    }

    pub(super) fn architecture_set(&mut self, set: &[Architecture]) -> u32 {
        self.architecture_sets.number(set.into())
    }

    pub(super) fn architectures_of(&self, set: u32) -> &[Architecture] {
        self.architecture_sets.word(set)
    }

    pub(super) fn epoch(&mut self, epoch: &Epoch) -> u32 {
        self.epochs.find(epoch).unwrap_or_else(|| self.epochs.number(epoch.clone()))
    }

    pub(super) fn epoch_of(&self, number: u32) -> &Epoch {
        self.epochs.word(number)
    }

    pub(super) fn format(&mut self, format: &Label) -> u32 {
        self.formats.number(format.as_str().into())
    }

    pub(super) fn find_format(&self, format: &str) -> Option<u32> {
        self.formats.find(format)
    }
}

/// A two-way table of words and their numbers.
#[derive(Debug, Clone)]
struct Words<T> {
    words: Vec<T>,
    numbers: HashMap<T, u32, RandomState>,
}

impl<T> Default for Words<T> {
    fn default() -> Self {
        Self { words: Vec::new(), numbers: HashMap::default() }
    }
}

impl<T: Clone + Eq + Hash> Words<T> {
    fn number(&mut self, word: T) -> u32 {
        *self.numbers.entry(word).or_insert_with_key(|word| {
            self.words.push(word.clone());
            u32::try_from(self.words.len() - 1).expect("memory ends before four billion words")
        })
    }

    fn find<Q: ?Sized + Eq + Hash>(&self, word: &Q) -> Option<u32>
    where
        T: std::borrow::Borrow<Q>,
    {
        self.numbers.get(word).copied()
    }

    fn word(&self, number: u32) -> &T {
        &self.words[number as usize]
    }
}
