//! The members that are shown of a snap, wherever one is shown (contract/rankings 2.0).

use crate::http::http_date::http_date;
use crate::http::json;
use crate::http::plain_json;
use crate::ranking::Listed;
use crate::ranking::Verbatim;
use crate::snap::Instant;
use serde_json::Value;

/// How many members a snap object has.
pub(super) const N: usize = 16;

/// The members in their order, as the earlier service spells them and as `/v2` does.
pub(super) const MEMBERS: [(&str, &str); N] = [
    ("contact", "contact"),
    ("description", "description"),
    ("developer_validation", "developer-validation"),
    ("icon", "icon"),
    ("last_updated", "last-updated"),
    ("license", "license"),
    ("links", "links"),
    ("media", "media"),
    ("name", "name"),
    ("publisher", "publisher"),
    ("revision", "revision"),
    ("snap_id", "snap-id"),
    ("summary", "summary"),
    ("title", "title"),
    ("version", "version"),
    ("website", "website"),
];

/// What a member holds.
pub(super) enum Shown<'l> {
    /// A text, or nothing.
    Text(Option<&'l str>),
    /// A whole number.
    Number(i64),
    /// A time.
    Time(Instant),
    /// The store's own JSON.
    Json(&'l Verbatim),
}

impl<'l> Shown<'l> {
    /// What is shown of a snap as the member of that name in the earlier service's spelling.
    pub(super) fn of(listed: &'l Listed, name: &str) -> Self {
        match name {
            "contact" => Self::Text(listed.contact.as_deref()),
            "description" => Self::Text(Some(&listed.description)),
            "developer_validation" => Self::Text(Some(&listed.developer_validation)),
            "icon" => Self::Text(listed.icon.as_deref()),
            "last_updated" => Self::Time(listed.last_updated),
            "license" => Self::Text(Some(&listed.license)),
            "links" => Self::Json(&listed.links),
            "media" => Self::Json(&listed.media),
            "name" => Self::Text(Some(listed.name.as_str())),
            "publisher" => Self::Text(Some(&listed.publisher)),
            "revision" => Self::Number(listed.revision),
            "snap_id" => Self::Text(Some(listed.id.as_str())),
            "summary" => Self::Text(Some(&listed.summary)),
            "title" => Self::Text(Some(&listed.title)),
            "version" => Self::Text(Some(&listed.version)),
            "website" => Self::Text(listed.website.as_deref()),
            other => unreachable!("{other} is no member"),
        }
    }

    /// Appends it as JSON.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Text(text) => plain_json::string_or_null(out, *text),
            Self::Number(number) => json::number(out, *number),
            Self::Time(at) => json::string(out, &http_date(*at)),
            Self::Json(verbatim) => plain_json::append(out, &value(verbatim)),
        }
    }

    fn value(&self) -> Value {
        match self {
            Self::Text(text) => Value::from(*text),
            Self::Number(number) => Value::from(*number),
            Self::Time(at) => Value::from(http_date(*at)),
            Self::Json(verbatim) => value(verbatim),
        }
    }
}

/// All members of a snap.
pub(super) fn snap_object(listed: &Listed) -> Value {
    let member = |(name, _): &(&str, _)| ((*name).to_owned(), Shown::of(listed, name).value());
    Value::Object(MEMBERS.iter().map(member).collect())
}

fn value(verbatim: &Verbatim) -> Value {
    // It was one valid value when it was made; only its depth may be more than we read.
    serde_json::from_str(verbatim.as_str()).unwrap_or_default()
}
