//! Builds the next shelf beside the one being served, from what is loaded batch by batch.

use crate::app::config::Downloads;
use crate::backstore::BackstoreBuilder;
use crate::catalogue;
use crate::catalogue::Generation;
use crate::chain::File;
use crate::chain::Roots;
use crate::chain::Wholeness;
use crate::db::Taken;
use crate::db::assertions::Kept;
use crate::db::listings::Fetched;
use crate::db::listings::Record;
use crate::db::placed_days::DayPlace;
use crate::http::BoardsBuilder;
use crate::http::FinderBuilder;
use crate::http::PagesBuilder;
use crate::http::Room;
use crate::http::Shelf;
use crate::ranking::Listed;
use crate::ranking::Placed;
use crate::ranking::Slice;
use crate::snap::Blocked;
use crate::snap::Download;
use crate::snap::Instant;
use crate::snap::Listing;
use crate::snap::Package;
use crate::snap::Sha3;
use crate::snap::SnapId;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::sync::mpsc::sync_channel;
use std::thread;
use std::thread::JoinHandle;

/// How far loading gives way to requests.
const NICENESS: i32 = 10;

/// Which files are given out, and from where.
#[derive(Debug, Clone)]
pub(super) struct Giving {
    /// From where those are that are held here and have an address elsewhere too.
    pub(super) downloads: Downloads,
    /// Whether what is not held is fetched from the store behind us when somebody asks for it here.
    pub(super) is_relayed: bool,
    /// The room for what is kept in passing, which is to know how much of it is taken.
    pub(super) room: Option<Arc<Room>>,
    /// Whether nothing is given out that is not wholly held, its chain of assertions up to one of these keys.
    pub(super) only_whole: Option<Roots>,
}

/// What was loaded at once.
pub(super) enum Batch {
    /// Listings that changed, as the database sent them.
    Listings(Box<Fetched>),
    /// What the upstream store's search says of snaps.
    Listed(Vec<Listed>),
    /// What it last said of snaps that it lists no more.
    Vanished(Vec<Listed>),
    /// All places of all rankings.
    Places(Vec<Placed>),
    /// The places of a day.
    Day(i32, Vec<DayPlace>),
    /// Which days there are.
    Days(Vec<i32>),
    /// All slices.
    Slices(Vec<Slice>),
    /// All exclusions.
    Excluded(BTreeSet<SnapId>),
    /// Assertions that were stored.
    Assertions(Vec<Kept>),
}

/// A shelf in the making on a thread of its own, so that one batch is read and built while the database fetches the
/// next.
pub(super) struct Building {
    batches: SyncSender<Batch>,
    thread: JoinHandle<(Builders, BTreeSet<SnapId>)>,
}

impl Building {
    /// `left_out` are the snaps that the earlier shelf lacks for a broken record.
    pub(super) fn begin(mut builders: Builders, mut left_out: BTreeSet<SnapId>) -> Self {
        // One batch may wait; more would only take memory.
        let (batches, batches_to_come) = sync_channel::<Batch>(1);
        let thread = thread::spawn(move || {
            if builders.are_of_a_served_shelf {
                give_way();
            }
            for batch in batches_to_come {
                builders.take(batch, &mut left_out);
            }
            (builders, left_out)
        });
        Self { batches, thread }
    }

    /// Hands over what was loaded; waits while the thread is busy with what came before.
    pub(super) fn add(&self, batch: Batch) {
        self.batches.send(batch).expect("the thread takes batches until there are no more");
    }

    /// Waits until all of it is built, and gives the snaps that are left out.
    pub(super) fn end(self) -> (Builders, BTreeSet<SnapId>) {
        drop(self.batches);
        self.thread.join().expect("building does not panic")
    }
}

/// What a shelf says of snaps, in the making.
#[derive(Default)]
struct SnapBuilders {
    catalogue: catalogue::Builder,
    pages: PagesBuilder,
    finder: FinderBuilder,
}

impl SnapBuilders {
    fn take(&mut self, record: Record, giving: &Giving, left_out: &mut BTreeSet<SnapId>) {
        let Record { id, listing, is_withdrawn, mut held } = record;
        match listing {
            Ok(listing) => {
                left_out.remove(&id);
                if is_withdrawn {
                    return self.remove(id);
                }
                if giving.downloads == Downloads::Upstream {
                    // What has an address is given out there. What has none is ours in any case.
                    held.clear();
                } else if giving.is_relayed {
                    let files = listing.packages.iter().map(|package| &package.download);
                    let files = files.chain(listing.deltas.iter().map(|delta| &delta.download));
                    held = files.map(|file| file.sha3_384).collect();
                }
                self.catalogue.put(&listing);
                self.pages.put(&listing, &held);
                self.finder.put(&listing);
            }
            Err(reason) => {
                tracing::error!(snap.id = %id, reason, "a snap is left out: its record is broken");
                left_out.insert(id);
                self.remove(id);
            }
        }
    }

