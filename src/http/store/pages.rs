//! The texts of the answers, kept beside the catalogue.
//!
//! Every member of a snap object is written once, at publication, as `,"name":value`, in the order of [`Field`]. An
//! answer copies the stretches that were asked for; snapd's 27 fields are three of them. What revisions of a snap have
//! in common, their build, is kept once.

use crate::catalogue::Catalogue;
use crate::catalogue::PackageIndex;
use crate::catalogue::SnapIndex;
use crate::http::public_base::Base;
use crate::http::store::texts;
use crate::http::store::texts::Addresses;
use crate::http::store::texts::end;
use crate::snap::Field;
use crate::snap::Fields;
use crate::snap::Listing;
use crate::snap::Package;
use crate::snap::Sha3;
use crate::snap::SnapId;
use std::collections::BTreeSet;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

const N_OF_SNAP: usize = Field::N_OF_SNAP;
const N_OF_BUILD: usize = Field::N_OF_BUILD;
const N_OF_PACKAGE: usize = Field::ALL.len() - N_OF_SNAP - N_OF_BUILD;
const DOWNLOAD: usize = Field::Download as usize - N_OF_SNAP - N_OF_BUILD;

/// How many of the last builds a revision is compared with: as many as there are architectures a snap is usually built
/// for in turn, few enough that thousands of revisions that are all different cost nothing.
const RECENT: usize = 8;

/// Everything the door says about one snap.
#[derive(Debug, PartialEq)]
struct Page {
    /// The snap's own members.
    own: Box<[u8]>,
    /// Where each of them begins, and where the last ends.
    of_snap: [u32; N_OF_SNAP + 1],
    /// Shared with the page before, when only the snap's own members changed.
    revisions: Arc<Revisions>,
}

/// What is said of a snap's revisions.
#[derive(Debug, PartialEq)]
struct Revisions {
    text: Box<[u8]>,
    /// Where each member of what revisions have in common begins, and where the last ends: nearly always there is one
    /// such build for all of them.
    builds: Box<[[u32; N_OF_BUILD + 1]]>,
    /// The same for each revision, with the place of its build.
    packages: Box<[(u32, [u32; N_OF_PACKAGE + 1])]>,
    deltas: Box<[Range<u32>]>,
    /// Where the addresses begin that are ours, least first: there an answer says where it was asked.
    addresses: Box<[u32]>,
}

impl Page {
    /// The page of a snap, of which another may be known; `text` is room to write in.
    fn write(
        text: &mut Vec<u8>,
        (listing, held): (&Listing, &BTreeSet<Sha3>),
        known: Option<&Self>,
    ) -> Self {
        text.clear();
        let of_snap = members(text, &Field::ALL[..N_OF_SNAP], |text, field| {
            texts::of_snap(text, listing, field);
        });
        let own = text.as_slice().into();
        let revisions = Revisions::write(text, listing, held);
        let revisions = match known {
            Some(known) if *known.revisions == revisions => Arc::clone(&known.revisions),
            _ => Arc::new(revisions),
        };
        Self { own, of_snap, revisions }
    }

    /// Appends the stretches of the snap's own members.
    fn write_own(&self, out: &mut Vec<u8>, runs: &[Range<usize>]) {
        for run in runs {
            let (from, to) = (self.of_snap[run.start], self.of_snap[run.end]);
            out.extend_from_slice(&self.own[from as usize..to as usize]);
        }
    }
}

