//! Texts with a bound and a rule: lines, prose, labels, versions, store ids.

use crate::snap::Invalid;
use crate::snap::codec::text_codec;
use std::fmt;
use std::str::FromStr;

/// Declares a text type whose every value passes `check`.
macro_rules! checked_text {
    ($(#[$meta:meta])* $name:ident, $what:literal, $check:expr) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Box<str>);

        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = Invalid;

            fn from_str(text: &str) -> Result<Self, Invalid> {
                let check: fn(&str) -> Result<(), &'static str> = $check;
                check(text).map_err(|rule| Invalid::new($what, rule))?;
                Ok(Self(text.into()))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        text_codec!($name);
    };
}
pub(crate) use checked_text;

checked_text!(
    /// One line of text for people (title, summary, contact, licence): at most 2,048 characters, no control
    /// characters. May be empty.
    Line,
    "line of text",
    |text| {
        if text.chars().count() > 2_048 {
            return Err("at most 2,048 characters");
        }
        if text.chars().any(char::is_control) {
            return Err("no control characters");
        }
        Ok(())
    }
);

checked_text!(
    /// Longer text (description, `snap.yaml`): at most 256 KiB, no NUL character (PostgreSQL cannot hold one).
    Prose,
    "text",
    |text| {
        if text.len() > 256 * 1024 {
            return Err("at most 256 KiB");
        }
        if text.contains('\0') {
            return Err("no NUL characters");
        }
        Ok(())
    }
);

checked_text!(
    /// A short machine-readable word: 1 to 128 visible ASCII characters (category, link key, account id,
    /// delta format, component name, media type).
    Label,
    "label",
    |text| {
        if text.is_empty() || text.len() > 128 {
            return Err("1 to 128 characters");
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("visible ASCII characters only");
        }
        Ok(())
    }
);

checked_text!(
    /// A version string: 1 to 32 visible ASCII characters, as snapd validates it later (contract 3.3).
    Version,
    "version",
    |text| {
        if text.is_empty() || text.len() > 32 {
            return Err("1 to 32 characters");
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("printable ASCII without spaces");
        }
        Ok(())
    }
);

checked_text!(
    /// The id of a store: 1 to 64 characters of `[A-Za-z0-9_-]`. `ubuntu` names the public store.
    StoreId,
    "store id",
    |text| {
        if text.is_empty() || text.len() > 64 {
            return Err("1 to 64 characters");
        }
        if !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte)) {
            return Err("letters, digits, dashes and underscores only");
        }
        Ok(())
    }
);

impl StoreId {
    /// The id that devices of the public store may send (contract 1.1).
    pub const PUBLIC: &'static str = "ubuntu";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_snapd_or_postgres_would_choke_on_is_refused() {
        assert!("a\u{0}b".parse::<Prose>().is_err());
        assert!("two\nlines".parse::<Line>().is_err());
        assert!("two\nlines".parse::<Prose>().is_ok());
        assert!("1.0 beta".parse::<Version>().is_err());
        assert!("".parse::<Version>().is_err());
        assert!("1".repeat(33).parse::<Version>().is_err());
        assert!("acme lab".parse::<StoreId>().is_err());
        assert!("".parse::<Label>().is_err());
    }
}
