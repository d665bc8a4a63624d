//! A snap as the store's search lists it.

use crate::ranking::Listed;
use crate::ranking::Verbatim;
use crate::snap::Instant;
use crate::snap::Invalid;
use crate::snap::SnapId;
use crate::snap::SnapName;
use crate::upstream::counts::counts;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::Value;

/// The largest text, as for catalogue documents.
const MAX_TEXT_BYTES: usize = 256 * 1_024;

/// An entry of a search page: the members of contract/rankings 4.2. Those that are no `Option` have to be there.
#[derive(Debug, Deserialize)]
struct Entry {
    snap_id: SnapId,
    package_name: SnapName,
    last_updated: String,
    #[serde(default)]
    date_published: Option<String>,
    summary: String,
    description: String,
    title: String,
    version: String,
    publisher: String,
    revision: i64,
    links: Value,
    media: Value,
    developer_validation: String,
    license: String,
    #[serde(default)]
    sections: Option<Value>,
}

/// Reads an entry.
///
/// # Errors
/// With the first member that is not valid and why.
pub(super) fn read(entry: Value) -> Result<Listed, String> {
    let entry: Entry = serde_path_to_error::deserialize(entry).map_err(|error| {
        let place = error.path().to_string();
        let reason = error.into_inner();
        if place == "." { reason.to_string() } else { format!("{place}: {reason}") }
    })?;
    entry.listed()
}

impl Entry {
    fn listed(self) -> Result<Listed, String> {
        let texts = [
            ("title", &self.title),
            ("version", &self.version),
            ("summary", &self.summary),
            ("description", &self.description),
            ("publisher", &self.publisher),
            ("developer_validation", &self.developer_validation),
            ("license", &self.license),
        ];
        for (member, text) in texts {
            check(text).map_err(|rule| format!("{member}: {rule}"))?;
        }
        if !self.links.is_object() {
            return Err("links: not an object".to_owned());
        }
        let Some(media) = self.media.as_array() else {
            return Err("media: not a list".to_owned());
        };
        if self.revision < 0 {
            return Err("revision: a whole number from 0 on".to_owned());
        }
        let icon = media.iter().find(|item| item["type"] == "icon");
        let icon = icon.and_then(|icon| text_of(&icon["url"]));
        let first = |kind: &str| text_of(&self.links[kind][0]);
        let at = |member: &'static str, text: &str| {
            instant(text).map_err(|invalid| format!("{member}: {invalid}"))
        };
        let verbatim = |member: &'static str, value: &Value| {
            value.to_string().parse::<Verbatim>().map_err(|invalid| format!("{member}: {invalid}"))
        };
        let sections = self.sections.as_ref().filter(|sections| !sections.is_null());
        if sections.is_some_and(|sections| !sections.is_array()) {
            return Err("sections: not a list".to_owned());
        }
        Ok(Listed {
            id: self.snap_id,
            name: self.package_name,
            icon,
            website: first("website"),
            contact: first("contact"),
            revision: self.revision,
            links: verbatim("links", &self.links)?,
            media: verbatim("media", &self.media)?,
            categories: sections.map(|sections| verbatim("sections", sections)).transpose()?,
            last_updated: at("last_updated", &self.last_updated)?,
            date_published: self
                .date_published
                .as_deref()
                .map(|text| at("date_published", text))
                .transpose()?,
            counts: counts(&self.links, &self.media),
            title: self.title,
            version: self.version,
            summary: self.summary,
            description: self.description,
            publisher: self.publisher,
            developer_validation: self.developer_validation,
            license: self.license,
        })
    }
}

/// What the database can hold of a text.
fn check(text: &str) -> Result<(), &'static str> {
    if text.contains('\0') {
        return Err("no NUL characters");
    }
    if text.len() > MAX_TEXT_BYTES {
        return Err("at most 256 KiB");
    }
    Ok(())
}

/// A text that is one and is not empty.
fn text_of(value: &Value) -> Option<String> {
    let text = value.as_str().filter(|text| !text.is_empty())?;
    check(text).is_ok().then(|| text.to_owned())
}

