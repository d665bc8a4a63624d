//! Numbers in a query.

use crate::http::asked::Asked;
use crate::http::asked::whole_number;

/// The most snaps of `/api/snaps`: a megabyte or so. The earlier service had no bound.
pub(super) const MAX_SNAPS: usize = 500;
/// How many are listed when nothing is said.
const DEFAULT: usize = 10;
/// The most snaps of a page.
const MAX_PAGE: i64 = 50;
/// The snaps of a page whose size is no size (contract/rankings 2.2).
const ODD_PAGE: i64 = 20;

/// The parameter `limit`, or why it is none.
pub(super) fn limit(asked: &Asked<'_>, least: usize, most: usize) -> Result<usize, String> {
    let Some(text) = asked.query_value("limit") else { return Ok(DEFAULT) };
    let limit = whole_number(&text).filter(|limit| (least..=most).contains(limit));
    limit.ok_or_else(|| format!("limit is a whole number from {least} to {most}"))
}

/// Page and size as they are echoed.
type Echoed = (i64, i64);
/// How many snaps to pass over and how many to show.
type Place = (usize, usize);

/// The parameters `page` and `size`, or why they are none.
pub(super) fn page(asked: &Asked<'_>) -> Result<(Echoed, Place), String> {
    let number = |name: &str, default: i64| match asked.query_value(name) {
        Some(text) => whole_number(&text).ok_or_else(|| format!("{name} is a whole number")),
        None => Ok(default),
    };
    let page = number("page", 1)?;
    let size = number("size", 10)?.min(MAX_PAGE);
    let n = if size <= 0 { ODD_PAGE } else { size };
    let skip = (page.max(1) - 1).saturating_mul(n);
    let unsigned = |number: i64| usize::try_from(number).unwrap_or(usize::MAX);
    Ok(((page, size), (unsigned(skip), unsigned(n))))
}
