//! Epochs: which data formats a revision can read and which it writes (contract section 6).

use crate::snap::Invalid;
use std::fmt;
use std::str::FromStr;

/// The longest list of epoch numbers (contract 6.2).
const MAX: usize = 10;

/// A list of 1 to 10 epoch numbers, strictly increasing.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Epochs(Numbers);

/// Nearly every list holds one number, and a context holds two lists for each snap.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Numbers {
    One(u32),
    Many(Box<[u32]>),
}

impl Epochs {
    /// The list of these numbers.
    ///
    /// # Errors
    /// When there is none, there are more than ten, or they do not increase.
    pub fn new(numbers: &[u32]) -> Result<Self, Invalid> {
        let no = |rule| Err(Invalid::new("epoch", rule));
        if let [number] = numbers {
            return Ok(Self::one(*number));
        }
        if numbers.is_empty() || numbers.len() > MAX {
            return no("lists of 1 to 10 numbers");
        }
        if !numbers.is_sorted_by(|one, next| one < next) {
            return no("lists that increase strictly");
        }
        Ok(Self(Numbers::Many(numbers.into())))
    }

    /// The list of that number alone.
    pub const fn one(number: u32) -> Self {
        Self(Numbers::One(number))
    }

    /// The numbers, least first.
    pub fn as_slice(&self) -> &[u32] {
        match &self.0 {
            Numbers::One(number) => std::slice::from_ref(number),
            Numbers::Many(numbers) => numbers,
        }
    }

    /// The greatest number.
    pub fn newest(&self) -> u32 {
        *self.as_slice().last().expect("a list holds at least one")
    }

    fn meets(&self, other: &Self) -> bool {
        self.as_slice().iter().any(|number| other.as_slice().contains(number))
    }
}

impl fmt::Debug for Epochs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_slice().fmt(f)
    }
}

/// An epoch: the formats a revision reads and those it writes, with at least one in common.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Epoch {
    read: Epochs,
    write: Epochs,
}

impl Epoch {
    /// Epoch 0, which revisions that declare none are in.
    pub const ZERO: Self = Self::one(0);

    /// The epoch of revisions that read and write that format alone.
    pub const fn one(number: u32) -> Self {
        Self { read: Epochs::one(number), write: Epochs::one(number) }
    }

    /// The epoch of these two lists.
    ///
    /// # Errors
    /// When they have no number in common.
    pub fn new(read: Epochs, write: Epochs) -> Result<Self, Invalid> {
        if read.meets(&write) {
            Ok(Self { read, write })
        } else {
            Err(Invalid::new("epoch", "read and write with a number in common"))
        }
    }

    /// The epoch of lists of which either may be left out: it follows from the other (contract 6.1).
    ///
    /// # Errors
    /// As [`Epoch::new`].
    pub fn of_lists(read: Option<Epochs>, write: Option<Epochs>) -> Result<Self, Invalid> {
        match (read, write) {
            (Some(read), Some(write)) => Self::new(read, write),
            (None, Some(write)) => Self::new(write.clone(), write),
            (Some(read), None) => {
                let newest = Epochs::one(read.newest());
                Self::new(read, newest)
            }
            (None, None) => Ok(Self::ZERO),
        }
    }

    /// The formats it reads.
    pub fn read(&self) -> &Epochs {
        &self.read
    }

    /// The formats it writes.
    pub fn write(&self) -> &Epochs {
        &self.write
    }

    /// Whether a revision of this epoch can read the data a revision of `other` wrote (contract 6.3).
    pub fn can_read(&self, other: &Self) -> bool {
        self.read.meets(&other.write)
    }
}

/// The short form of a package's metadata (contract 6.1): `0`, `1`, `2*`.
impl FromStr for Epoch {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let no = Invalid::new("epoch", "a number, or a number of at least 1 and a star");
        let digits = text.strip_suffix('*').unwrap_or(text);
        let canonical = digits == "0" || !digits.starts_with('0');
        if !canonical || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(no);
        }
        if text.is_empty() {
            return Ok(Self::ZERO);
        }
        let number: u32 = digits.parse().map_err(|_| no)?;
        let one = Epochs::one(number);
        if digits.len() == text.len() {
            return Self::new(one.clone(), one);
        }
        let before = number.checked_sub(1).ok_or(no)?;
        Self::new(Epochs::new(&[before, number])?, one)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_forms_unfold() {
        let epoch: Epoch = "2*".parse().expect("an epoch");
        assert_eq!(epoch.read().as_slice(), [1, 2]);
        assert_eq!(epoch.write().as_slice(), [2]);
        assert_eq!("".parse(), Ok(Epoch::ZERO));
        for bad in ["0*", "*", "01", "-1", "1.0", "4294967296", "+1"] {
            assert!(bad.parse::<Epoch>().is_err(), "{bad}");
        }
    }

    #[test]
    fn lists_must_increase_and_meet() {
        assert!(Epochs::new(&[]).is_err());
        assert!(Epochs::new(&[1, 1]).is_err());
        assert!(Epochs::new(&[0; 11]).is_err());
        assert!(Epoch::new(Epochs::one(0), Epochs::one(1)).is_err());
    }
}
