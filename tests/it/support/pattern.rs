//! The pattern language of the scenario files: JSON that says what an answer must look like.
//!
//! A plain value matches itself; an object matches one with at least these members; an array
//! matches in length and order. An object with one `$` member is a rule. A pattern is parsed
//! before it is used, so that a misspelt rule is an error and not a test that cannot fail.

use regex::Regex;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::Mutex;
use std::sync::PoisonError;

/// What one place of an answer must look like.
pub(crate) struct Pattern {
    source: Value,
    rule: Rule,
}

enum Rule {
    Absent,
    Any,
    Equal,
    Type(&'static str),
    Regex(Regex),
    Contains(String),
    Gte(f64),
    Keys(Vec<String>),
    Object(Vec<(String, Pattern)>),
    Array(Vec<Pattern>),
    Unordered(Vec<Pattern>),
    Superset(Vec<Pattern>),
    None(Box<Pattern>),
    All(Vec<Pattern>),
    Not(Box<Pattern>),
}

/// One place where an answer is not what it should be.
#[derive(Debug, PartialEq)]
pub(crate) struct Mismatch {
    pub(crate) pointer: String,
    pub(crate) expected: String,
    pub(crate) got: String,
}

impl Mismatch {
    /// A mismatch at a JSON pointer, with what was expected and what was found there.
    pub(crate) fn new(pointer: &str, expected: &dyn Display, got: Option<&Value>) -> Self {
        let got = got.map_or_else(|| "nothing".to_owned(), Value::to_string);
        Self { pointer: pointer.to_owned(), expected: expected.to_string(), got }
    }
}

impl Pattern {
    /// Reads a pattern, or says which rule of it makes no sense.
    pub(crate) fn parse(source: &Value) -> Result<Self, String> {
        let rule = match source {
            Value::Array(items) => Rule::Array(parse_each(items)?),
            Value::Object(members) => {
                match members.iter().find(|(name, _)| name.starts_with('$')) {
                    Some((name, argument)) if members.len() == 1 => parse_rule(name, argument)?,
                    Some((name, _)) => return Err(format!("{name} has neighbours in {source}")),
                    None => Rule::Object(
                        members
                            .iter()
                            .map(|(name, value)| Ok((name.clone(), Self::parse(value)?)))
                            .collect::<Result<_, String>>()?,
                    ),
                }
            }
            _ => Rule::Equal,
        };
        Ok(Self { source: source.clone(), rule })
    }

    /// Every place where the value is not what the pattern says; none if it matches.
    pub(crate) fn mismatches(&self, got: Option<&Value>) -> Vec<Mismatch> {
        let mut found = Vec::new();
        self.compare(got, "", &mut found);
        found
    }

    fn matches(&self, got: &Value) -> bool {
        self.mismatches(Some(got)).is_empty()
    }

