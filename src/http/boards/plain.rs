//! The bodies of the earlier service's answers (contract/rankings 2.2), under `/api`.

use crate::http::boards::object::Object;
use crate::http::boards::object::Selection;
use crate::http::boards::standings::Assignment;
use crate::http::boards::standings::Standings;
use crate::http::boards::stock::Counts;
use crate::http::boards::stock::Stock;
use crate::http::json;
use crate::http::plain_json;
use crate::ranking::Category;
use crate::ranking::Slice;
use serde_json::json;

/// The most snaps of a ranking.
const MAX_RANKED: usize = 50;

/// A category's name and what it is for, as shown to people.
pub(super) fn described(category: Category) -> (&'static str, &'static str) {
    match category {
        Category::Popular => ("Popular snaps", "What is installed on many devices."),
        Category::Recent => ("Recently updated snaps", "What was updated a short while ago."),
        Category::Trending => ("Trending snaps", "What is both widely used and freshly updated."),
        Category::TopRated => ("Top rated snaps", "What people vote for."),
    }
}

/// `/api/categories`.
pub(super) fn categories() -> Vec<u8> {
    let each = Category::ALL.map(|category| {
        let (name, description) = described(category);
        json!({"id": category.as_str(), "name": name, "description": description})
    });
    plain_json::write(&json!(each))
}

/// `/api/category/{id}`.
pub(super) fn ranking(
    stock: &Stock,
    standings: &Standings,
    category: Category,
    selection: Selection,
) -> Vec<u8> {
    let mut out = Vec::with_capacity(64 * 1_024);
    let ranking = standings.ranking(category, Assignment::Exclusive).iter().take(MAX_RANKED);
    let shown = ranking.filter_map(|standing| Some((standing.snap, stock.find(standing.snap)?)));
    json::list(&mut out, (1_u32..).zip(shown), |out, (rank, (snap, object))| {
        out.extend_from_slice(b"{\"details\":");
        object.write(out, selection);
        out.extend_from_slice(b",\"rank\":");
        json::number(out, rank);
        out.extend_from_slice(b",\"snap_id\":\"");
        out.extend_from_slice(snap.as_str().as_bytes());
        out.extend_from_slice(b"\"}");
    });
    out.push(b'\n');
    out
}

/// `/api/snaps`.
pub(super) fn snaps(
    stock: &Stock,
    standings: &Standings,
    (category, limit): (Option<Category>, usize),
    selection: Selection,
) -> Vec<u8> {
    let ranking =
        category.map_or(&[][..], |category| standings.ranking(category, Assignment::Exclusive));
    let shown = ranking.iter().take(limit).filter_map(|standing| stock.find(standing.snap));
    let mut out = b"{\"snaps\":".to_vec();
    objects(&mut out, shown, selection);
    out.extend_from_slice(b"}\n");
    out
}

/// `/api/slices`.
pub(super) fn slices(slices: &[Slice]) -> Vec<u8> {
    let mut out = Vec::new();
    json::list(&mut out, slices, about);
    out.push(b'\n');
    out
}

/// `/api/slice/{id}`: what is excluded from rankings is shown here.
pub(super) fn slice(stock: &Stock, slice: &Slice, selection: Selection) -> Vec<u8> {
    let mut out = b"{\"slice\":".to_vec();
    about(&mut out, slice);
    out.extend_from_slice(b",\"snaps\":");
    objects(&mut out, slice.snaps.iter().filter_map(|snap| stock.find(*snap)), selection);
    out.extend_from_slice(b"}\n");
    out
}

/// `/api/recently-updated`: the numbers are echoed as they were sent.
pub(super) fn recent(
    stock: &Stock,
    (page, size): (i64, i64),
    (skip, n): (usize, usize),
    selection: Selection,
) -> Vec<u8> {
    let mut out = b"{\"page\":".to_vec();
    json::number(&mut out, page);
    out.extend_from_slice(b",\"size\":");
    json::number(&mut out, size);
    out.extend_from_slice(b",\"snaps\":");
    objects(&mut out, stock.recent(skip, n), selection);
    out.extend_from_slice(b"}\n");
    out
}

/// `/api/stats`.
pub(super) fn stats(counts: Counts) -> Vec<u8> {
    let Counts { tracked, new, updated } = counts;
    let value = json!({"new_today": new, "total_tracked": tracked, "updated_today": updated});
    plain_json::write(&value)
}

fn about(out: &mut Vec<u8>, slice: &Slice) {
    out.extend_from_slice(b"{\"description\":");
    plain_json::string(out, &slice.description);
    out.extend_from_slice(b",\"id\":");
    plain_json::string(out, slice.id.as_str());
    out.extend_from_slice(b",\"name\":");
    plain_json::string(out, &slice.name);
    out.push(b'}');
}

fn objects<'o>(out: &mut Vec<u8>, objects: impl Iterator<Item = &'o Object>, selection: Selection) {
    json::list(out, objects, |out, object| object.write(out, selection));
}
