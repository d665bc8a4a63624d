//! The headers of an assertion.
//!
//! A header is `name: value`. A value of several lines, a list and a map stand below their name, indented; each level
//! of nesting is two blanks further in.

use crate::assertion::Flaw;
use std::iter::Peekable;
use std::str::Split;

/// The most values of one assertion, nested ones counted: snap declarations with many rules have some hundreds.
const MAX_VALUES: usize = 10_000;
/// How deep values may nest; reading goes down the stack with them.
const MAX_DEPTH: usize = 32;

/// The value of a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A text, of one line or of several.
    Text(String),
    /// A list.
    List(Vec<Value>),
    /// A map, in the order it was written in.
    Map(Vec<(String, Value)>),
}

impl Value {
    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::List(_) | Self::Map(_) => None,
        }
    }

    /// The items, if it is a list.
    pub fn as_list(&self) -> Option<&[Self]> {
        match self {
            Self::List(items) => Some(items),
            Self::Text(_) | Self::Map(_) => None,
        }
    }

    /// The entries, if it is a map.
    pub fn as_map(&self) -> Option<&[(String, Self)]> {
        match self {
            Self::Map(entries) => Some(entries),
            Self::Text(_) | Self::List(_) => None,
        }
    }

    /// How many lines it takes, with that of its name.
    pub(super) fn n_lines(&self) -> u64 {
        match self {
            Self::Text(text) if !text.contains('\n') => 1,
            Self::Text(text) => 1 + text.split('\n').count() as u64,
            Self::List(items) => 1 + items.iter().map(Self::n_lines).sum::<u64>(),
            Self::Map(entries) => 1 + entries.iter().map(|(_, value)| value.n_lines()).sum::<u64>(),
        }
    }

    /// The entry of that name, if it is a map and has one.
    pub fn entry(&self, name: &str) -> Option<&Self> {
        self.as_map()?.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }
}

/// All headers of an assertion, in the order they were written in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Headers(Vec<(String, Value)>);

impl Headers {
    /// The value of a header.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// The text of a header, if it is there and a text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.value(name).and_then(Value::as_text)
    }

    /// Every header.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Reads the lines of the headers.
    ///
    /// # Errors
    /// With the first flaw.
    pub(super) fn read(text: &str) -> Result<Self, Flaw> {
        let mut lines = Lines { rest: text.split('\n').peekable(), number: 0, n_values: 0 };
        let mut headers = lines.entries(0, 0)?;
        // A text ends where a line is less indented; on the outermost level nothing is.
        if lines.rest.peek().is_some() {
            return Err(Flaw::new(lines.number + 1, "an empty line"));
        }
        headers.shrink_to_fit();
        Ok(Self(headers))
    }
}

/// The lines that are still to be read.
struct Lines<'t> {
    rest: Peekable<Split<'t, char>>,
    /// Of the last line read, from 1.
    number: u64,
    n_values: usize,
}

impl<'t> Lines<'t> {
    fn flaw<T>(&self, what: impl Into<String>) -> Result<T, Flaw> {
        Err(Flaw::new(self.number, what))
    }

    /// The next line behind that many blanks, if it begins with them.
    fn peek(&mut self, indent: usize) -> Option<&'t str> {
        let line = self.rest.peek()?;
        let (blanks, rest) = line.split_at_checked(indent)?;
        blanks.bytes().all(|byte| byte == b' ').then_some(rest)
    }

    fn step(&mut self) {
        self.rest.next();
        self.number += 1;
    }

    /// The entries that stand at that indentation: headers, or a map.
    fn entries(&mut self, indent: usize, depth: usize) -> Result<Vec<(String, Value)>, Flaw> {
        let mut entries: Vec<(String, Value)> = Vec::new();
        while let Some(line) = self.peek(indent).filter(|line| !line.is_empty()) {
            self.step();
            let Some((name, rest)) = line.split_once(':') else {
                return self.flaw("a colon is missing");
            };
            if !if indent == 0 { is_header_name(name) } else { is_entry_name(name) } {
                return self.flaw("this is no name of a header");
            }
            if entries.len() < FEW && entries.iter().any(|(known, _)| known == name) {
                return self.flaw(format!("the header {} is repeated", short(name)));
            }
            let value = self.value(rest, indent, depth)?;
            entries.push((name.to_owned(), value));
        }
        if entries.len() >= FEW {
            let mut names: Vec<_> = entries.iter().map(|(name, _)| name).collect();
            names.sort_unstable();
            if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
                return self.flaw(format!("the header {} is repeated", short(twice[0])));
            }
        }
        Ok(entries)
    }

    /// The value whose first line ends with `rest`, behind its colon or dash.
    fn value(&mut self, rest: &str, indent: usize, depth: usize) -> Result<Value, Flaw> {
        self.n_values += 1;
        if self.n_values > MAX_VALUES {
            return self.flaw("the headers have over 10,000 values");
        }
        if !rest.is_empty() {
            let Some(text) = rest.strip_prefix(' ') else {
                return self.flaw("a blank is missing before the value");
            };
            return Ok(Value::Text(text.to_owned()));
        }
        if depth == MAX_DEPTH {
            return self.flaw("the headers nest deeper than 32 levels");
        }
        match self.peek(indent + 2).and_then(|line| line.bytes().next()) {
            Some(b'-') => self.list(indent + 2, depth + 1),
            Some(first) if first != b' ' => Ok(Value::Map(self.entries(indent + 2, depth + 1)?)),
            _ => self.lines_of_text(indent + 4),
        }
    }

    fn list(&mut self, indent: usize, depth: usize) -> Result<Value, Flaw> {
        let mut items = Vec::new();
        while let Some(line) = self.peek(indent).filter(|line| !line.is_empty()) {
            self.step();
            let Some(rest) = line.strip_prefix('-') else {
                return self.flaw("an item of a list begins with a dash");
            };
            items.push(self.value(rest, indent, depth)?);
        }
        Ok(Value::List(items))
    }

    fn lines_of_text(&mut self, indent: usize) -> Result<Value, Flaw> {
        let mut text: Option<String> = None;
        while let Some(line) = self.peek(indent) {
            self.step();
            text = Some(match text {
                None => line.to_owned(),
                Some(before) => before + "\n" + line,
            });
        }
        match text {
            Some(text) => Ok(Value::Text(text)),
            None => self.flaw("a value is missing"),
        }
    }
}

/// Up to so many names are compared one by one.
const FEW: usize = 32;

/// What is shown of a name.
fn short(name: &str) -> String {
    name.chars().take(64).collect()
}

/// Words of small letters and digits with single dashes between them; the first begins with a letter.
fn is_header_name(name: &str) -> bool {
    let is_word = |word: &str| {
        !word.is_empty()
            && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    name.starts_with(|first: char| first.is_ascii_lowercase()) && name.split('-').all(is_word)
}

/// Names in maps are those of plugs, slots and attributes, which are freer.
fn is_entry_name(name: &str) -> bool {
    !name.is_empty() && !name.starts_with([' ', '-']) && !name.chars().any(char::is_control)
}

#[cfg(test)]
pub(super) mod tests;