    fn compare(&self, got: Option<&Value>, at: &str, found: &mut Vec<Mismatch>) {
        let holds = match (&self.rule, got) {
            (Rule::Absent, got) => got.is_none(),
            (Rule::All(patterns), got) => {
                return patterns.iter().for_each(|pattern| pattern.compare(got, at, found));
            }
            (Rule::Any, Some(_)) => true,
            (Rule::Equal, Some(got)) => *got == self.source,
            (Rule::Type(name), Some(got)) => type_of(got) == *name,
            (Rule::Regex(regex), Some(got)) => got.as_str().is_some_and(|got| regex.is_match(got)),
            (Rule::Contains(part), Some(got)) => got.as_str().is_some_and(|got| got.contains(part)),
            (Rule::Gte(least), Some(got)) => got.as_f64().is_some_and(|got| got >= *least),
            (Rule::Not(pattern), Some(got)) => !pattern.matches(got),
            (Rule::Keys(names), Some(got)) => got.as_object().is_some_and(|got| {
                got.len() == names.len() && names.iter().all(|name| got.contains_key(name))
            }),
            (Rule::Object(members), Some(Value::Object(got))) => {
                return members.iter().for_each(|(name, pattern)| {
                    pattern.compare(got.get(name), &member(at, name), found);
                });
            }
            (Rule::Array(items), Some(Value::Array(got))) if items.len() == got.len() => {
                return items.iter().zip(got).enumerate().for_each(|(index, (item, got))| {
                    item.compare(Some(got), &format!("{at}/{index}"), found);
                });
            }
            (Rule::Unordered(items), Some(Value::Array(got))) => pairs_up(items, got),
            (Rule::Superset(items), Some(array @ Value::Array(got))) => {
                return items
                    .iter()
                    .filter(|item| !got.iter().any(|got| item.matches(got)))
                    .for_each(|item| found.push(Mismatch::new(at, &item.source, Some(array))));
            }
            (Rule::None(pattern), Some(Value::Array(items))) => {
                return items.iter().enumerate().filter(|(_, got)| pattern.matches(got)).for_each(
                    |(index, item)| {
                        let at = format!("{at}/{index}");
                        found.push(Mismatch::new(&at, &self.source, Some(item)));
                    },
                );
            }
            _ => false,
        };
        if !holds {
            found.push(Mismatch::new(at, &self.source, got));
        }
    }
}

fn parse_rule(name: &str, argument: &Value) -> Result<Rule, String> {
    let wrong = || format!("{name} cannot take {argument}");
    let text = || argument.as_str().map(str::to_owned).ok_or_else(wrong);
    let list = || parse_each(argument.as_array().ok_or_else(wrong)?);
    let inner = || Pattern::parse(argument).map(Box::new);
    Ok(match name {
        "$absent" if *argument == Value::Bool(true) => Rule::Absent,
        "$any" if *argument == Value::Bool(true) => Rule::Any,
        "$type" => {
            let asked = text()?;
            Rule::Type(TYPES.iter().find(|name| **name == asked).ok_or_else(wrong)?)
        }
        "$regex" => Rule::Regex(compiled(&text()?)?),
        "$contains" => Rule::Contains(text()?),
        "$gte" => Rule::Gte(argument.as_f64().ok_or_else(wrong)?),
        "$keys" => {
            let names = argument.as_array().ok_or_else(wrong)?.iter();
            let names = names.map(|name| name.as_str().map(str::to_owned));
            Rule::Keys(names.collect::<Option<_>>().ok_or_else(wrong)?)
        }
        "$unordered" => Rule::Unordered(list()?),
        "$superset" => Rule::Superset(list()?),
        "$all" => Rule::All(list()?),
        "$none" => Rule::None(inner()?),
        "$not" => Rule::Not(inner()?),
        _ => return Err(format!("{name}: {argument} is no rule")),
    })
}

/// Compiling is most of the cost of a pattern, and few different expressions are in use.
fn compiled(expression: &str) -> Result<Regex, String> {
    static COMPILED: Mutex<BTreeMap<String, Regex>> = Mutex::new(BTreeMap::new());
    let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(regex) = compiled.get(expression) {
        return Ok(regex.clone());
    }
    let regex = Regex::new(expression).map_err(|error| error.to_string())?;
    compiled.insert(expression.to_owned(), regex.clone());
    Ok(regex)
}

fn parse_each(items: &[Value]) -> Result<Vec<Pattern>, String> {
    items.iter().map(Pattern::parse).collect()
}

const TYPES: [&str; 7] = ["integer", "number", "string", "array", "object", "boolean", "null"];

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
        Value::Bool(_) => "boolean",
        Value::Null => "null",
    }
}

fn member(at: &str, name: &str) -> String {
    format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// Whether every pattern can have an element of its own (augmenting paths; first fit would not do).
fn pairs_up(patterns: &[Pattern], items: &[Value]) -> bool {
    fn place(
        pattern: usize,
        fits: &[Vec<bool>],
        owner: &mut [Option<usize>],
        tried: &mut [bool],
    ) -> bool {
        (0..owner.len()).any(|item| {
            let free = fits[pattern][item] && !std::mem::replace(&mut tried[item], true);
            let taken = free && owner[item].is_none_or(|other| place(other, fits, owner, tried));
            if taken {
                owner[item] = Some(pattern);
            }
            taken
        })
    }
    let fits = |pattern: &Pattern| items.iter().map(|item| pattern.matches(item)).collect();
    let fits: Vec<Vec<bool>> = patterns.iter().map(fits).collect();
    let mut owner = vec![None; items.len()];
    patterns.len() == items.len()
        && (0..patterns.len())
            .all(|pattern| place(pattern, &fits, &mut owner, &mut vec![false; items.len()]))
}

#[cfg(test)]
#[path = "pattern_tests.rs"]
mod tests;
