//! Pages of people: rankings, slices, counts, all of them rendered when they were published.

use crate::http::asked::Asked;
use crate::http::problem::Problem;
use crate::http::reply::Reply;
use crate::http::route::Route;
use crate::http::site::Site;
use crate::http::store::Shelf;
use hyper::StatusCode;

/// The answer to a page's question.
pub(super) fn answer(_site: &Site, _shelf: &Shelf, asked: &Asked<'_>) -> Result<Reply, Problem> {
    match asked.route {
        Route::Check => {
            let content_type = "text/html; charset=utf-8";
            Ok(Reply { content_type, ..Reply::json(StatusCode::OK, b"OK".to_vec()) })
        }
        _ => Err(Problem::Internal),
    }
}
