//! Many assertions in one text, with an empty line between each two.

use crate::assertion::Assertion;
use crate::assertion::Flaw;
use crate::assertion::text::MAX_BYTES;
use crate::assertion::text::Parts;
use crate::assertion::text::count_lines;
use std::io;
use std::io::Read;

/// How much of a stream is held at least: more than one assertion of the longest can take.
const WINDOW: usize = MAX_BYTES + 512 * 1_024;

/// How the next assertion begins behind one that cannot be read.
const BEGINNING: &[u8] = b"\n\ntype: ";

/// The assertions of a stream, one by one, in memory that does not grow with it.
///
/// One that has a flaw costs no other: reading goes on where the next empty line is followed by a `type`.
#[derive(Debug)]
pub struct Texts<R> {
    reader: R,
    buffer: Vec<u8>,
    /// What of the buffer was dealt with.
    start: usize,
    /// Whether the reader has no more.
    is_over: bool,
    /// How many lines were dealt with.
    n_lines: u64,
}

/// What stands at a place of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The line it begins in, from 1.
    pub line: u64,
    /// What it is, or its first flaw, with the line of the stream.
    pub assertion: Result<Assertion, Flaw>,
}

impl<R: Read> Texts<R> {
    /// The assertions that the reader gives; reading begins with the first that is asked for.
    pub fn new(reader: R) -> Self {
        Self { reader, buffer: Vec::new(), start: 0, is_over: false, n_lines: 0 }
    }

    /// Reads on until a window is full.
    fn fill(&mut self) -> io::Result<()> {
        if self.is_over || self.buffer.len() - self.start >= WINDOW {
            return Ok(());
        }
        // Twice the window at most: what is moved to the front was passed over once.
        self.buffer.drain(..self.start);
        self.start = 0;
        let room = (2 * WINDOW - self.buffer.len()) as u64;
        let read = self.reader.by_ref().take(room).read_to_end(&mut self.buffer)?;
        self.is_over = (read as u64) < room;
        Ok(())
    }

    fn rest(&self) -> &[u8] {
        &self.buffer[self.start..]
    }

    fn pass(&mut self, n: usize) {
        self.n_lines += count_lines(&self.rest()[..n]);
        self.start += n;
    }

    /// Passes over everything up to where an assertion seems to begin.
    fn pass_to_next(&mut self) -> io::Result<()> {
        loop {
            let found = self.rest().windows(BEGINNING.len()).position(|bytes| bytes == BEGINNING);
            if let Some(place) = found {
                self.pass(place + 2);
                return Ok(());
            }
            if self.is_over {
                self.pass(self.rest().len());
                return Ok(());
            }
            // The beginning of a beginning may stand at the end of what is there.
            self.pass(self.rest().len().saturating_sub(BEGINNING.len()));
            self.fill()?;
        }
    }

    fn find(&mut self) -> io::Result<Option<Found>> {
        loop {
            self.fill()?;
            let n_feeds = self.rest().iter().take_while(|byte| **byte == b'\n').count();
            if n_feeds == 0 {
                break;
            }
            self.pass(n_feeds);
        }
        if self.rest().is_empty() {
            return Ok(None);
        }
        let n_before = self.n_lines;
        let assertion = match Parts::find(self.rest()) {
            Ok(parts) => {
                let assertion = Assertion::read(self.rest(), &parts);
                self.pass(parts.signature.end);
                assertion
            }
            Err(flaw) => {
                self.pass_to_next()?;
                Err(flaw)
            }
        };
        let assertion = assertion.map_err(|flaw| flaw.further_down(n_before));
        Ok(Some(Found { line: n_before + 1, assertion }))
    }
}

impl<R: Read> Iterator for Texts<R> {
    type Item = io::Result<Found>;

