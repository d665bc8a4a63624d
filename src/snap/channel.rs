//! Channels: `[track/]risk[/branch]`, or a track alone (contract section 5).

use crate::snap::Invalid;
use crate::snap::codec::text_codec;
use crate::snap::text::checked_text;
use std::fmt;
use std::str::FromStr;

/// How much risk a channel carries; `Ord` goes from the most to the least stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Risk {
    /// For everybody.
    Stable,
    /// About to become stable.
    Candidate,
    /// For testers.
    Beta,
    /// Straight from the builders.
    Edge,
}

impl Risk {
    /// Every risk, most stable first.
    pub const ALL: [Self; 4] = [Self::Stable, Self::Candidate, Self::Beta, Self::Edge];

    /// The word for it on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stable => "stable",
            Self::Candidate => "candidate",
            Self::Beta => "beta",
            Self::Edge => "edge",
        }
    }

    fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|risk| risk.as_str() == word)
    }

    /// This risk and every more stable one, in the order a closed channel falls through (contract 5.3).
    pub fn and_safer(self) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().rev().filter(move |risk| *risk <= self)
    }
}

impl FromStr for Risk {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::of_word(text).ok_or(Invalid::new("risk", "one of stable, candidate, beta, edge"))
    }
}

impl fmt::Display for Risk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

text_codec!(Risk);

/// The longest track or branch, in bytes.
const MAX_PART: usize = 128;

fn check_part(part: &str) -> Result<(), &'static str> {
    if part.is_empty() {
        return Err("no empty parts");
    }
    if part.len() > MAX_PART {
        return Err("parts of at most 128 bytes");
    }
    // Nearly every part is plain.
    if part.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'/') {
        return Ok(());
    }
    if part.chars().any(|char| char == '/' || char.is_whitespace() || char.is_control()) {
        return Err("no white space or control characters");
    }
    Ok(())
}

fn check_track(track: &str) -> Result<(), &'static str> {
    if Risk::of_word(track).is_some() {
        // `edge/stable` would read as the branch `stable` of the risk `edge`.
        return Err("a track that is not named like a risk");
    }
    check_part(track)
}

checked_text!(
    /// A track, such as `latest` or `2.0`: a line of releases that a device stays on.
    Track,
    "track",
    check_track
);

checked_text!(
    /// A branch: a temporary channel beside a risk, such as `fix-77`.
    Branch,
    "branch",
    check_part
);

/// The track of channels that name none.
const LATEST: &str = "latest";

impl Track {
    /// Whether this is `latest`, which short names leave out.
    pub fn is_latest(&self) -> bool {
        self.as_str() == LATEST
    }
}

/// A channel's name as somebody wrote it, checked, borrowed from what they sent. It remembers whether a track
/// was named, which decides over the default track (contract 5.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChannelName<'a> {
    track: Option<&'a str>,
    risk: Risk,
    branch: Option<&'a str>,
}

impl<'a> ChannelName<'a> {
    /// `stable`, with no track named: what is meant where nothing is said.
    pub const STABLE: ChannelName<'static> =
        ChannelName { track: None, risk: Risk::Stable, branch: None };

    /// Reads a channel's name. The one that nearly every device follows is known without looking at its parts.
    ///
    /// # Errors
    /// When it is not a channel by contract 5.1.
    pub fn parse(text: &'a str) -> Result<Self, Invalid> {
        let no = |rule| Invalid::new("channel", rule);
        if text == "latest/stable" {
            return Ok(Self { track: Some(LATEST), ..Self::STABLE });
        }
        let mut parts = text.split('/');
        let (first, second, third) = (parts.next(), parts.next(), parts.next());
        if parts.next().is_some() {
            return Err(no("at most three parts: track/risk/branch"));
        }
        let risk =
            |word| Risk::of_word(word).ok_or(no("a risk is stable, candidate, beta or edge"));
        let name = match (first.unwrap_or_default(), second, third) {
            (word, None, _) => match Risk::of_word(word) {
                Some(risk) => Self { track: None, risk, branch: None },
                None => Self { track: Some(word), risk: Risk::Stable, branch: None },
            },
            (first, Some(second), None) => match Risk::of_word(first) {
                Some(risk) => Self { track: None, risk, branch: Some(second) },
                None => Self { track: Some(first), risk: risk(second)?, branch: None },
            },
            (track, Some(word), Some(branch)) => {
                Self { track: Some(track), risk: risk(word)?, branch: Some(branch) }
            }
        };
        name.track.map_or(Ok(()), check_track).map_err(no)?;
        name.branch.map_or(Ok(()), check_part).map_err(no)?;
        Ok(name)
    }