impl Revisions {
    /// What is said of a snap's revisions; `text` is room to write in.
    fn write(text: &mut Vec<u8>, listing: &Listing, held: &BTreeSet<Sha3>) -> Self {
        text.clear();
        let mut addresses = Addresses { id: listing.id, held, places: Vec::new() };
        let (of_build, of_package) = Field::ALL[N_OF_SNAP..].split_at(N_OF_BUILD);
        let mut builds: Vec<(&Package, [u32; N_OF_BUILD + 1])> = Vec::new();
        let packages = listing.packages.iter().map(|package| {
            let mut write = |text: &mut Vec<u8>, field| {
                texts::of_package(text, package, field, &mut addresses);
            };
            let is_same = |known: &Package| {
                of_build.iter().all(|field| texts::is_same(known, package, *field))
            };
            let recent = builds.len().saturating_sub(RECENT);
            let known = builds[recent..].iter().position(|(known, _)| is_same(known));
            let place = known.map_or(builds.len(), |place| recent + place);
            if known.is_none() {
                builds.push((package, members(text, of_build, &mut write)));
            }
            (end(place), members(text, of_package, &mut write))
        });
        let packages = packages.collect();
        let deltas = listing.deltas.iter().map(|delta| {
            let from = end(text.len());
            texts::delta(text, delta, &mut addresses);
            from..end(text.len())
        });
        let deltas = deltas.collect();
        let addresses = addresses.places.into();
        let text = text.as_slice().into();
        let builds = builds.into_iter().map(|(_, begins)| begins).collect();
        Self { text, builds, packages, deltas, addresses }
    }

    fn text(&self, from: u32, to: u32) -> &[u8] {
        &self.text[from as usize..to as usize]
    }

    /// Appends the stretches of members that begin at those places.
    fn write_runs(&self, out: &mut Vec<u8>, begins: &[u32], runs: &[Range<usize>]) {
        for run in runs {
            out.extend_from_slice(self.text(begins[run.start], begins[run.end]));
        }
    }

    /// Appends a stretch in which addresses may be ours: `base` goes before each of them.
    fn write_files(&self, out: &mut Vec<u8>, (from, to): (u32, u32), base: Option<&Base<'_>>) {
        let mut begin = from;
        let first = self.addresses.partition_point(|place| *place < from);
        for place in self.addresses[first..].iter().take_while(|place| **place < to) {
            out.extend_from_slice(self.text(begin, *place));
            out.extend_from_slice(base.map_or("", Base::text).as_bytes());
            begin = *place;
        }
        out.extend_from_slice(self.text(begin, to));
    }
}

/// Writes the members; says where each begins, and where the last ends.
fn members<const N: usize>(
    text: &mut Vec<u8>,
    fields: &[Field],
    mut write: impl FnMut(&mut Vec<u8>, Field),
) -> [u32; N] {
    let mut begins = [end(text.len()); N];
    for (place, field) in fields.iter().enumerate() {
        write(text, *field);
        begins[place + 1] = end(text.len());
    }
    begins
}

/// The pages of every snap, in the order of a catalogue.
#[derive(Debug)]
pub struct Pages(Vec<Arc<Page>>);

impl Pages {
    /// Appends a snap object with the fields of the projection: `{…}`.
    pub(super) fn write_snap(
        &self,
        out: &mut Vec<u8>,
        (snap, package): (SnapIndex, PackageIndex),
        projection: &Projection<'_>,
        deltas: &[usize],
    ) {
        let start = out.len();
        self.0[snap.index()].write_own(out, projection.of_snap());
        self.write_package_members(out, (snap, package), projection, deltas);
        close(out, start);
    }

    /// Appends the snap's own members of the projection as an object.
    pub(super) fn write_own(
        &self,
        out: &mut Vec<u8>,
        snap: SnapIndex,
        projection: &Projection<'_>,
    ) {
        let start = out.len();
        self.0[snap.index()].write_own(out, projection.of_snap());
        close(out, start);
    }

