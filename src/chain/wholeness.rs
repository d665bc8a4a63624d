//! Whether all of a file's chain is held.

use crate::assertion::Assertion;
use crate::assertion::Key;
use crate::backstore::Backstore;
use crate::backstore::Sequence;
use crate::backstore::Wanted;
use crate::chain::needs::needs;
use crate::chain::needs::revision_key;
use crate::chain::needs::signer;
use crate::snap::FileSize;
use crate::snap::Revision;
use crate::snap::Sha3;
use crate::snap::SnapId;
use crate::snap::SnapName;
use std::collections::HashMap;
use std::collections::HashSet;
use std::rc::Rc;

/// The most keys from an assertion to a root; there are two or three, and rings have no end.
const MAX_KEYS: usize = 16;

/// The keys that devices have built in, so that no store need hold them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Roots(Vec<Box<str>>);

impl Roots {
    /// These, each by the digest that an account-key goes by.
    pub fn new(digests: impl IntoIterator<Item = Box<str>>) -> Self {
        Self(digests.into_iter().collect())
    }

    /// Whether an account-key is one of them.
    pub fn has(&self, key: &Key) -> bool {
        key.kind().name() == "account-key" && self.0.iter().any(|root| **root == *key.joined())
    }
}

/// A file of a snap, as the catalogue has it.
#[derive(Debug, Clone, Copy)]
pub struct File<'l> {
    /// The snap.
    pub id: SnapId,
    /// Its name.
    pub name: &'l SnapName,
    /// The revision.
    pub revision: Revision,
    /// The file's digest.
    pub sha3_384: Sha3,
    /// The file's size.
    pub size: FileSize,
}

/// Why a file cannot be trusted with what is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lack {
    /// An assertion is not held.
    Missing(Key),
    /// An assertion says something else of the file than the catalogue, or that the snap is revoked.
    Disagrees(Key),
    /// The keys lead to no root.
    NoRoot(Key),
}

/// Looks at the chains of files, and remembers what it saw on the way: publishers share most of them.
#[derive(Debug)]
pub struct Wholeness<'b> {
    backstore: &'b Backstore,
    roots: &'b Roots,
    links: HashMap<Key, Option<Rc<Link>>>,
}

/// What a chain needs to know of an assertion.
#[derive(Debug)]
struct Link {
    assertion: Assertion,
    needs: Vec<Key>,
    signer: Option<Key>,
}

impl<'b> Wholeness<'b> {
    /// Of what is held there.
    pub fn of(backstore: &'b Backstore, roots: &'b Roots) -> Self {
        Self { backstore, roots, links: HashMap::new() }
    }

    /// Whether the file's whole chain is held, and says of the file what the catalogue says.
    ///
    /// # Errors
    /// With the first thing that is lacking.
    pub fn check(&mut self, file: &File<'_>) -> Result<(), Lack> {
        let first = revision_key(&file.sha3_384);
        let mut seen = HashSet::from([first.clone()]);
        let mut to_see = vec![first];
        while let Some(key) = to_see.pop() {
            let link = self.link(&key).ok_or_else(|| Lack::Missing(key.clone()))?;
            if !agrees(&link.assertion, file) {
                return Err(Lack::Disagrees(key));
            }
            let signer = link.signer.clone().ok_or_else(|| Lack::NoRoot(key.clone()))?;
            if key.kind().name() == "account-key" {
                self.lead_to_root(&key)?;
            }
            let next = link.needs.iter().chain([&signer]).filter(|key| !self.roots.has(key));
            to_see.extend(next.filter(|key| seen.insert((*key).clone())).cloned());
        }
        Ok(())
    }

    /// Whether an account-key leads to one that signed itself, or to one that devices have built in.
    fn lead_to_root(&mut self, from: &Key) -> Result<(), Lack> {
        let mut key = from.clone();
        for _ in 0..MAX_KEYS {
            if self.roots.has(&key) {
                return Ok(());
            }
            let link = self.link(&key).ok_or_else(|| Lack::Missing(key.clone()))?;
            match &link.signer {
                Some(signer) if *signer == key => return Ok(()),
                Some(signer) => key = signer.clone(),
                None => break,
            }
        }
        Err(Lack::NoRoot(from.clone()))
    }

    fn link(&mut self, key: &Key) -> Option<Rc<Link>> {
        if let Some(known) = self.links.get(key) {
            return known.clone();
        }
        let wanted = Wanted { sequence: Sequence::Newest, max_format: None };
        let held = self.backstore.find(key, wanted);
        let text = held.and_then(|held| std::str::from_utf8(&held.text).ok());
        let link = text.and_then(|text| text.parse().ok()).map(|assertion: Assertion| {
            let (needs, signer) = (needs(&assertion), signer(&assertion));
            Rc::new(Link { assertion, needs, signer })
        });
        self.links.insert(key.clone(), link.clone());
        link
    }
}

