//! Sets of snaps picked by hand.

use crate::snap::Invalid;
use crate::snap::SnapId;
use std::fmt;
use std::str::FromStr;

/// What the name of a slice loses on its way to an id (contract/rankings 2.3).
const DROPPED: &str = "!@#$%^&*()+=[]{}|;:,.<>?/";

/// The id of a slice: the slug of its first name, which never changes. 1 to 128 characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SliceId(Box<str>);

impl SliceId {
    /// The id a slice of that name is given.
    ///
    /// # Errors
    /// When nothing is left of the name, or too much.
    pub fn of_name(name: &str) -> Result<Self, Invalid> {
        let kept = |letter: &char| !DROPPED.contains(*letter);
        let slug = name.to_lowercase().replace(' ', "_").chars().filter(kept).collect::<String>();
        slug.parse()
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SliceId {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let n = text.chars().count();
        if n == 0 || n > 128 || text.chars().any(char::is_control) {
            return Err(Invalid::new("slice id", "1 to 128 characters, none of control"));
        }
        Ok(Self(text.into()))
    }
}

impl fmt::Display for SliceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A set of snaps that an editor picked, in the editor's order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slice {
    /// Its id.
    pub id: SliceId,
    /// Its name, as shown to people.
    pub name: String,
    /// What it is for, as shown to people.
    pub description: String,
    /// Its snaps, in order.
    pub snaps: Vec<SnapId>,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vectors of contract/rankings 14.
    #[test]
    fn a_name_becomes_a_slug() {
        let slug = |name: &str| SliceId::of_name(name).map(|id| id.to_string());
        for (name, expected) in [
            ("Our Picks! 2026", "our_picks_2026"),
            ("C++ & Rust", "c__rust"),
            ("a/b.c", "abc"),
            ("Top-10", "top-10"),
            ("Don't \\ `~", "don't_\\_`~"),
            ("Über uns", "über_uns"),
        ] {
            assert_eq!(slug(name).as_deref(), Ok(expected), "{name}");
        }
        assert!(slug("").is_err());
        assert!(slug("!?").is_err());
    }
}
