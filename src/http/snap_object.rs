//! A snap as rankings, slices and editors show it (contract/rankings 2.0).

use crate::http::http_date::http_date;
use crate::ranking::Listed;
use crate::ranking::Verbatim;
use serde_json::Value;
use serde_json::json;

/// The sixteen members of a snap.
pub(in crate::http) fn snap_object(listed: &Listed) -> Value {
    json!({
        "contact": listed.contact,
        "description": listed.description,
        "developer_validation": listed.developer_validation,
        "icon": listed.icon,
        "last_updated": http_date(listed.last_updated),
        "license": listed.license,
        "links": value(&listed.links),
        "media": value(&listed.media),
        "name": listed.name,
        "publisher": listed.publisher,
        "revision": listed.revision,
        "snap_id": listed.id,
        "summary": listed.summary,
        "title": listed.title,
        "version": listed.version,
        "website": listed.website,
    })
}

fn value(verbatim: &Verbatim) -> Value {
    // It was one valid value when it was made; only its depth may be more than we read.
    serde_json::from_str(verbatim.as_str()).unwrap_or_default()
}
