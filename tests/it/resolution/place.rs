//! Channels by contract 5.1 and 5.2, read a second time.

pub(super) const RISKS: [&str; 4] = ["stable", "candidate", "beta", "edge"];

/// A channel as asked for (contract 5.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) track: Option<String>,
    /// A place in [`RISKS`].
    pub(super) risk: usize,
    pub(super) branch: Option<String>,
}

impl Place {
    pub(super) fn read(text: &str) -> Option<Self> {
        let risk_of = |word: &str| RISKS.iter().position(|risk| *risk == word);
        let parts: Vec<&str> = text.split('/').collect();
        let (track, risk, branch) = match parts.as_slice() {
            [word] if risk_of(word).is_some() => (None, risk_of(word)?, None),
            [track] => (Some(*track), 0, None),
            [word, branch] if risk_of(word).is_some() => (None, risk_of(word)?, Some(*branch)),
            [track, risk] => (Some(*track), risk_of(risk)?, None),
            [track, risk, branch] => (Some(*track), risk_of(risk)?, Some(*branch)),
            _ => return None,
        };
        let is_good = |part: &str| {
            let odd = |char: char| char.is_whitespace() || char.is_control();
            !part.is_empty() && part.len() <= 128 && !part.chars().any(odd)
        };
        let parts_are_good = [track, branch].into_iter().flatten().all(is_good);
        if !parts_are_good || track.is_some_and(|track| risk_of(track).is_some()) {
            return None;
        }
        let own = |part: &str| part.to_owned();
        Some(Self { track: track.map(own), risk, branch: branch.map(own) })
    }

    pub(super) fn track(&self) -> &str {
        self.track.as_deref().unwrap_or("latest")
    }

    pub(super) fn long(&self) -> String {
        let branch = self.branch.as_ref().map(|branch| format!("/{branch}"));
        format!("{}/{}{}", self.track(), RISKS[self.risk], branch.unwrap_or_default())
    }

    pub(super) fn short(&self) -> String {
        let long = self.long();
        long.strip_prefix("latest/").unwrap_or(&long).to_owned()
    }
}
