//! A snap that the store found, in the shape that pages know (contract/rankings 2.2).

use crate::http::plain_json;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

/// The package of a result, ready to be sent. None when the store names no snap.
pub(super) fn package(result: &Map<String, Value>) -> Option<Box<[u8]>> {
    let id = result.get("snap-id").and_then(Value::as_str)?;
    let name = result.get("name").and_then(Value::as_str)?;
    let snap = result.get("snap").unwrap_or(&Value::Null);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let categories = snap["categories"].as_array().map_or(&[][..], Vec::as_slice);
    let categories = categories.iter().filter(|category| category["name"].is_string());
    let category = |category: &Value| {
        let is_featured = category["featured"].as_bool().unwrap_or_default();
        json!({"featured": is_featured, "name": category["name"]})
    };
    let publisher = &snap["publisher"];
    let value = json!({
        "categories": categories.map(category).collect::<Vec<_>>(),
        "package": {
            "description": text(&snap["summary"]),
            "display_name": text(&snap["title"]),
            "icon_url": icon_url(snap.get("media")),
            "name": name,
            "platforms": [],
            "type": "snap",
        },
        "publisher": {
            "display_name": text(&publisher["display-name"]),
            "name": text(&publisher["username"]),
            "validation": text(&publisher["validation"]),
        },
        "snap_id": id,
    });
    let mut out = Vec::new();
    plain_json::append(&mut out, &value);
    Some(out.into())
}

/// Where the first icon of a list of media is; empty when there is none.
pub(super) fn icon_url(media: Option<&Value>) -> &str {
    let media = media.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let icon = media.iter().find(|item| item["type"] == "icon");
    icon.and_then(|icon| icon["url"].as_str()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(result: Value) -> Option<Value> {
        let Value::Object(result) = result else { return None };
        package(&result).map(|bytes| serde_json::from_slice(&bytes).unwrap())
    }

    #[test]
    fn a_result_is_turned_round() {
        let result = json!({"name": "one", "snap-id": "i", "revision": {}, "snap": {
            "title": "One", "summary": "A snap", "categories": [{"name": "games", "featured": true, "x": 1}, 7],
            "media": [{"type": "banner", "url": "b"}, {"type": "icon", "url": "u"}, {"type": "icon", "url": "v"}],
            "publisher": {"display-name": "Some One", "username": "someone", "validation": "verified", "id": "p"}}});
        let expected = json!({
            "categories": [{"featured": true, "name": "games"}],
            "package": {"description": "A snap", "display_name": "One", "icon_url": "u", "name": "one",
                        "platforms": [], "type": "snap"},
            "publisher": {"display_name": "Some One", "name": "someone", "validation": "verified"},
            "snap_id": "i",
        });
        assert_eq!(shown(result), Some(expected));
    }

    #[test]
    fn what_the_store_leaves_out_is_empty_and_what_it_does_not_name_is_no_snap() {
        let bare = shown(json!({"name": "one", "snap-id": "i"})).unwrap();
        assert_eq!(bare["categories"], json!([]));
        assert_eq!(bare["package"]["icon_url"], "");
        assert_eq!(bare["publisher"]["validation"], "");
        assert_eq!(shown(json!({"name": "one"})), None);
        assert_eq!(shown(json!({"snap-id": "i", "name": null})), None);
    }
}
