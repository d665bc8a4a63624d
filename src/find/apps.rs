//! The programs in a snap, from the text of its `meta/snap.yaml`.

use memchr::memmem;

/// The most programs that are named of a revision; the largest snaps have some dozens.
const MAX: usize = 256;
/// The longest name of a program, as snapd has it.
const MAX_CHARS: usize = 40;

const APPS: &str = "apps:";

/// What stands behind the line `apps:`, to the end of the text. Nothing when there is no such line.
pub(super) fn behind_apps(snap_yaml: &str) -> &str {
    let begins_line = |at: &usize| *at == 0 || snap_yaml.as_bytes()[at - 1] == b'\n';
    let mut found = memmem::find_iter(snap_yaml.as_bytes(), APPS).filter(begins_line);
    found
        .find_map(|at| {
            let (_, behind) = snap_yaml.split_at(at + APPS.len());
            let (line, next) = behind.split_once('\n')?;
            line.trim().is_empty().then_some(next)
        })
        .unwrap_or_default()
}

/// The names under `apps:`, in their order, from what stands [behind that line](behind_apps). Only the block form is
/// read, which is what build tools write; of any other nothing is known. This is no parser of YAML: the keys of one
/// block need none.
pub(super) fn apps(behind: &str) -> Vec<&str> {
    let mut lines = behind.lines();
    let mut indent = None;
    let mut found = Vec::new();
    let is_said = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    for line in lines.by_ref().filter(is_said) {
        let depth = line.len() - line.trim_start_matches(' ').len();
        if depth == 0 || depth < *indent.get_or_insert(depth) || found.len() == MAX {
            break;
        }
        let key = line.trim_start().split_once(':').map(|(key, _)| key.trim_matches(['"', '\'']));
        match key {
            Some(key) if Some(depth) == indent && is_app_name(key) => found.push(key),
            _ => {}
        }
    }
    found
}

fn is_app_name(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (1..=MAX_CHARS).contains(&text.len())
        && text.bytes().all(plain)
        && !text.starts_with('-')
        && !text.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The programs of a whole text.
    fn apps(snap_yaml: &str) -> Vec<&str> {
        super::apps(behind_apps(snap_yaml))
    }

    #[test]
    fn the_keys_of_the_block_are_the_apps() {
        let yaml = "name: a\nslots:\n  no: {}\napps:\n\n  # first\n  run:\n    command: bin/run\n    \
                    plugs: [home]\n  \"b-2\":\n    environment:\n      X: y\nplugs:\n  home:\n";
        assert_eq!(apps(yaml), ["run", "b-2"]);
        assert_eq!(
            apps("name: apps:\n apps:\napps: # no\napps: \t\r\n  a:\nx:\napps:\n  b:\n"),
            ["a"]
        );
        assert_eq!(apps("apps:\n    wide:\n        command: x\n"), ["wide"]);
        for none in [
            "",
            "apps:",
            "name: x\n",
            "apps: {a: {command: x}}\n",
            "apps:\nplugs:\n",
            "\tapps:\n x:",
        ] {
            assert_eq!(apps(none), [""; 0], "{none}");
        }
        assert_eq!(apps("apps:\n  - a\n  b c: x\n  -d: x\n  ok: {command: x}\n"), ["ok"]);
        let many: Vec<_> = (0..500).map(|n| format!("  a{n}:")).collect();
        assert_eq!(apps(&format!("apps:\n{}", many.join("\n"))).len(), MAX);
    }
}