/// Whether an assertion, if it is about the file or its snap, says of them what the catalogue says.
fn agrees(assertion: &Assertion, file: &File<'_>) -> bool {
    let says = |header: &str, expected: &str| assertion.headers().text(header) == Some(expected);
    match assertion.identity().key.kind().name() {
        "snap-revision" => {
            says("snap-id", file.id.as_str())
                && says("snap-revision", &file.revision.to_string())
                && says("snap-size", &file.size.bytes().to_string())
        }
        // A revoked snap has no name any more.
        "snap-declaration" => says("snap-name", file.name.as_str()),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backstore::BackstoreBuilder;
    use std::fmt::Write;

    const ID: &str = "Nn4Qw8Er2Ty6Ui0Op3As7Df1Gh5Jk9Lz";

    fn written(kind: &str, signer: &str, headers: &[(&str, &str)]) -> Assertion {
        let mut text = format!("type: {kind}\nauthority-id: brand\n");
        for (name, value) in headers {
            writeln!(text, "{name}: {value}").unwrap();
        }
        write!(text, "sign-key-sha3-384: {signer}\n\nAAAA\n").unwrap();
        text.parse().unwrap()
    }

    fn file(name: &SnapName) -> File<'_> {
        File {
            id: ID.parse().unwrap(),
            name,
            revision: "7".parse().unwrap(),
            sha3_384: Sha3::new([7; 48]),
            size: FileSize::new(9).unwrap(),
        }
    }

    /// The chain of the file, its root last.
    fn chain() -> Vec<Assertion> {
        let digest = revision_key(&Sha3::new([7; 48]));
        let digest = digest.parts().next().unwrap();
        vec![
            written(
                "snap-revision",
                "store-key",
                &[
                    ("snap-sha3-384", digest),
                    ("snap-id", ID),
                    ("snap-revision", "7"),
                    ("snap-size", "9"),
                    ("developer-id", "dev"),
                ],
            ),
            written(
                "snap-declaration",
                "store-key",
                &[("series", "16"), ("snap-id", ID), ("snap-name", "one"), ("publisher-id", "dev")],
            ),
            written("account", "store-key", &[("account-id", "dev")]),
            written("account", "root-key", &[("account-id", "brand")]),
            written(
                "account-key",
                "root-key",
                &[("public-key-sha3-384", "store-key"), ("account-id", "brand")],
            ),
            written(
                "account-key",
                "root-key",
                &[("public-key-sha3-384", "root-key"), ("account-id", "brand")],
            ),
        ]
    }

    fn check(held: &[Assertion], roots: &[&str]) -> Result<(), Lack> {
        let mut builder = BackstoreBuilder::default();
        for assertion in held {
            builder.put(assertion.identity(), assertion.text().to_owned().into());
        }
        let (backstore, name) = (builder.finish(), "one".parse().unwrap());
        let roots = Roots::new(roots.iter().map(|root| Box::from(*root)));
        Wholeness::of(&backstore, &roots).check(&file(&name))
    }

    #[test]
    fn a_chain_is_whole_with_all_of_its_links_and_no_fewer() {
        let whole = chain();
        assert_eq!(check(&whole, &[]), Ok(()));
        for place in 0..whole.len() {
            let mut half = whole.clone();
            let gone = half.remove(place);
            assert!(check(&half, &[]).is_err(), "without {}", gone.identity());
        }
        // What devices have built in no store need hold.
        assert_eq!(check(&whole[..5], &["root-key"]), Ok(()));
        assert_eq!(check(&whole[..4], &["store-key"]), Ok(()));
        assert_eq!(check(&whole[..3], &["store-key"]), Ok(()));
    }

    #[test]
    fn keys_that_sign_each_other_are_no_root() {
        let mut ring = chain();
        ring[5] = written(
            "account-key",
            "store-key",
            &[("public-key-sha3-384", "root-key"), ("account-id", "brand")],
        );
        assert!(matches!(check(&ring, &[]), Err(Lack::NoRoot(_))));
    }

    #[test]
    fn what_says_something_else_is_no_link() {
        let changed = |place: usize, from: &str, to: &str| {
            let mut chain = chain();
            chain[place] = chain[place].text().replace(from, to).parse().unwrap();
            check(&chain, &[])
        };
        for (place, from, to) in [
            (0, "snap-size: 9", "snap-size: 10"),
            (0, "snap-revision: 7", "snap-revision: 8"),
            (1, "snap-name: one", "snap-name: two"),
            (1, "snap-name: one\n", ""),
        ] {
            assert!(matches!(changed(place, from, to), Err(Lack::Disagrees(_))), "{to}");
        }
    }
}