    /// Appends the revision's members of the projection, each as `,"name":value`.
    pub(super) fn write_package_members(
        &self,
        out: &mut Vec<u8>,
        (snap, package): (SnapIndex, PackageIndex),
        projection: &Projection<'_>,
        deltas: &[usize],
    ) {
        let revisions = &self.0[snap.index()].revisions;
        let (build, of_package) = &revisions.packages[package.index()];
        revisions.write_runs(out, &revisions.builds[*build as usize], projection.of_build());
        for run in projection.of_package() {
            if deltas.is_empty() || !run.contains(&DOWNLOAD) {
                let stretch = (of_package[run.start], of_package[run.end]);
                revisions.write_files(out, stretch, projection.base);
                continue;
            }
            let end_of_download = of_package[DOWNLOAD + 1];
            revisions.write_files(out, (of_package[run.start], end_of_download), projection.base);
            out.truncate(out.len() - texts::NO_DELTAS.len());
            for (place, delta) in deltas.iter().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                let range = &revisions.deltas[*delta];
                revisions.write_files(out, (range.start, range.end), projection.base);
            }
            out.extend_from_slice(texts::NO_DELTAS);
            out.extend_from_slice(revisions.text(end_of_download, of_package[run.end]));
        }
    }

    /// The text of one snap, for who writes it after the shelf was let go of.
    pub(super) fn text_of(&self, snap: SnapIndex) -> SnapText {
        SnapText(Arc::clone(&self.0[snap.index()]))
    }

    /// The download of a revision, or of the delta at that place, as a JSON object. An address that is ours begins with
    /// a slash.
    pub(super) fn download(
        &self,
        (snap, package): (SnapIndex, PackageIndex),
        delta: Option<usize>,
    ) -> &[u8] {
        let revisions = &self.0[snap.index()].revisions;
        if let Some(delta) = delta {
            let range = &revisions.deltas[delta];
            return revisions.text(range.start, range.end);
        }
        let (_, of_package) = &revisions.packages[package.index()];
        let member = revisions.text(of_package[DOWNLOAD], of_package[DOWNLOAD + 1]);
        // Behind its name.
        let object = member.iter().position(|byte| *byte == b'{').expect("a download is an object");
        &member[object..]
    }

    /// Bytes of text held, for the log.
    pub fn size_bytes(&self) -> usize {
        self.0.iter().map(|page| page.own.len() + page.revisions.text.len()).sum()
    }
}

/// The text of one snap.
#[derive(Debug)]
pub(super) struct SnapText(Arc<Page>);

impl SnapText {
    /// Appends the members of the projection that are the snap's own or a revision's, each as `,"name":value`.
    pub(super) fn write_members(
        &self,
        out: &mut Vec<u8>,
        package: PackageIndex,
        projection: &Projection<'_>,
    ) {
        self.0.write_own(out, projection.of_snap());
        let revisions = &self.0.revisions;
        revisions.write_runs(out, &revisions.packages[package.index()].1, projection.of_package());
    }
}

/// Makes members written since `start`, each with a comma before it, into an object.
pub(super) fn close(out: &mut Vec<u8>, start: usize) {
    match out.get_mut(start) {
        // The first member's comma.
        Some(first) => *first = b'{',
        None => out.push(b'{'),
    }
    out.push(b'}');
}

/// The pages of a catalogue in the making.
#[derive(Debug, Default)]
pub struct PagesBuilder {
    pages: HashMap<SnapId, Arc<Page>>,
    /// Room to write in: a page takes no more memory than it needs.
    text: Vec<u8>,
}

impl PagesBuilder {
    /// Begins with every page of an earlier generation.
    pub fn from(catalogue: &Catalogue, pages: &Pages) -> Self {
        let ids = catalogue.snaps().map(|snap| snap.id);
        let pages = ids.zip(pages.0.iter().map(Arc::clone)).collect();
        Self { pages, text: Vec::new() }
    }

    /// Writes the page of a snap, in the place of what was there. A page that says the same is kept.
    /// `held` are those of its files that are held: they are given out by us.
    pub fn put(&mut self, listing: &Listing, held: &BTreeSet<Sha3>) {
        let known = self.pages.get(&listing.id);
        let page = Page::write(&mut self.text, (listing, held), known.map(Arc::as_ref));
        if known.is_none_or(|known| **known != page) {
            self.pages.insert(listing.id, Arc::new(page));
        }
    }

    /// Forgets the page of a snap, if there is one.
    pub fn remove(&mut self, id: SnapId) {
        self.pages.remove(&id);
    }

    /// The pages in the order of the catalogue, whose every snap must have been put.
    pub fn finish(mut self, catalogue: &Catalogue) -> Pages {
        let page = |id| self.pages.remove(&id).expect("every snap of the catalogue has its page");
        Pages(catalogue.snaps().map(|snap| snap.id).map(page).collect())
    }
}

/// The most runs there can be: every other field of the snap, of the build and of the revision.
const MAX_RUNS: usize = N_OF_SNAP.div_ceil(2) + N_OF_BUILD.div_ceil(2) + N_OF_PACKAGE.div_ceil(2);