    fn next(&mut self) -> Option<Self::Item> {
        let found = self.find();
        if found.is_err() {
            // Behind a failure there is nothing more.
            self.is_over = true;
            self.start = self.buffer.len();
        }
        found.transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn account(name: &str) -> String {
        format!(
            "type: account\nauthority-id: a\naccount-id: {name}\nsign-key-sha3-384: k\n\nAAAA\n"
        )
    }

    fn with_body(body: &str) -> String {
        let length = body.len();
        account("body").replace("\n\nAAAA", &format!("\nbody-length: {length}\n\n{body}\n\nAAAA"))
    }

    /// Each found thing as its line and its key, or the line of its flaw.
    fn found(text: &str) -> Vec<String> {
        let each = Texts::new(text.as_bytes()).map(|found| {
            let Found { line, assertion } = found.unwrap();
            match assertion {
                Ok(assertion) => format!("{line} {}", assertion.identity().key.joined()),
                Err(flaw) => format!("{line} flaw in {}", flaw.line),
            }
        });
        each.collect()
    }

    #[test]
    fn a_flaw_costs_no_other_assertion() {
        let (ann, bob) = (account("ann"), account("bob"));
        assert_eq!(found(""), [""; 0]);
        assert_eq!(found("\n\n\n"), [""; 0]);
        assert_eq!(found(&format!("{ann}\n{bob}")), ["1 ann", "8 bob"]);
        assert_eq!(found(&format!("\n\n{ann}\n\n\n{bob}\n\n")), ["3 ann", "12 bob"]);
        let bad = account("a/b");
        assert_eq!(found(&format!("{ann}\n{bad}\n{bob}")), ["1 ann", "8 flaw in 10", "15 bob"]);
        let bad = account("x").replace("account-id", "Account");
        assert_eq!(found(&format!("{ann}\n{bad}\n{bob}")), ["1 ann", "8 flaw in 10", "15 bob"]);
        assert_eq!(found(&format!("rubbish\n{ann}\n{bob}")), ["1 flaw in 1", "9 bob"]);
        assert_eq!(found(&format!("{ann}\nrubbish")), ["1 ann", "8 flaw in 8"]);
        assert_eq!(found(&format!("{bob}\n{}", ann.trim_end())), ["1 bob", "8 ann"]);
    }

    #[test]
    fn a_body_may_hold_what_looks_like_an_assertion() {
        let held = with_body(&account("ann"));
        assert_eq!(found(&format!("{held}\n{}", account("bob"))), ["1 body", "17 bob"]);
        let wrong = held.replace("body-length: ", "body-length: 9");
        let expected = ["1 flaw in 7", "7 ann", "15 flaw in 15", "17 bob"];
        assert_eq!(found(&format!("{wrong}\n{}", account("bob"))), expected);
    }

    /// A reader that gives what it has in small pieces, and fails at the end.
    struct Failing<'t>(&'t [u8], bool);

    impl Read for Failing<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            if self.0.is_empty() && self.1 {
                return Err(io::Error::other("gone"));
            }
            let n = self.0.len().min(into.len()).min(7);
            into[..n].copy_from_slice(&self.0[..n]);
            self.0 = &self.0[n..];
            Ok(n)
        }
    }

    #[test]
    fn a_reader_that_fails_ends_the_stream() {
        let text = account("ann");
        let mut texts = Texts::new(Failing(text.as_bytes(), true));
        assert!(texts.next().unwrap().is_err());
        assert!(texts.next().is_none());
        let mut texts = Texts::new(Failing(text.as_bytes(), false));
        assert_eq!(texts.next().unwrap().unwrap().assertion.unwrap().text(), text);
    }

    #[test]
    fn a_long_stream_is_held_a_window_at_a_time() {
        let (large, small) = (with_body(&"x".repeat(1_500_000)), account("small"));
        let n = 3;
        let text = format!("{large}\n{small}\nrubbish{}\n\n", "x".repeat(3_000_000)).repeat(n);
        let mut texts = Texts::new(text.as_bytes());
        let mut n_good = 0;
        let mut n_bad = 0;
        while let Some(found) = texts.next() {
            match found.unwrap().assertion {
                Ok(_) => n_good += 1,
                Err(_) => n_bad += 1,
            }
            assert!(texts.buffer.capacity() <= 8 * WINDOW, "{}", texts.buffer.capacity());
        }
        assert_eq!((n_good, n_bad), (2 * n, n));
    }

    proptest! {
        #[test]
        fn whatever_comes_the_rest_is_found(rubbish in "(\\PC|\n){0,60}", n in 1_usize..4) {
            let text = format!("{rubbish}\n\n{}", format!("{}\n", account("ann")).repeat(n));
            let good = found(&text).iter().filter(|found| found.ends_with(" ann")).count();
            prop_assert_eq!(good, n);
        }
    }
}
