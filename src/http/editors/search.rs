//! Finds collected snaps by words, for picking them.

use crate::db::Database;
use crate::db::listed_search;
use crate::http::asked::Asked;
use crate::http::editors::exclusions::listed_by_id;
use crate::http::editors::refusal::Refusal;
use crate::ranking::Listed;
use serde_json::Value;
use serde_json::json;

/// The most snaps that are shown.
const LIMIT: u32 = 15;
/// The fewest characters that are looked for: with fewer, nearly every snap would do.
const MIN_CHARACTERS: usize = 3;
/// The most characters that are looked for; no title is longer.
const MAX_CHARACTERS: usize = 256;

/// The snaps that hold the words of the query.
pub(super) async fn search(database: &Database, asked: &Asked<'_>) -> Result<Value, Refusal> {
    let words = asked.query_value("q").unwrap_or_default();
    let n = words.chars().count();
    let is_asked = (MIN_CHARACTERS..=MAX_CHARACTERS).contains(&n) && !words.contains('\0');
    let mut packages = Vec::new();
    if is_asked {
        let client = database.client().await?;
        let ids = listed_search::search(&client, &words, LIMIT).await?;
        let by_id = listed_by_id(&client, &ids).await?;
        packages.extend(ids.iter().filter_map(|id| by_id.get(id)).map(package));
    }
    Ok(json!({"data": {"packages": packages}, "message": "", "success": true}))
}

/// A snap in the shape of the store's search (contract/rankings 2.3).
fn package(listed: &Listed) -> Value {
    json!({
        "categories": [],
        "package": {
            "description": listed.summary,
            "display_name": listed.title,
            "icon_url": listed.icon,
            "name": listed.name,
            "platforms": [],
            "type": "app",
        },
        "publisher": {
            "display_name": listed.publisher,
            "name": listed.publisher,
            "validation": listed.developer_validation,
        },
        "snap_id": listed.id,
    })
}