    /// The name of a channel whose parts were checked before.
    pub(crate) fn of_parts(track: &'a str, risk: Risk, branch: Option<&'a str>) -> Self {
        Self { track: Some(track), risk, branch }
    }

    /// The track, `latest` where none is named.
    pub fn track(self) -> &'a str {
        self.track.unwrap_or(LATEST)
    }

    /// The risk, `stable` where none is named.
    pub fn risk(self) -> Risk {
        self.risk
    }

    /// The branch, if one is named.
    pub fn branch(self) -> Option<&'a str> {
        self.branch
    }

    /// Whether a track is named; `latest/stable` names one, `stable` does not.
    pub fn names_track(self) -> bool {
        self.track.is_some()
    }

    /// The same risk and branch in another track.
    #[must_use]
    pub fn in_track<'b>(self, track: &'b Track) -> ChannelName<'b>
    where
        'a: 'b,
    {
        ChannelName { track: Some(track.as_str()), ..self }
    }

    /// The risk that the branch hangs on.
    #[must_use]
    pub fn without_branch(self) -> Self {
        Self { branch: None, ..self }
    }

    /// Whether both name the same channel, in whatever spelling.
    pub fn is_same(self, other: ChannelName<'_>) -> bool {
        (self.track(), self.risk, self.branch) == (other.track(), other.risk, other.branch)
    }
}

/// The short form (contract 5.2): `latest` is left out, the risk never is.
impl fmt::Display for ChannelName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.track() != LATEST {
            write!(f, "{}/", self.track())?;
        }
        f.write_str(self.risk.as_str())?;
        match self.branch {
            Some(branch) => write!(f, "/{branch}"),
            None => Ok(()),
        }
    }
}

/// A channel: equal channels are equal values, however they were spelt.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Channel {
    /// The track.
    pub track: Track,
    /// The risk.
    pub risk: Risk,
    /// The branch, if it is one.
    pub branch: Option<Branch>,
}

impl Channel {
    /// The channel's name, with its track.
    pub fn name(&self) -> ChannelName<'_> {
        let branch = self.branch.as_ref().map(Branch::as_str);
        ChannelName::of_parts(self.track.as_str(), self.risk, branch)
    }
}

impl From<ChannelName<'_>> for Channel {
    fn from(name: ChannelName<'_>) -> Self {
        let checked = "a channel's name holds checked parts";
        Self {
            track: name.track().parse().expect(checked),
            risk: name.risk,
            branch: name.branch.map(|branch| branch.parse().expect(checked)),
        }
    }
}

impl FromStr for Channel {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        ChannelName::parse(text).map(Self::from)
    }
}

/// The short form (contract 5.2).
impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.name().fmt(f)
    }
}

text_codec!(Channel);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_has_one_short_form() {
        for (input, short) in [
            ("stable", "stable"),
            ("latest", "stable"),
            ("latest/stable", "stable"),
            ("edge/fix", "edge/fix"),
            ("latest/edge/fix", "edge/fix"),
            ("1.0", "1.0/stable"),
            ("1.0/beta/foo", "1.0/beta/foo"),
        ] {
            let channel: Channel = input.parse().expect("a channel");
            assert_eq!(channel.to_string(), short);
            assert_eq!(short.parse(), Ok(channel));
        }
    }

    #[test]
    fn what_is_no_channel_is_refused() {
        let long = "x".repeat(129);
        for bad in [
            "",
            "/",
            "1.0/cand",
            "fix//hot",
            "/stable",
            "//stable",
            "stable/",
            "a/b/c/d",
            "edge/stable/x",
            "a b",
            "1.0/stable/",
            "stable/a\tb",
            &long,
        ] {
            assert!(bad.parse::<Channel>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_risk_falls_only_towards_safety() {
        let walk: Vec<_> = Risk::Beta.and_safer().collect();
        assert_eq!(walk, [Risk::Beta, Risk::Candidate, Risk::Stable]);
    }
}
