//! The rankings as this house says them, under `/v2`: with scores, page by page, also without the rule of one ranking
//! a snap, and as they were.

use crate::http::asked::Asked;
use crate::http::boards::cursor::Cursor;
use crate::http::boards::object::Selection;
use crate::http::boards::object::Spelling;
use crate::http::boards::plain::described;
use crate::http::boards::query;
use crate::http::boards::standings::Assignment;
use crate::http::boards::standings::Standing;
use crate::http::json;
use crate::http::page::composed;
use crate::http::problem::Problem;
use crate::http::reply::Reply;
use crate::http::site::Site;
use crate::http::store::Shelf;
use crate::ranking::Category;
use crate::snap::Instant;
use crate::snap::SnapName;

/// The most entries of a page (contract/recommend 4).
const MAX_LIMIT: usize = 100;

/// What a page of a ranking is asked for.
struct Wanted {
    limit: usize,
    /// Behind which snap it begins; None is the beginning.
    cursor: Option<Cursor>,
    assignment: Assignment,
    selection: Selection,
}

impl Wanted {
    /// What the query asks, or everything that is wrong with it.
    fn parse(asked: &Asked<'_>) -> Result<Self, Problem> {
        let mut wrong = Vec::new();
        let limit = query::limit(asked, 1, MAX_LIMIT).unwrap_or_else(|text| {
            wrong.push(text);
            0
        });
        let cursor = asked.query_value("cursor").and_then(|text| {
            let cursor = Cursor::parse(&text);
            if cursor.is_none() {
                wrong.push("cursor is none that was given out".to_owned());
            }
            cursor
        });
        let assignment = match asked.query_value("assignment").as_deref() {
            None | Some("exclusive") => Assignment::Exclusive,
            Some("independent") => Assignment::Independent,
            Some(_) => {
                wrong.push("assignment is exclusive or independent".to_owned());
                Assignment::Exclusive
            }
        };
        let mut selection = Selection::all(Spelling::House);
        if let Some(names) = asked.query_value("fields") {
            match Selection::parse(&names, Spelling::House) {
                Ok(parsed) => selection = parsed,
                Err(text) => wrong.push(text),
            }
        }
        if wrong.is_empty() {
            return Ok(Self { limit, cursor, assignment, selection });
        }
        Err(Problem::BadArgument { arguments: wrong, faults: Vec::new() })
    }
}

/// `/v2/rankings`: the beginning of each ranking.
pub(super) fn rankings(site: &Site, shelf: &Shelf, asked: &Asked<'_>) -> Result<Reply, Problem> {
    let wanted = Wanted { cursor: None, ..Wanted::parse(asked)? };
    let mut out = Vec::with_capacity(64 * 1_024);
    head(&mut out, shelf);
    out.extend_from_slice(b",\"rankings\":");
    json::list(&mut out, Category::ALL, |out, category| {
        out.extend_from_slice(b"{\"category\":\"");
        json::plain(out, category);
        out.extend_from_slice(b"\",\"description\":");
        let (name, description) = described(category);
        json::string(out, description);
        out.extend_from_slice(b",\"name\":");
        json::string(out, name);
        entries(out, shelf, category, &wanted);
        out.push(b'}');
    });
    out.push(b'}');
    Ok(composed(site, asked, out))
}

/// `/v2/rankings/{category}`: a page of one ranking.
pub(super) fn ranking(site: &Site, shelf: &Shelf, asked: &Asked<'_>) -> Result<Reply, Problem> {
    let category = category(asked)?;
    let wanted = Wanted::parse(asked)?;
    let mut out = Vec::with_capacity(16 * 1_024);
    head(&mut out, shelf);
    out.extend_from_slice(b",\"category\":\"");
    json::plain(&mut out, category);
    out.push(b'"');
    entries(&mut out, shelf, category, &wanted);
    out.push(b'}');
    Ok(composed(site, asked, out))
}

