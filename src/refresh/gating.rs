//! What validation sets allow of a snap (contract section 8).

use crate::backstore::Backstore;
use crate::backstore::Rule;
use crate::device::SetName;
use crate::snap::Revision;
use crate::snap::SnapId;
use crate::snap::SnapName;

/// What all the sets that govern a snap allow together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Allowed {
    /// Any revision.
    Any,
    /// One revision.
    Only(Revision),
    /// None: it may not be there, or the sets do not agree.
    Nothing,
}

impl Allowed {
    fn and(self, rule: Rule) -> Self {
        match (self, rule) {
            (allowed, Rule::Any) => allowed,
            (Self::Any, Rule::Only(revision)) => Self::Only(revision),
            (Self::Only(one), Rule::Only(other)) if one == other => self,
            _ => Self::Nothing,
        }
    }

    /// Whether that revision is.
    pub(super) fn allows(self, revision: Revision) -> bool {
        match self {
            Self::Any => true,
            Self::Only(only) => only == revision,
            Self::Nothing => false,
        }
    }
}

/// What the named sets allow of a snap. A set that is not known here allows everything: the device knows it, and judges
/// for itself.
pub(super) fn allowed(
    backstore: &Backstore,
    sets: &[SetName],
    id: &SnapId,
    name: &SnapName,
) -> Allowed {
    let known = sets.iter().filter_map(|set| backstore.validation_set(&set.key, set.sequence));
    known.filter_map(|set| set.rule(id, name)).fold(Allowed::Any, Allowed::and)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_allow_what_all_of_them_allow() {
        let [one, two] = [1, 2].map(|number| Revision::new(number).unwrap());
        for (rules, expected) in [
            (vec![], Allowed::Any),
            (vec![Rule::Any, Rule::Any], Allowed::Any),
            (vec![Rule::Any, Rule::Only(one), Rule::Any], Allowed::Only(one)),
            (vec![Rule::Only(one), Rule::Only(one)], Allowed::Only(one)),
            (vec![Rule::Only(one), Rule::Only(two)], Allowed::Nothing),
            (vec![Rule::Only(one), Rule::Only(two), Rule::Only(one)], Allowed::Nothing),
            (vec![Rule::Never], Allowed::Nothing),
            (vec![Rule::Only(one), Rule::Never], Allowed::Nothing),
            (vec![Rule::Never, Rule::Any], Allowed::Nothing),
        ] {
            let allowed = rules.iter().copied().fold(Allowed::Any, Allowed::and);
            assert_eq!(allowed, expected, "{rules:?}");
            assert_eq!(allowed.allows(two), expected == Allowed::Any, "{rules:?}");
        }
    }
}