/// An instant as the store writes it; without an offset it is UTC.
fn instant(text: &str) -> Result<Instant, Invalid> {
    text.parse().or_else(|invalid| {
        let stamp = text
            .parse::<DateTime>()
            .ok()
            .and_then(|civil| TimeZone::UTC.to_ambiguous_timestamp(civil).unambiguous().ok());
        stamp.map_or(Err(invalid), |stamp| Instant::from_microseconds(stamp.as_microsecond()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn entry() -> Value {
        json!({
            "snap_id": "AbCdEf0123456789AbCdEf0123456789", "package_name": "example-snap",
            "last_updated": "2026-07-10T08:00:00.123456Z", "date_published": "2025-01-02T03:04:05+02:00",
            "summary": "One line", "description": "Long text", "title": "Example Snap", "version": "1.2.3",
            "publisher": "Example Org", "revision": 42,
            "links": {"contact": ["mailto:dev@example.org"], "website": ["https://example.org"], "source": "no"},
            "media": [{"type": "screenshot", "url": "https://cdn.example/1.png"},
                      {"type": "icon", "url": "https://cdn.example/icon.png", "width": 256},
                      {"type": "icon", "url": "https://cdn.example/other.png"}],
            "developer_validation": "verified", "license": "MIT",
            "sections": [{"name": "games", "featured": false}], "something": "else",
        })
    }

    fn with(member: &str, value: Value) -> Value {
        let mut changed = entry();
        changed[member] = value;
        changed
    }

    #[test]
    fn an_entry_is_mapped_as_the_contract_says() {
        let listed = read(entry()).unwrap();
        assert_eq!(listed.icon.as_deref(), Some("https://cdn.example/icon.png"));
        assert_eq!(listed.website.as_deref(), Some("https://example.org"));
        assert_eq!(listed.contact.as_deref(), Some("mailto:dev@example.org"));
        assert_eq!(listed.last_updated.to_string(), "2026-07-10T08:00:00.123456+00:00");
        let published = listed.date_published.map(|at| at.to_string());
        assert_eq!(published.as_deref(), Some("2025-01-02T01:04:05.000000+00:00"));
        assert_eq!(listed.categories.unwrap().as_str(), r#"[{"featured":false,"name":"games"}]"#);
        assert_eq!(serde_json::from_str::<Value>(listed.links.as_str()).unwrap(), entry()["links"]);
        assert_eq!(serde_json::from_str::<Value>(listed.media.as_str()).unwrap(), entry()["media"]);
        assert_eq!((listed.counts.n_media, listed.counts.n_link_kinds), (3, 2));
    }

    #[test]
    fn what_may_be_missing_may_be_missing() {
        let mut sparse = entry();
        for member in ["date_published", "sections"] {
            sparse.as_object_mut().unwrap().remove(member);
        }
        sparse["links"] = json!({});
        sparse["media"] = json!([]);
        let listed = read(sparse).unwrap();
        assert_eq!((listed.icon, listed.website, listed.contact), (None, None, None));
        assert_eq!((listed.date_published, listed.categories), (None, None));
        let nulls = read(with("date_published", json!(null))).unwrap();
        assert_eq!(nulls.date_published, None);
        let naive = read(with("last_updated", json!("2026-07-10T08:00:00"))).unwrap();
        assert_eq!(naive.last_updated.to_string(), "2026-07-10T08:00:00.000000+00:00");
        let odd = read(with("links", json!({"website": "https://x", "contact": [7]}))).unwrap();
        assert_eq!((odd.website, odd.contact), (None, None));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (member, value) in [
            ("snap_id", json!("short")),
            ("package_name", json!("Not A Name")),
            ("summary", json!(null)),
            ("title", json!(7)),
            ("revision", json!("42")),
            ("revision", json!(-1)),
            ("links", json!([])),
            ("media", json!({})),
            ("sections", json!("games")),
            ("license", json!(null)),
            ("last_updated", json!("yesterday")),
            ("date_published", json!("never")),
            ("description", json!("a\u{0}b")),
            ("media", json!([{"type": "icon", "url": "a\u{0}b"}])),
        ] {
            let reason = read(with(member, value)).unwrap_err();
            assert!(reason.contains(member), "{member}: {reason}");
        }
        for member in ["snap_id", "publisher", "links", "developer_validation"] {
            let mut lacking = entry();
            lacking.as_object_mut().unwrap().remove(member);
            assert!(read(lacking).unwrap_err().contains(member), "{member}");
        }
        assert!(read(json!(7)).is_err());
    }
}
