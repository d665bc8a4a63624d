//! The index of a catalogue, and how it is made from what came before.

use crate::catalogue::Catalogue;
use crate::catalogue::SnapIndex;
use crate::find::Card;
use crate::find::column::Column;
use crate::find::vocabulary::Vocabulary;
use crate::snap::Listing;
use crate::snap::SnapId;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The letters from which on the beginning of a word is looked for in descriptions too: shorter ones are in nearly
/// every description.
const MIN_FAR_BEGINNING: usize = 4;

/// What is searched: a card of each snap, in the order of its catalogue, and who has which word.
#[derive(Debug, Default)]
pub struct Index {
    vocabulary: Arc<Vocabulary>,
    cards: Box<[(SnapId, Arc<Card>)]>,
    near: Column,
    far: Column,
}

impl Index {
    /// The card of the snap at a place.
    pub fn card(&self, snap: SnapIndex) -> &Arc<Card> {
        &self.cards[snap.index()].1
    }

    /// Every card, in the order of the catalogue.
    pub fn cards(&self) -> impl ExactSizeIterator<Item = &Card> {
        self.cards.iter().map(|(_, card)| &**card)
    }

    /// For each snap the points of the best place where it has that word or one that begins so, 0 where it has none.
    pub(super) fn points(&self, word: &str) -> Vec<u8> {
        let mut best = vec![0; self.cards.len()];
        self.far.raise(word, word.chars().count() >= MIN_FAR_BEGINNING, &mut best);
        self.near.raise(word, true, &mut best);
        best
    }

    /// Bytes held, about.
    pub fn size_bytes(&self) -> usize {
        let cards = self.cards.iter().map(|(id, card)| size_of_val(id) + 24 + card.size_bytes());
        let columns = self.near.size_bytes() + self.far.size_bytes();
        self.vocabulary.size_bytes() + columns + cards.sum::<usize>()
    }
}

/// An index in the making. Nothing sees it until it is finished.
#[derive(Debug, Default)]
pub struct Builder {
    earlier: Option<Arc<Index>>,
    vocabulary: Arc<Vocabulary>,
    cards: BTreeMap<SnapId, Arc<Card>>,
    is_changed: bool,
}

impl Builder {
    /// Begins with every snap of an earlier index.
    pub fn from(earlier: &Arc<Index>) -> Self {
        Self {
            earlier: Some(Arc::clone(earlier)),
            vocabulary: Arc::clone(&earlier.vocabulary),
            cards: earlier.cards.iter().map(|(id, card)| (*id, Arc::clone(card))).collect(),
            is_changed: false,
        }
    }

    /// Puts a snap in, in the place of what was there under its id. A card that says the same is kept.
    pub fn put(&mut self, listing: &Listing) {
        let known = self.cards.get(&listing.id);
        let card = Card::of(&mut self.vocabulary, listing, known.map(Arc::as_ref));
        if known.is_none_or(|known| **known != card) {
            self.cards.insert(listing.id, Arc::new(card));
            self.is_changed = true;
        }
    }

    /// Leaves a snap out, if it is there.
    pub fn remove(&mut self, id: SnapId) {
        self.is_changed |= self.cards.remove(&id).is_some();
    }

    /// The finished index of a catalogue that has the same snaps. When nothing changed, it is the earlier one.
    pub fn finish(self, catalogue: &Catalogue) -> Arc<Index> {
        let Self { earlier, vocabulary, cards, is_changed } = self;
        if let Some(earlier) = earlier.filter(|_| !is_changed) {
            return earlier;
        }
        let cards: Vec<_> = cards.into_iter().collect();
        let ids = cards.iter().map(|(id, _)| *id);
        assert!(ids.eq(catalogue.snaps().map(|snap| snap.id)), "what is put is put in both");
        let index = lay_out(vocabulary, cards);
        let n_used = index.near.n_words().max(index.far.n_words());
        if index.vocabulary.is_worn(n_used) { renumbered(&index).into() } else { index.into() }
    }
}

fn lay_out(vocabulary: Arc<Vocabulary>, cards: Vec<(SnapId, Arc<Card>)>) -> Index {
    let near = Column::of(&vocabulary, cards.iter().map(|(_, card)| &*card.near));
    let far = Column::of(&vocabulary, cards.iter().map(|(_, card)| &*card.far));
    Index { vocabulary, cards: cards.into(), near, far }
}

/// The same index with numbers for the words that are used.
fn renumbered(worn: &Index) -> Index {
    let mut vocabulary = Arc::default();
    let number = |old| Vocabulary::number(&mut vocabulary, worn.vocabulary.word(old));
    let mut number = number;
    let cards = worn.cards.iter().map(|(id, card)| (*id, Arc::new(card.renumbered(&mut number))));
    let cards = cards.collect();
    lay_out(vocabulary, cards)
}