    fn remove(&mut self, id: SnapId) {
        self.catalogue.remove(id);
        self.pages.remove(id);
        self.finder.remove(id);
    }
}

/// What a shelf is made of, each part in the making.
pub(super) struct Builders {
    snaps: SnapBuilders,
    boards: BoardsBuilder,
    backstore: BackstoreBuilder,
    are_of_a_served_shelf: bool,
    giving: Giving,
}

impl Builders {
    /// Begins with what is served, if the next generation follows on it.
    pub(super) fn from(base: Option<&Shelf>, giving: Giving) -> Self {
        match base {
            Some(shelf) => Self {
                snaps: SnapBuilders {
                    catalogue: catalogue::Builder::from(&shelf.catalogue),
                    pages: PagesBuilder::from(&shelf.catalogue, &shelf.pages),
                    finder: FinderBuilder::from(&shelf.finder),
                },
                boards: BoardsBuilder::from(Some(&shelf.boards)),
                backstore: BackstoreBuilder::from(&shelf.backstore),
                are_of_a_served_shelf: true,
                giving,
            },
            None => Self {
                snaps: SnapBuilders::default(),
                boards: BoardsBuilder::from(None),
                backstore: BackstoreBuilder::default(),
                are_of_a_served_shelf: false,
                giving,
            },
        }
    }

    fn take(&mut self, batch: Batch, left_out: &mut BTreeSet<SnapId>) {
        match batch {
            Batch::Listings(fetched) => self.take_listings(fetched, left_out),
            Batch::Listed(listed) => listed.iter().for_each(|listed| self.boards.put(listed)),
            Batch::Vanished(listed) => listed.iter().for_each(|listed| self.boards.vanish(listed)),
            Batch::Places(places) => self.boards.places(places),
            Batch::Day(day, places) => self.boards.day(day, &places),
            Batch::Days(days) => self.boards.keep_days(&days),
            Batch::Slices(slices) => self.boards.slices(slices),
            Batch::Excluded(excluded) => self.boards.excluded(excluded),
            Batch::Assertions(assertions) => {
                for kept in assertions {
                    match kept.taken {
                        Taken::Own => self.backstore.put(&kept.identity, kept.text.into()),
                        Taken::InPassing => {
                            self.backstore.put_in_passing(&kept.identity, kept.text.into());
                        }
                    }
                }
            }
        }
    }

    fn take_listings(&mut self, fetched: Box<Fetched>, left_out: &mut BTreeSet<SnapId>) {
        let roots = self.giving.only_whole.as_ref();
        let mut wholeness = roots.map(|roots| Wholeness::of(self.backstore.so_far(), roots));
        for mut record in fetched.read() {
            if let (Some(wholeness), Ok(listing)) = (&mut wholeness, &mut record.listing) {
                withhold(listing, &record.held, wholeness);
            }
            self.snaps.take(record, &self.giving, left_out);
        }
    }

    /// The finished shelf.
    pub(super) fn finish(self, generation: Generation) -> Shelf {
        let SnapBuilders { catalogue, pages, finder } = self.snaps;
        let catalogue = catalogue.finish(generation);
        let pages = pages.finish(&catalogue);
        let (boards, backstore) = (self.boards.finish(), self.backstore.finish());
        let finder = finder.finish(&catalogue, &boards);
        Shelf { catalogue, pages, boards, finder, backstore }
    }
}

/// Lets nobody have what is not wholly held: a revision without its file or a part of its chain of assertions, as if it
/// were blocked, and a delta without its file.
fn withhold(listing: &mut Listing, held: &BTreeSet<Sha3>, wholeness: &mut Wholeness<'_>) {
    let mut is_whole = |package: &Package| {
        let Download { sha3_384, size, .. } = package.download;
        let (id, name, revision) = (listing.id, &listing.name, package.revision);
        held.contains(&sha3_384)
            && wholeness.check(&File { id, name, revision, sha3_384, size }).is_ok()
    };
    let is_given = |package: &&Package| !listing.decisions.is_blocked(package.revision);
    let lacking = listing.packages.iter().filter(is_given).filter(|package| !is_whole(package));
    let blocked =
        |package: &Package| Blocked { revision: package.revision, decided_at: Instant::EPOCH };
    let lacking: Vec<Blocked> = lacking.map(blocked).collect();
    listing.decisions.blocked.extend(lacking);
    listing.decisions.blocked.sort_by_key(|blocked| blocked.revision);
    listing.deltas.retain(|delta| held.contains(&delta.download.sha3_384));
}

/// From now on loading gives way to requests when both want the processor. Not before the first generation: there are
/// none to give way to.
pub(super) fn give_way() {
    // Linux takes this for the calling thread alone.
    if let Err(error) = rustix::process::setpriority_process(None, NICENESS) {
        tracing::debug!(%error, "could not lower the priority of loading");
    }
}