/// `/v2/rankings/{category}/history`: where a snap stood, the newest day first.
pub(super) fn history(site: &Site, shelf: &Shelf, asked: &Asked<'_>) -> Result<Reply, Problem> {
    let category = category(asked)?;
    let Some(name) = asked.query_value("snap") else {
        let arguments = vec!["snap is missing: the name of a snap".to_owned()];
        return Err(Problem::BadArgument { arguments, faults: Vec::new() });
    };
    let boards = &shelf.boards;
    let parsed: Option<SnapName> = name.parse().ok();
    let found = parsed.and_then(|name| Some((name, boards.stock.find_named(&name)?)));
    let (name, snap) =
        found.ok_or_else(|| Problem::NotFound("no listed snap has this name".to_owned()))?;
    let mut out = Vec::new();
    head(&mut out, shelf);
    out.extend_from_slice(b",\"category\":\"");
    json::plain(&mut out, category);
    out.extend_from_slice(b"\",\"history\":");
    json::list(&mut out, boards.history.of(category, snap), |out, place| {
        out.extend_from_slice(b"{\"day\":\"");
        out.extend_from_slice(&date(place.day));
        out.extend_from_slice(b"\",\"rank\":");
        json::number(out, place.rank);
        out.extend_from_slice(b",\"score\":");
        json::plain(out, place.score);
        out.push(b'}');
    });
    out.extend_from_slice(b",\"name\":");
    json::string(&mut out, name.as_str());
    out.extend_from_slice(b",\"snap-id\":");
    json::string(&mut out, snap.as_str());
    out.push(b'}');
    Ok(composed(site, asked, out))
}

fn category(asked: &Asked<'_>) -> Result<Category, Problem> {
    let category = asked.parameter.parse();
    category.map_err(|_| Problem::NotFound("there is no such ranking".to_owned()))
}

/// Begins an object with the generation it is of.
fn head(out: &mut Vec<u8>, shelf: &Shelf) {
    let generation = shelf.catalogue.generation();
    out.extend_from_slice(b"{\"generated-at\":\"");
    out.extend_from_slice(&generation.published_at.text());
    out.extend_from_slice(b"\",\"generation\":");
    json::number(out, generation.number);
}

/// Appends `next-cursor` and `results` of a page.
fn entries(out: &mut Vec<u8>, shelf: &Shelf, category: Category, wanted: &Wanted) {
    let ranking = shelf.boards.standings.ranking(category, wanted.assignment);
    let from = wanted.cursor.map_or(0, |cursor| cursor.place_in(ranking));
    let page = &ranking[from..ranking.len().min(from + wanted.limit)];
    let next = page.last().filter(|_| from + page.len() < ranking.len());
    let next = next.map(|last| Cursor::behind(*last).text());
    out.extend_from_slice(b",\"next-cursor\":");
    json::string_or_null(out, next.as_deref());
    out.extend_from_slice(b",\"results\":");
    let ranks = from + 1..;
    json::list(out, ranks.zip(page), |out, (rank, Standing { snap, score })| {
        out.extend_from_slice(b"{\"rank\":");
        json::number(out, rank);
        out.extend_from_slice(b",\"score\":");
        json::plain(out, score);
        out.extend_from_slice(b",\"snap\":");
        match shelf.boards.stock.find(*snap) {
            Some(object) => object.write(out, wanted.selection),
            None => out.extend_from_slice(b"{}"),
        }
        out.extend_from_slice(b",\"snap-id\":");
        json::string(out, snap.as_str());
        out.push(b'}');
    });
}

/// A day as `2026-11-21`.
fn date(day: i32) -> [u8; 10] {
    let midnight = Instant::from_microseconds(i64::from(day) * 86_400_000_000);
    let text = midnight.unwrap_or(Instant::EPOCH).text();
    *text.first_chunk().expect("an instant begins with its day")
}
