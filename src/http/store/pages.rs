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
    text: Box<[u8]>,
    /// Where each of the snap's own members begins, and where the last ends.
    of_snap: [u32; N_OF_SNAP + 1],
    /// The same for what revisions have in common: nearly always there is one for all of them.
    builds: Box<[[u32; N_OF_BUILD + 1]]>,
    /// The same for each revision, with the place of its build.
    packages: Box<[(u32, [u32; N_OF_PACKAGE + 1])]>,
    deltas: Box<[Range<u32>]>,
    /// Where the addresses begin that are ours, least first: there an answer says where it was asked.
    addresses: Box<[u32]>,
}

impl Page {
    /// The page of a snap; `text` is room to write in.
    fn write(text: &mut Vec<u8>, listing: &Listing, held: &BTreeSet<Sha3>) -> Self {
        text.clear();
        let mut addresses = Addresses { id: listing.id, held, places: Vec::new() };
        let (own, of_revision) = Field::ALL.split_at(N_OF_SNAP);
        let (of_build, of_package) = of_revision.split_at(N_OF_BUILD);
        let of_snap = members(text, own, |text, field| {
            texts::of_snap(text, listing, field);
        });
        let mut builds: Vec<[u32; N_OF_BUILD + 1]> = Vec::new();
        let packages = listing.packages.iter().map(|package| {
            let mut write = |text: &mut Vec<u8>, field| {
                texts::of_package(text, package, field, &mut addresses);
            };
            let build = members(text, of_build, &mut write);
            let recent = builds.len().saturating_sub(RECENT);
            let known = builds[recent..].iter().position(|known| is_same(text, known, &build));
            let place = if let Some(place) = known.map(|place| recent + place) {
                text.truncate(build[0] as usize);
                place
            } else {
                builds.push(build);
                builds.len() - 1
            };
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
        Self { text, of_snap, builds: builds.into(), packages, deltas, addresses }
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

/// Whether two builds have the same texts in the same places.
fn is_same(text: &[u8], one: &[u32; N_OF_BUILD + 1], other: &[u32; N_OF_BUILD + 1]) -> bool {
    let whole = |begins: &[u32]| &text[begins[0] as usize..begins[N_OF_BUILD] as usize];
    let lengths = |begins: &[u32; N_OF_BUILD + 1]| begins.map(|begin| begin - begins[0]);
    lengths(one) == lengths(other) && whole(one) == whole(other)
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
        let page = &self.0[snap.index()];
        page.write_runs(out, &page.of_snap, projection.of_snap());
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
        let page = &self.0[snap.index()];
        page.write_runs(out, &page.of_snap, projection.of_snap());
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
        let page = &self.0[snap.index()];
        let (build, of_package) = &page.packages[package.index()];
        page.write_runs(out, &page.builds[*build as usize], projection.of_build());
        for run in projection.of_package() {
            if deltas.is_empty() || !run.contains(&DOWNLOAD) {
                let stretch = (of_package[run.start], of_package[run.end]);
                page.write_files(out, stretch, projection.base);
                continue;
            }
            let end_of_download = of_package[DOWNLOAD + 1];
            page.write_files(out, (of_package[run.start], end_of_download), projection.base);
            out.truncate(out.len() - texts::NO_DELTAS.len());
            for (place, delta) in deltas.iter().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                let range = &page.deltas[*delta];
                page.write_files(out, (range.start, range.end), projection.base);
            }
            out.extend_from_slice(texts::NO_DELTAS);
            out.extend_from_slice(page.text(end_of_download, of_package[run.end]));
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
        let page = &self.0[snap.index()];
        if let Some(delta) = delta {
            let range = &page.deltas[delta];
            return page.text(range.start, range.end);
        }
        let (_, of_package) = &page.packages[package.index()];
        let member = page.text(of_package[DOWNLOAD], of_package[DOWNLOAD + 1]);
        // Behind its name.
        let object = member.iter().position(|byte| *byte == b'{').expect("a download is an object");
        &member[object..]
    }

    /// Bytes of text held, for the log.
    pub fn size_bytes(&self) -> usize {
        self.0.iter().map(|page| page.text.len()).sum()
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
        let page = &self.0;
        page.write_runs(out, &page.of_snap, projection.of_snap());
        page.write_runs(out, &page.packages[package.index()].1, projection.of_package());
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
        let page = Page::write(&mut self.text, listing, held);
        let known = self.pages.get(&listing.id);
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

/// Which stretches of a page an answer copies: a set of fields as runs of neighbours, worked out once a request.
#[derive(Clone)]
pub(super) struct Projection<'b> {
    runs: [Range<usize>; Field::ALL.len()],
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
        let runs = [const { 0..0 }; Field::ALL.len()];
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
        let first = places.start;
        let mut place = places.start;
        while place < places.end {
            let from = place;
            while place < places.end && fields.contains(Field::ALL[place]) {
                place += 1;
            }
            if from < place {
                self.runs[self.n] = from - first..place - first;
                self.n += 1;
            }
            place += 1;
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
