//! What is looked at of a snap when it is searched for.

use crate::catalogue::PackageIndex;
use crate::find::apps::apps;
use crate::find::apps::behind_apps;
use crate::find::fold::fold;
use crate::find::fold::split;
use crate::find::places::Mark;
use crate::find::places::Places;
use crate::find::vocabulary::Vocabulary;
use crate::snap::Category;
use crate::snap::Confinement;
use crate::snap::FileSize;
use crate::snap::Label;
use crate::snap::Line;
use crate::snap::Listing;
use crate::snap::Package;
use crate::snap::SnapName;
use foldhash::quality::FixedState;
use std::collections::BTreeMap;
use std::hash::BuildHasher;
use std::sync::Arc;

/// The words of a description that are looked at: more than most have, and what bounds the index.
const MAX_DESCRIBED: usize = 1_000;
/// The characters among which they are.
const MAX_CHARS: usize = 16_384;

/// What is known of one snap besides what resolution needs: its words, and what searches are narrowed by.
#[derive(Debug, PartialEq)]
pub struct Card {
    /// The name people install it by.
    pub name: SnapName,
    /// Whether only those it was shared with may see it.
    pub is_private: bool,
    /// The categories it is listed in.
    pub categories: Box<[Category]>,
    /// The short name of who publishes it.
    pub publisher: Option<Label>,
    /// What tells its texts from others: a text that is the same is not read again.
    fingerprint: u64,
    /// The words of name, title, publisher and summary, by number.
    pub(super) near: Box<[Mark]>,
    /// The words that only the description has.
    pub(super) far: Box<[Mark]>,
    packages: Box<[Facts]>,
    /// Each with the revisions that have it.
    common_ids: Box<[(Line, Box<[u32]>)]>,
    /// The lists of programs that its revisions have; mostly there is one.
    apps: Box<[Box<[Box<str>]>]>,
}

/// What is known of a revision.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Facts {
    confinement: Confinement,
    size: FileSize,
    /// The place of its list of programs.
    apps: u32,
}

impl Card {
    /// The card of a snap, of which another may be known; its words get numbers.
    pub(super) fn of(
        vocabulary: &mut Arc<Vocabulary>,
        listing: &Listing,
        known: Option<&Self>,
    ) -> Self {
        let fingerprint = fingerprint(listing);
        let (near, far) = match known {
            Some(known) if known.fingerprint == fingerprint => {
                (known.near.clone(), known.far.clone())
            }
            _ => marks(vocabulary, listing),
        };
        let mut lists: Vec<Box<[Box<str>]>> = Vec::new();
        // Neighbours mostly have the same programs, told in the same words, or else in others.
        let mut before: Option<(&str, usize)> = None;
        let packages = listing.packages.iter().map(|package| {
            let told = behind_apps(package.snap_yaml.as_str());
            let place = match before {
                Some((known, place)) if known == told => place,
                _ => place_of(&mut lists, &apps(told)),
            };
            before = Some((told, place));
            let Package { confinement, download, .. } = package;
            let apps = u32::try_from(place).expect("fewer lists than revisions");
            Facts { confinement: *confinement, size: download.size, apps }
        });
        let packages = packages.collect();
        let mut common_ids: BTreeMap<&Line, Vec<u32>> = BTreeMap::new();
        for (place, package) in (0..).zip(&listing.packages) {
            for id in &package.common_ids {
                common_ids.entry(id).or_default().push(place);
            }
        }
        let common_ids =
            common_ids.into_iter().map(|(id, places)| (id.clone(), places.into())).collect();
        Self {
            name: listing.name,
            is_private: listing.private,
            categories: listing.categories.clone().into(),
            publisher: listing.publisher.as_ref().map(|publisher| publisher.username.clone()),
            fingerprint,
            near,
            far,
            packages,
            common_ids,
            apps: lists.into(),
        }
    }

    /// The same card with other numbers for its words.
    pub(super) fn renumbered(&self, mut number: impl FnMut(usize) -> u32) -> Self {
        let mut anew = |marks: &[Mark]| {
            let mark = |mark: &Mark| Mark::new(number(mark.number()), mark.places());
            marks.iter().map(mark).collect()
        };
        Self {
            near: anew(&self.near),
            far: anew(&self.far),
            categories: self.categories.clone(),
            publisher: self.publisher.clone(),
            packages: self.packages.clone(),
            common_ids: self.common_ids.clone(),
            apps: self.apps.clone(),
            ..*self
        }
    }

    /// How a revision is confined.
    pub fn confinement(&self, package: PackageIndex) -> Confinement {
        self.packages[package.index()].confinement
    }

    /// How large a revision is.
    pub fn size(&self, package: PackageIndex) -> FileSize {
        self.packages[package.index()].size
    }

