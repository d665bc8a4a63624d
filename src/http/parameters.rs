//! The query of a question of operators (contract C6): every fault is told, each with its parameter.

use crate::http::problem::CodedFault;
use crate::http::problem::Problem;
use crate::http::route::decode;
use std::borrow::Cow;

/// The parameters of a query as they are read, and what is wrong with them.
pub(super) struct Query<'q> {
    pairs: Vec<(Cow<'q, str>, Cow<'q, str>)>,
    faults: Vec<CodedFault>,
}

impl<'q> Query<'q> {
    /// The parameters of a route that takes these and no others, each once.
    pub(super) fn new(query: &'q str, known: &[&str]) -> Self {
        let mut read = Self { pairs: Vec::new(), faults: Vec::new() };
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decode(name), decode(value));
            if !known.contains(&name.as_ref()) {
                let message = match known {
                    [] => "this path takes no parameters".to_owned(),
                    known => format!("unknown parameter; there are {}", known.join(", ")),
                };
                // What was sent is shown only if it looks like a name.
                let is_plain = |char: char| char.is_ascii_alphanumeric() || "-_".contains(char);
                let is_name = name.len() <= 64 && name.chars().all(is_plain);
                read.fault("unknown-parameter", if is_name { &name } else { "" }, message);
            } else if read.pairs.iter().any(|(earlier, _)| *earlier == name) {
                read.fault("repeated-parameter", &name, "this may be given once".to_owned());
            } else {
                read.pairs.push((name, value));
            }
        }
        read
    }

    /// Whether a parameter is given.
    pub(super) fn has(&self, name: &str) -> bool {
        self.pairs.iter().any(|(known, _)| known == name)
    }

    /// The value of a parameter, as `parse` reads it; when that finds nothing, the fault has the code and the message.
    pub(super) fn read<T>(
        &mut self,
        name: &str,
        (code, message): (&'static str, &str),
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let (_, value) = self.pairs.iter().find(|(known, _)| known == name)?;
        let parsed = parse(value);
        if parsed.is_none() {
            self.fault(code, name, message.to_owned());
        }
        parsed
    }

    /// Tells of something that is wrong with the query as a whole.
    pub(super) fn refuse(&mut self, code: &'static str, message: &str) {
        self.fault(code, "", message.to_owned());
    }

    /// Nothing, or everything that is wrong.
    pub(super) fn checked(self) -> Result<(), Problem> {
        if self.faults.is_empty() { Ok(()) } else { Err(Problem::Refused(self.faults)) }
    }

    fn fault(&mut self, code: &'static str, name: &str, message: String) {
        self.faults.push(CodedFault { code, message, pointer: format!("query:{name}") });
    }
}
