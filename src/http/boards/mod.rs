//! Pages of people: rankings, slices, counts, rendered when they were published or put together from what was.
//!
//! Read from the shelf alone: nothing here waits, and nothing here is written.

#[allow(clippy::module_inception, reason = "the boards are what this room is for")]
mod boards;
mod cursor;
mod history;
mod house;
mod object;
mod plain;
mod query;
mod standings;
mod stock;

use crate::http::asked::Asked;
use crate::http::boards::object::Selection;
use crate::http::boards::object::Spelling;
use crate::http::page::composed;
use crate::http::problem::Problem;
use crate::http::reply::Reply;
use crate::http::route::Route;
use crate::http::site::Site;
use crate::http::store::Shelf;
use crate::ranking::Category;
use crate::snap::Instant;
use crate::snap::Invalid;
use hyper::StatusCode;
use hyper::header::HeaderValue;
use hyper::header::LOCATION;

pub use boards::Boards;
pub use boards::BoardsBuilder;

/// What the stats count as today, in microseconds.
const DAY: i64 = 86_400_000_000;

const HTML: &str = "text/html; charset=utf-8";

/// The answer to a page's question.
pub(super) fn answer(site: &Site, shelf: &Shelf, asked: &Asked<'_>) -> Result<Reply, Problem> {
    match asked.route {
        Route::Check => {
            Ok(Reply { content_type: HTML, ..Reply::json(StatusCode::OK, b"OK".to_vec()) })
        }
        Route::Root => {
            let found = Reply { content_type: HTML, ..Reply::json(StatusCode::FOUND, Vec::new()) };
            // Whoever came in behind the prefix goes on behind it, and a proxy may have taken it away on the way here.
            let dashboard = format!("{}/dashboard", site.options.path_prefix);
            let dashboard = HeaderValue::try_from(dashboard).map_err(|_| Problem::Internal)?;
            Ok(found.with(LOCATION, dashboard))
        }
        Route::Rankings => house::rankings(site, shelf, asked),
        Route::Ranking => house::ranking(site, shelf, asked),
        Route::RankingHistory => house::history(site, shelf, asked),
        _ => Ok(plain_answer(site, &shelf.boards, asked).unwrap_or_else(|reply| *reply)),
    }
}

/// The answer of a route of the earlier service; a refusal is one too, in that service's words.
fn plain_answer(site: &Site, boards: &Boards, asked: &Asked<'_>) -> Result<Reply, Box<Reply>> {
    let Boards { stock, standings, pages, .. } = boards;
    let selection = || match asked.query_value("fields") {
        Some(names) => {
            Selection::parse(&names, Spelling::Plain).map_err(|wrong| bad_request(&wrong))
        }
        None => Ok(Selection::all(Spelling::Plain)),
    };
    let reply = |body| composed(site, asked, body);
    match asked.route {
        Route::Categories => Ok(pages.categories.reply(site, asked)),
        Route::Category => {
            let category = asked.parameter.parse::<Category>();
            let category = category.map_err(|_| not_found("Category not found"))?;
            let selection = selection()?;
            if selection.is_all() {
                return Ok(pages.rankings[category as usize].reply(site, asked));
            }
            Ok(reply(plain::ranking(stock, standings, category, selection)))
        }
        Route::Slices => Ok(pages.slices.reply(site, asked)),
        Route::Slice => {
            let slice = boards.slices.iter().find(|slice| slice.id.as_str() == asked.parameter);
            let slice = slice.ok_or_else(|| not_found("Slice not found"))?;
            let selection = selection()?;
            match pages.slice.get(&slice.id).filter(|_| selection.is_all()) {
                Some(page) => Ok(page.reply(site, asked)),
                None => Ok(reply(plain::slice(stock, slice, selection))),
            }
        }
        Route::Snaps => {
            let limit =
                query::limit(asked, 0, query::MAX_SNAPS).map_err(|wrong| bad_request(&wrong))?;
            let category = asked.query_value("category").unwrap_or_default();
            let which: Result<Category, Invalid> = category.parse();
            Ok(reply(plain::snaps(stock, standings, (which.ok(), limit), selection()?)))
        }
        Route::RecentlyUpdated => {
            let (echoed, place) = query::page(asked).map_err(|wrong| bad_request(&wrong))?;
            Ok(reply(plain::recent(stock, echoed, place, selection()?)))
        }
        _ => {
            let now = (site.clock)().microseconds();
            let since = Instant::from_microseconds(now - DAY).unwrap_or(Instant::EPOCH);
            Ok(reply(plain::stats(stock.count_since(since))))
        }
    }
}

fn bad_request(wrong: &str) -> Box<Reply> {
    refusal(StatusCode::BAD_REQUEST, wrong)
}

fn not_found(what: &str) -> Box<Reply> {
    refusal(StatusCode::NOT_FOUND, what)
}

fn refusal(status: StatusCode, text: &str) -> Box<Reply> {
    Box::new(Reply::refusal(status, text))
}
