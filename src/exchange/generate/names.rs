//! Invented names.

const FIRST: [&str; 80] = [
    "amber", "ancient", "autumn", "azure", "bold", "brave", "breezy", "bright", "brisk", "calm",
    "candid", "clever", "cobalt", "copper", "coral", "cosmic", "crisp", "crystal", "curious",
    "daring", "dawn", "deep", "eager", "early", "ember", "emerald", "fable", "fair", "fleet",
    "floral", "frosty", "gentle", "gilded", "golden", "grand", "hazel", "hidden", "humble", "icy",
    "indigo", "ivory", "jade", "jolly", "keen", "kind", "lively", "lucid", "lunar", "mellow",
    "merry", "misty", "modest", "nimble", "noble", "northern", "olive", "opal", "patient", "plain",
    "polar", "proud", "quick", "quiet", "rapid", "ruby", "rustic", "sandy", "scarlet", "silent",
    "silver", "solar", "spry", "steady", "sunny", "swift", "tidy", "velvet", "vivid", "wild",
    "witty",
];

const SECOND: [&str; 125] = [
    "abacus",
    "acorn",
    "anchor",
    "anvil",
    "arrow",
    "atlas",
    "badger",
    "bagel",
    "basket",
    "beacon",
    "beetle",
    "bell",
    "birch",
    "bridge",
    "brook",
    "cabin",
    "camel",
    "canvas",
    "canyon",
    "castle",
    "cedar",
    "chart",
    "cipher",
    "clock",
    "cloud",
    "comet",
    "compass",
    "crane",
    "creek",
    "cricket",
    "dial",
    "dolphin",
    "drum",
    "easel",
    "echo",
    "engine",
    "falcon",
    "feather",
    "fern",
    "fiddle",
    "finch",
    "forge",
    "fossil",
    "fountain",
    "fox",
    "garden",
    "gecko",
    "glacier",
    "grove",
    "hammer",
    "harbor",
    "heron",
    "hive",
    "island",
    "kettle",
    "kite",
    "koala",
    "ladder",
    "lantern",
    "ledger",
    "lemon",
    "lens",
    "library",
    "lighthouse",
    "lynx",
    "magnet",
    "maple",
    "marble",
    "meadow",
    "mill",
    "mirror",
    "mosaic",
    "needle",
    "nest",
    "notebook",
    "oak",
    "oasis",
    "orbit",
    "orchard",
    "otter",
    "owl",
    "paddle",
    "palette",
    "panda",
    "paper",
    "pebble",
    "pencil",
    "pepper",
    "piano",
    "pilot",
    "pine",
    "planet",
    "plum",
    "pocket",
    "prism",
    "puzzle",
    "quill",
    "raven",
    "reef",
    "ribbon",
    "river",
    "robin",
    "rocket",
    "sail",
    "sketch",
    "sparrow",
    "spindle",
    "spruce",
    "stone",
    "studio",
    "table",
    "teapot",
    "thicket",
    "tiger",
    "tower",
    "trail",
    "tulip",
    "tunnel",
    "valley",
    "violin",
    "walnut",
    "willow",
    "window",
    "workshop",
    "yarn",
];

const THIRD: [&str; 99] = [
    "agent", "alpha", "app", "archive", "audio", "backup", "bench", "board", "book", "box",
    "browser", "build", "cache", "calc", "camera", "cast", "chat", "check", "client", "code",
    "console", "craft", "daemon", "data", "desk", "diff", "disk", "dock", "draw", "edit", "exec",
    "feed", "files", "find", "flow", "font", "forms", "game", "gate", "graph", "grid", "guard",
    "guide", "hub", "image", "index", "kit", "lab", "launch", "link", "list", "lite", "log",
    "mail", "maps", "mark", "media", "meter", "mix", "mobile", "monitor", "music", "net", "note",
    "paint", "pass", "photo", "play", "plus", "port", "pro", "proxy", "query", "queue", "radio",
    "reader", "remote", "render", "report", "run", "scan", "sense", "server", "shell", "shop",
    "sign", "stack", "stream", "suite", "sync", "task", "term", "time", "tools", "track", "tube",
    "vault", "view", "web",
];

/// Names of two words.
const N_PAIRS: u64 = (FIRST.len() * SECOND.len()) as u64;

/// How many names there are: those of two words, then those of three.
pub(super) const N_NAMES: u64 = N_PAIRS * (THIRD.len() as u64 + 1);

/// Steps through the pairs so that neighbours look unlike; it shares no factor with their number, 2^4 · 5^4.
const STRIDE: u64 = 3_677;

fn word(words: &[&'static str], index: u64) -> &'static str {
    words[usize::try_from(index).expect("an index fits") % words.len()]
}

/// The words of the name of that number; no two numbers below [`N_NAMES`] have the same.
pub(super) fn name(number: u64, seed: u64) -> Vec<&'static str> {
    let pair = (number % N_PAIRS * STRIDE + seed % N_PAIRS) % N_PAIRS;
    let first = word(&FIRST, pair / SECOND.len() as u64);
    let second = word(&SECOND, pair % SECOND.len() as u64);
    match (number / N_PAIRS).checked_sub(1) {
        None => vec![first, second],
        Some(third) => vec![first, second, word(&THIRD, third)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::hash::BuildHasher;
    use std::hash::RandomState;

    #[test]
    fn every_name_is_there_once() {
        let hasher = RandomState::new();
        let hash = |number| hasher.hash_one(name(number, 5).join("-"));
        let mut all: Vec<u64> = (0..N_NAMES).map(hash).collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len() as u64, N_NAMES);
        const { assert!(N_NAMES >= 1_000_000) };
    }
}
