//! Which snaps are found, best first.

use crate::catalogue::Catalogue;
use crate::catalogue::Shelved;
use crate::catalogue::SnapIndex;
use crate::find::Card;
use crate::find::Index;
use crate::find::Popularity;
use crate::find::Question;
use crate::find::Shown;
use crate::find::Window;
use crate::find::rank::Candidate;
use crate::find::rank::best_first;
use crate::find::rank::points;
use crate::snap::Label;

/// The most snaps that are found: more than people read, and what bounds an answer.
pub const MAX_RESULTS: usize = 100;

/// A snap that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// The snap.
    pub snap: SnapIndex,
    /// What is shown of it.
    pub shown: Shown,
}

/// The snaps that are as the question wants them, that there is a revision of in the window, and that may be seen:
/// the one of exactly that name, then by points and popularity, by popularity, by snap-id.
pub fn search(
    (catalogue, index, popularity): (&Catalogue, &Index, &Popularity),
    question: &Question<'_>,
    window: &Window<'_>,
    may_be_seen: impl Fn(&Shelved) -> bool,
) -> Vec<Found> {
    let points = question.words.as_ref().map(|words| points(index, words));
    let typed = question.words.as_ref().map(|words| words.join("-"));
    let called = |name: Option<&str>| catalogue.find_named(&name?.parse().ok()?);
    let named = [called(typed.as_deref()), called(question.name)];
    let candidate = |place| {
        let points = points.as_ref().map_or(1, |points| points.get(place).copied().unwrap_or(0));
        let is_named = named.iter().flatten().any(|named| named.index() == place);
        (points > 0).then(|| Candidate::new(place, points, popularity, is_named))
    };
    // Only what gets as far as being shown is looked at: a snap is some reaches into memory.
    let candidates = best_first((0..catalogue.n_snaps()).filter_map(candidate).collect());
    let found = candidates.filter_map(|candidate| {
        let snap = catalogue.index_of(candidate.place())?;
        let (card, shelved) = (index.card(snap), catalogue.snap(snap));
        if !is_wanted(question, card) || !may_be_seen(shelved) {
            return None;
        }
        let shown = window.shown(shelved)?;
        let is_confined = question.confinements.is_empty()
            || question.confinements.contains(&card.confinement(shown.package));
        let has_id = || question.common_id.is_none_or(|id| card.has_common_id(shown.package, id));
        (is_confined && has_id()).then_some(Found { snap, shown })
    });
    found.take(MAX_RESULTS).collect()
}

/// Whether a snap is what is asked for, whichever revision of it is shown.
fn is_wanted(question: &Question<'_>, card: &Card) -> bool {
    let publisher = || card.publisher.as_ref().map(Label::as_str);
    card.is_private == question.private
        && question.name.is_none_or(|beginning| card.name.as_str().starts_with(beginning))
        && question.common_id.is_none_or(|id| card.knows_common_id(id))
        && question.category.is_none_or(|category| card.is_in(category))
        && question.publisher.is_none_or(|username| publisher() == Some(username))
}