/// Which stretches of a page an answer copies: a set of fields as runs of neighbours, worked out once a request.
#[derive(Clone)]
pub(super) struct Projection<'b> {
    runs: [Range<usize>; MAX_RUNS],
    /// Where the runs of the snap end, and those of the build.
    n_of_snap: usize,
    n_of_build: usize,
    n: usize,
    /// Whether the places in the rankings are asked for: they are not in the page.
    has_rankings: bool,
    /// What goes before the addresses that are ours.
    base: Option<&'b Base<'b>>,
}

impl<'b> Projection<'b> {
    /// The projection onto these fields; the base is needed where files are among them.
    pub(super) fn new(fields: Fields, base: Option<&'b Base<'b>>) -> Self {
        let runs = [const { 0..0 }; MAX_RUNS];
        let has_rankings = fields.contains(Field::Rankings);
        let mut projection = Self { runs, n_of_snap: 0, n_of_build: 0, n: 0, has_rankings, base };
        let (own, builds) = (0..N_OF_SNAP, N_OF_SNAP..N_OF_SNAP + N_OF_BUILD);
        projection.n_of_snap = projection.add_runs(fields, own);
        projection.n_of_build = projection.add_runs(fields, builds.clone());
        projection.add_runs(fields, builds.end..Field::ALL.len());
        projection
    }

    /// Adds the runs among those places; says how many there are now.
    fn add_runs(&mut self, fields: Fields, places: Range<usize>) -> usize {
        for run in fields.runs(places) {
            self.runs[self.n] = run;
            self.n += 1;
        }
        self.n
    }

    /// Whether the places in the rankings are asked for.
    pub(super) fn has_rankings(&self) -> bool {
        self.has_rankings
    }

    /// Whether any member of a revision is asked for.
    pub(super) fn has_revision(&self) -> bool {
        self.n > self.n_of_snap
    }

    fn of_snap(&self) -> &[Range<usize>] {
        &self.runs[..self.n_of_snap]
    }

    fn of_build(&self) -> &[Range<usize>] {
        &self.runs[self.n_of_snap..self.n_of_build]
    }

    fn of_package(&self) -> &[Range<usize>] {
        &self.runs[self.n_of_build..self.n]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Builder;
    use crate::catalogue::Generation;
    use crate::exchange;
    use crate::snap::Instant;

    fn shelved(
        mut catalogue: Builder,
        mut pages: PagesBuilder,
        of: &[Listing],
    ) -> (Catalogue, Pages) {
        for listing in of {
            catalogue.put(listing);
            pages.put(listing, &BTreeSet::new());
        }
        let published_at = Instant::EPOCH;
        let catalogue = catalogue.finish(Generation { number: 1, published_at });
        let pages = pages.finish(&catalogue);
        (catalogue, pages)
    }

    #[test]
    fn a_snap_with_another_summary_shares_its_revisions_and_its_record() {
        let mut listings: Vec<Listing> = exchange::generate(6, 1).collect();
        let (catalogue, pages) = shelved(Builder::default(), PagesBuilder::default(), &listings);
        let next = |listings: &[Listing]| {
            let (later, later_pages) = shelved(
                Builder::from(&catalogue),
                PagesBuilder::from(&catalogue, &pages),
                listings,
            );
            let both = || pages.0.iter().zip(&later_pages.0);
            let shared =
                |is: fn((&Arc<Page>, &Arc<Page>)) -> bool| both().filter(|two| is(*two)).count();
            let records = catalogue.snaps().zip(later.snaps());
            (
                shared(|(a, b)| Arc::ptr_eq(a, b)),
                shared(|(a, b)| Arc::ptr_eq(&a.revisions, &b.revisions)),
                records.filter(|(a, b)| std::ptr::eq::<_>(*a, *b)).count(),
            )
        };
        assert_eq!(next(&listings), (6, 6, 6));
        listings[2].summary = "Another".parse().unwrap();
        assert_eq!(next(&listings), (5, 6, 6));
        listings[4].packages[0].version = "another".parse().unwrap();
        assert_eq!(next(&listings), (4, 5, 6));
        listings[1].releases.clear();
        assert_eq!(next(&listings), (4, 5, 5));
    }
}
