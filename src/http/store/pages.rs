//! The texts of the answers, kept beside the catalogue.
//!
//! Every member of a snap object is written once, at publication, as `,"name":value`, in the order of [`Field`]. An
//! answer copies the stretches that were asked for; snapd's 27 fields are three of them.

use crate::catalogue::Catalogue;
use crate::catalogue::PackageIndex;
use crate::catalogue::SnapIndex;
use crate::http::store::texts;
use crate::snap::Field;
use crate::snap::Fields;
use crate::snap::Listing;
use crate::snap::SnapId;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

const N_OF_SNAP: usize = Field::N_OF_SNAP;
const N_OF_PACKAGE: usize = Field::ALL.len() - N_OF_SNAP;
const DOWNLOAD: usize = Field::Download as usize - N_OF_SNAP;

/// Everything the door says about one snap.
#[derive(Debug)]
struct Page {
    text: Box<[u8]>,
    /// Where each of the snap's own members begins, and where the last ends.
    of_snap: [u32; N_OF_SNAP + 1],
    /// The same for each revision.
    packages: Box<[[u32; N_OF_PACKAGE + 1]]>,
    deltas: Box<[Range<u32>]>,
}

impl Page {
    fn write(listing: &Listing) -> Self {
        let mut text = Vec::with_capacity(4_096 + listing.packages.len() * 1_024);
        let end = |text: &Vec<u8>| u32::try_from(text.len()).expect("a page is under 4 GiB");
        let (own, of_revision) = Field::ALL.split_at(N_OF_SNAP);
        let mut of_snap = [0; N_OF_SNAP + 1];
        for (place, field) in own.iter().enumerate() {
            texts::of_snap(&mut text, listing, *field);
            of_snap[place + 1] = end(&text);
        }
        let packages = listing.packages.iter().map(|package| {
            let mut of_package = [end(&text); N_OF_PACKAGE + 1];
            for (place, field) in of_revision.iter().enumerate() {
                texts::of_package(&mut text, package, *field);
                of_package[place + 1] = end(&text);
            }
            of_package
        });
        let packages = packages.collect();
        let deltas = listing.deltas.iter().map(|delta| {
            let from = end(&text);
            texts::delta(&mut text, delta);
            from..end(&text)
        });
        let deltas = deltas.collect();
        Self { text: text.into(), of_snap, packages, deltas }
    }

    fn text(&self, from: u32, to: u32) -> &[u8] {
        &self.text[from as usize..to as usize]
    }
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
        projection: &Projection,
        deltas: &[usize],
    ) {
        let start = out.len();
        let page = &self.0[snap.index()];
        for run in projection.of_snap() {
            out.extend_from_slice(page.text(page.of_snap[run.start], page.of_snap[run.end]));
        }
        self.write_package_members(out, (snap, package), projection, deltas);
        match out.get_mut(start) {
            // The first member's comma.
            Some(first) => *first = b'{',
            None => out.push(b'{'),
        }
        out.push(b'}');
    }

    /// Appends the snap's own members of the projection as an object.
    pub(super) fn write_own(&self, out: &mut Vec<u8>, snap: SnapIndex, projection: &Projection) {
        let start = out.len();
        let page = &self.0[snap.index()];
        for run in projection.of_snap() {
            out.extend_from_slice(page.text(page.of_snap[run.start], page.of_snap[run.end]));
        }
        match out.get_mut(start) {
            Some(first) => *first = b'{',
            None => out.push(b'{'),
        }
        out.push(b'}');
    }

    /// Appends the revision's members of the projection, each as `,"name":value`.
    pub(super) fn write_package_members(
        &self,
        out: &mut Vec<u8>,
        (snap, package): (SnapIndex, PackageIndex),
        projection: &Projection,
        deltas: &[usize],
    ) {
        let page = &self.0[snap.index()];
        let of_package = &page.packages[package.index()];
        for run in projection.of_package() {
            if deltas.is_empty() || !run.contains(&DOWNLOAD) {
                out.extend_from_slice(page.text(of_package[run.start], of_package[run.end]));
                continue;
            }
            let end_of_download = of_package[DOWNLOAD + 1];
            out.extend_from_slice(page.text(of_package[run.start], end_of_download));
            out.truncate(out.len() - texts::NO_DELTAS.len());
            for (place, delta) in deltas.iter().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                let range = &page.deltas[*delta];
                out.extend_from_slice(page.text(range.start, range.end));
            }
            out.extend_from_slice(texts::NO_DELTAS);
            out.extend_from_slice(page.text(end_of_download, of_package[run.end]));
        }
    }

    /// Bytes of text held, for the log.
    pub fn size_bytes(&self) -> usize {
        self.0.iter().map(|page| page.text.len()).sum()
    }
}

/// The pages of a catalogue in the making.
#[derive(Debug, Default)]
pub struct PagesBuilder(HashMap<SnapId, Arc<Page>>);

impl PagesBuilder {
    /// Begins with every page of an earlier generation.
    pub fn from(catalogue: &Catalogue, pages: &Pages) -> Self {
        let ids = catalogue.snaps().map(|snap| snap.id);
        Self(ids.zip(pages.0.iter().map(Arc::clone)).collect())
    }

    /// Writes the page of a snap, in the place of what was there.
    pub fn put(&mut self, listing: &Listing) {
        self.0.insert(listing.id, Arc::new(Page::write(listing)));
    }

    /// Forgets the page of a snap, if there is one.
    pub fn remove(&mut self, id: SnapId) {
        self.0.remove(&id);
    }

    /// The pages in the order of the catalogue, whose every snap must have been put.
    pub fn finish(mut self, catalogue: &Catalogue) -> Pages {
        let page = |id| self.0.remove(&id).expect("every snap of the catalogue has its page");
        Pages(catalogue.snaps().map(|snap| snap.id).map(page).collect())
    }
}

/// Which stretches of a page an answer copies: a set of fields as runs of neighbours, worked out once a request.
#[derive(Debug, Clone)]
pub(super) struct Projection {
    runs: [Range<usize>; Field::ALL.len()],
    n_of_snap: usize,
    n: usize,
}

impl Projection {
    /// The projection onto these fields.
    pub(super) fn new(fields: Fields) -> Self {
        let mut projection = Self { runs: [const { 0..0 }; Field::ALL.len()], n_of_snap: 0, n: 0 };
        projection.add_runs(fields, 0..N_OF_SNAP);
        projection.n_of_snap = projection.n;
        projection.add_runs(fields, N_OF_SNAP..Field::ALL.len());
        projection
    }

    fn add_runs(&mut self, fields: Fields, places: Range<usize>) {
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
    }

    fn of_snap(&self) -> &[Range<usize>] {
        &self.runs[..self.n_of_snap]
    }

    fn of_package(&self) -> &[Range<usize>] {
        &self.runs[self.n_of_snap..self.n]
    }
}
