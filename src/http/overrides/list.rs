//! `GET /v2/overrides`: every snap about which something is decided.

use crate::db::overrides;
use crate::http::asked::Asked;
use crate::http::overrides::away;
use crate::http::overrides::view;
use crate::http::parameters::Query;
use crate::http::problem::Problem;
use crate::http::site::Site;
use crate::snap::SnapName;

/// The most snaps of a page, and how many without a word: each shows up to 512 decisions.
const MAX_LIMIT: u32 = 100;

pub(super) async fn answer(site: &Site, asked: &Asked<'_>) -> Result<Vec<u8>, Problem> {
    let mut query = Query::new(asked.query, &["limit", "cursor"]);
    let told = ("bad-limit", "limit must be a whole number from 1 to 100");
    let limit = query.read("limit", told, |text| {
        text.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit))
    });
    let limit = limit.unwrap_or(MAX_LIMIT);
    let told = ("bad-cursor", "this is not a next-cursor of this list");
    let after: Option<SnapName> = query.read("cursor", told, |text| text.parse().ok());
    query.checked()?;
    let client = site.backroom.database.client().await.map_err(away)?;
    // One more tells whether there are more.
    let mut page = overrides::list(&client, after.as_ref(), limit + 1).await.map_err(away)?;
    let has_more = page.len() > limit as usize;
    page.truncate(limit as usize);
    let next = page.last().filter(|_| has_more).map(|last| last.name);
    Ok(view::list(&page, next))
}
