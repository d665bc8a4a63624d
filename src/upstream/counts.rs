//! What is counted of a snap's links and media.

use crate::ranking::Counts;
use serde_json::Value;

/// The types of media that people see (contract/rankings 4.5).
const SHOWN: [&str; 5] = ["icon", "screenshot", "video", "banner", "logo"];

/// Counts the links and media of a snap as the store gives them. What is not of the usual form counts nothing.
pub fn counts(links: &Value, media: &Value) -> Counts {
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let media = media.as_array().map_or(&[][..], Vec::as_slice);
    let is_shown = |item: &&Value| item["type"].as_str().is_some_and(|kind| SHOWN.contains(&kind));
    let n_links = |kind: &str| links[kind].as_array().map_or(0, Vec::len);
    let kinds = links.as_object().into_iter().flat_map(serde_json::Map::values);
    Counts {
        n_media: number(media.len()),
        n_shown_media: number(media.iter().filter(is_shown).count()),
        n_link_kinds: number(
            kinds.filter(|kind| kind.as_array().is_some_and(|links| !links.is_empty())).count(),
        ),
        n_contacts: number(n_links("issues") + n_links("contact")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_lists_of_links_and_shown_media_count() {
        let links = json!({
            "contact": ["mailto:a@b.example", "https://b.example"],
            "issues": [],
            "website": "https://not.a.list",
            "source": ["https://c.example"],
        });
        let media = json!([{"type": "icon"}, {"type": "hologram"}, {"type": "logo"}, 7, {}]);
        let expected = Counts { n_media: 5, n_shown_media: 2, n_link_kinds: 2, n_contacts: 2 };
        assert_eq!(counts(&links, &media), expected);
        for other in [json!(null), json!("x"), json!(3), json!([1])] {
            let none = counts(&other, &json!({"type": "icon"}));
            assert_eq!(none, Counts::default(), "{other}");
        }
    }
}