    /// The names of a revision's programs, as far as they are known.
    pub fn apps(&self, package: PackageIndex) -> &[Box<str>] {
        &self.apps[self.packages[package.index()].apps as usize]
    }

    /// Whether any revision has that common id.
    pub fn knows_common_id(&self, id: &str) -> bool {
        self.common_ids.iter().any(|(known, _)| known.as_str() == id)
    }

    /// Whether a revision has that common id.
    pub fn has_common_id(&self, package: PackageIndex, id: &str) -> bool {
        let is_it = |(known, places): &(Line, Box<[u32]>)| {
            known.as_str() == id && places.iter().any(|place| *place as usize == package.index())
        };
        self.common_ids.iter().any(is_it)
    }

    /// Whether it is listed in that category; `featured` is what is featured in any.
    pub fn is_in(&self, category: &str) -> bool {
        let is_it = |known: &Category| {
            known.name.as_str() == category || category == Self::FEATURED && known.featured
        };
        self.categories.iter().any(is_it)
    }

    /// The category of what is featured in any.
    pub const FEATURED: &'static str = "featured";

    /// Bytes held, about.
    pub(super) fn size_bytes(&self) -> usize {
        let ids = self.common_ids.iter().map(|(id, places)| {
            size_of_val(id) + id.as_str().len() + size_of_val(places) + size_of_val(&**places)
        });
        let apps = self.apps.iter().map(|list| {
            size_of_val(list) + list.iter().map(|app| size_of_val(app) + app.len()).sum::<usize>()
        });
        let categories = self
            .categories
            .iter()
            .map(|category| size_of_val(category) + category.name.as_str().len());
        size_of::<Self>()
            + self.publisher.as_ref().map_or(0, |name| name.as_str().len())
            + size_of_val(&*self.near)
            + size_of_val(&*self.far)
            + size_of_val(&*self.packages)
            + ids.chain(apps).chain(categories).sum::<usize>()
    }
}

/// The words that are near, with where they stand, and those that only the description has; each least first.
fn marks(vocabulary: &mut Arc<Vocabulary>, listing: &Listing) -> (Box<[Mark]>, Box<[Mark]>) {
    let mut near: Vec<Mark> = Vec::new();
    let mut add = |text: &str, places: Places| {
        let words = fold(text);
        let number = |word| Vocabulary::number(vocabulary, word);
        near.extend(split(&words).map(number).map(|word| Mark::new(word, places)));
    };
    add(listing.name.as_str(), Places::NAME);
    add(listing.title.as_str(), Places::TITLE);
    add(listing.summary.as_str(), Places::SUMMARY);
    if let Some(publisher) = &listing.publisher {
        add(publisher.username.as_str(), Places::PUBLISHER);
        add(publisher.display_name.as_str(), Places::PUBLISHER);
    }
    near.sort_unstable_by_key(|mark| mark.number());
    near.dedup_by(|next, kept| {
        let is_same = next.number() == kept.number();
        if is_same {
            *kept = kept.and(next.places());
        }
        is_same
    });
    let text = listing.description.as_str();
    let mut looked_at = text;
    if text.len() > MAX_CHARS {
        let end = text.char_indices().nth(MAX_CHARS).map_or(text.len(), |(end, _)| end);
        looked_at = text.split_at(end).0;
    }
    let described = fold(looked_at);
    let described = split(&described).take(MAX_DESCRIBED);
    let number = |word| Vocabulary::number(vocabulary, word);
    let mut far: Vec<u32> = described.map(number).collect();
    far.sort_unstable();
    far.dedup();
    let far = far.into_iter().map(|word| Mark::new(word, Places::DESCRIPTION));
    let is_near =
        |mark: &Mark| near.binary_search_by_key(&mark.number(), |near| near.number()).is_ok();
    let far = far.filter(|mark| !is_near(mark)).collect();
    (near.into(), far)
}

/// The place of a list of programs among those that are known, and now is.
fn place_of(lists: &mut Vec<Box<[Box<str>]>>, own: &[&str]) -> usize {
    let known =
        lists.iter().rposition(|known| known.iter().map(AsRef::as_ref).eq(own.iter().copied()));
    known.unwrap_or_else(|| {
        lists.push(own.iter().map(|app| (*app).into()).collect());
        lists.len() - 1
    })
}

/// A number that the texts of a snap share with no others but by a chance of one in 2^64.
fn fingerprint(listing: &Listing) -> u64 {
    let Listing { name, title, summary, description, publisher, .. } = listing;
    let names = publisher.as_ref().map(|publisher| (&publisher.username, &publisher.display_name));
    FixedState::default().hash_one((name, title, summary, description, names))
}
