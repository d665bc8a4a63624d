//! Invented texts.

use crate::exchange::generate::dice::Dice;

const SUBJECTS: [&str; 14] = [
    "It",
    "The editor",
    "Your work",
    "The built-in search",
    "Every view",
    "The command line",
    "A small daemon",
    "The main window",
    "Each project",
    "The importer",
    "A plug-in",
    "The cache",
    "The scheduler",
    "The preview",
];
const VERBS: [&str; 14] = [
    "keeps",
    "opens",
    "shows",
    "collects",
    "compares",
    "converts",
    "sorts",
    "shares",
    "checks",
    "renders",
    "reads and writes",
    "watches",
    "remembers",
    "exports",
];
const OBJECTS: [&str; 16] = [
    "plain text files",
    "large tables",
    "pictures of any size",
    "notes from several devices",
    "logs of remote machines",
    "old backups",
    "drawings in layers",
    "music without gaps",
    "maps of your surroundings",
    "messages from your team",
    "measurements as they come in",
    "recipes and shopping lists",
    "archives of every common format",
    "time spent on each task",
    "passwords in one sealed file",
    "changes since the last release",
];
const MANNERS: [&str; 16] = [
    "without a connection",
    "in a few milliseconds",
    "side by side",
    "on every screen",
    "with a single key",
    "even on small machines",
    "as you type",
    "in the background",
    "in more than thirty languages",
    "without leaving the keyboard",
    "with full history",
    "the way you arranged it",
    "and never loses a line",
    "with sensible defaults",
    "for as long as you like",
    "under your control",
];
const PURPOSES: [&str; 20] = [
    "A calm place to write",
    "Draw diagrams from text",
    "Play music from anywhere",
    "Keep an eye on your servers",
    "A fast viewer for large tables",
    "Plan the week in one view",
    "Edit pictures without fuss",
    "Sync folders between machines",
    "A terminal that stays out of the way",
    "Measure how time is spent",
    "Build and test in one step",
    "Read the news in peace",
    "A puzzle game for long journeys",
    "Convert between many formats",
    "Host a small wiki",
    "Share files in the local network",
    "Learn vocabulary by playing",
    "Talk to your devices",
    "A small database with a friendly face",
    "Watch the weather over the hills",
];

/// A word with a capital.
pub(super) fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().into_iter().flat_map(char::to_uppercase).chain(chars).collect()
}

/// One line on what a snap is.
pub(super) fn summary(dice: &mut Dice) -> String {
    let purpose = dice.one_of(&PURPOSES);
    if dice.per_mille(500) {
        format!("{purpose} {}", dice.one_of(&MANNERS))
    } else {
        purpose.to_owned()
    }
}

/// A few paragraphs: about 600 characters in the middle case, a line or two in some, pages in others.
pub(super) fn description(title: &str, summary: &str, dice: &mut Dice) -> String {
    let mut text = format!("{title}: {summary}.");
    let n_sentences = dice.weighted(&[(150, 2), (250, 5), (250, 8), (200, 13), (150, 24)]);
    for _ in 0..n_sentences {
        match dice.below(10) {
            0 | 1 => text.push_str("\n\n"),
            2 => text.push_str("\n\n* "),
            _ => text.push(' '),
        }
        let (subject, verb) = (dice.one_of(&SUBJECTS), dice.one_of(&VERBS));
        let (object, manner) = (dice.one_of(&OBJECTS), dice.one_of(&MANNERS));
        for part in [subject, " ", verb, " ", object, " ", manner, "."] {
            text.push_str(part);
        }
    }
    text
}
