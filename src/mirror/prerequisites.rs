//! What else a snap needs to run.

use crate::snap::Package;
use crate::snap::SnapName;
use crate::snap::SnapType;
use std::collections::BTreeSet;

/// The snaps that a revision needs: its base, those that provide its content by default, and snapd itself.
pub(super) fn prerequisites(package: &Package) -> BTreeSet<SnapName> {
    let mut names = BTreeSet::new();
    let mut need = |name: &str| names.extend(name.parse::<SnapName>().ok());
    match package.kind {
        SnapType::App | SnapType::Gadget => {
            // What names no base stands on the first there was; what names `none` stands on none.
            let base = package.base.as_ref().map_or("core", |base| base.as_str());
            if base != "none" {
                need(base);
            }
            need("snapd");
        }
        _ => {}
    }
    providers(package.snap_yaml.as_str()).for_each(need);
    names
}

/// The snaps that a `snap.yaml` names as providers, as plugs write it: `default-provider: name` or `name:slot`.
fn providers(snap_yaml: &str) -> impl Iterator<Item = &str> {
    snap_yaml.lines().filter_map(|line| {
        let value = line.trim().strip_prefix("default-provider:")?;
        let name = value.trim().split([':', ' ', '#']).next()?.trim_matches(['"', '\'']);
        Some(name).filter(|name| !name.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn providers_are_named_with_or_without_their_slots() {
        let yaml = "name: one\nplugs:\n  themes:\n    interface: content\n    default-provider: gtk-themes:gtk\n  \
                    other:\n    default-provider: \"gnome\" # here\n  none:\n    default-provider:\n";
        assert_eq!(providers(yaml).collect::<Vec<_>>(), ["gtk-themes", "gnome"]);
    }
}
