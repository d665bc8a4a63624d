//! What editors do: with a token, in the database, with a word in the audit.

use crate::http::asked::Asked;
use crate::http::problem::Problem;
use crate::http::reply::Reply;
use crate::http::site::Site;

/// The answer to an editor.
#[allow(clippy::unused_async, reason = "the routes to come wait for the database")]
pub(super) async fn answer(_site: &Site, _asked: &Asked<'_>) -> Result<Reply, Problem> {
    Err(Problem::Internal)
}
