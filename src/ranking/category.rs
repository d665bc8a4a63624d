//! The rankings there are.

use crate::snap::Invalid;
use std::fmt;
use std::str::FromStr;

/// A ranking of snaps (contract/rankings 2.2). `Ord` is the order in which equal scores choose (contract 4.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// What many devices have.
    Popular,
    /// What changed lately.
    Recent,
    /// What many devices have and changed lately.
    Trending,
    /// What people vote for.
    TopRated,
}

impl Category {
    /// Every category, in their order.
    pub const ALL: [Self; 4] = [Self::Popular, Self::Recent, Self::Trending, Self::TopRated];

    /// The word for it in paths and tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Popular => "popular",
            Self::Recent => "recent",
            Self::Trending => "trending",
            Self::TopRated => "top_rated",
        }
    }
}

impl FromStr for Category {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let known = Self::ALL.into_iter().find(|category| category.as_str() == text);
        known.ok_or(Invalid::new("category", "one of popular, recent, trending, top_rated"))
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
