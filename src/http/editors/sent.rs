//! What an editor sent, with every member checked.

use crate::http::asked::Asked;
use crate::http::editors::refusal::Refusal;
use hyper::HeaderMap;
use hyper::header::CONTENT_TYPE;
use serde_json::Map;
use serde_json::Value;

/// The most characters of a name.
const MAX_NAME: usize = 128;
/// The most characters of a description: a paragraph on a page.
const MAX_DESCRIPTION: usize = 4_096;
/// The most names of a list; no slice holds more snaps.
const MAX_NAMES: usize = 1_000;

/// The members of a body.
pub(super) struct Sent(Map<String, Value>);

impl Sent {
    /// The members of the body, which must be a JSON object and say so.
    pub(super) fn read(asked: &Asked<'_>) -> Result<Self, Refusal> {
        if !says_json(asked.headers) {
            return Err(Refusal::NotJson);
        }
        match serde_json::from_slice(asked.body) {
            Ok(Value::Object(members)) => Ok(Self(members)),
            Ok(_) => Err(Refusal::Wrong("the body", "an object is expected")),
            Err(_) => Err(Refusal::Wrong("the body", "it is not JSON")),
        }
    }

    /// The member `name`: a line of text that is not empty.
    pub(super) fn name(&self) -> Result<&str, Refusal> {
        let name = self.text("name")?;
        check_name("name", name)?;
        Ok(name)
    }

    /// The member `description`: a text.
    pub(super) fn description(&self) -> Result<&str, Refusal> {
        let description = self.text("description")?;
        if description.chars().count() > MAX_DESCRIPTION {
            return Err(Refusal::Wrong("description", "at most 4096 characters"));
        }
        if description.contains('\0') {
            return Err(Refusal::Wrong("description", "no NUL characters"));
        }
        Ok(description)
    }

    /// The member `snap_id`: a text, if it is there at all.
    pub(super) fn snap_id(&self) -> Result<Option<&str>, Refusal> {
        match self.0.get("snap_id") {
            None | Some(Value::Null) => Ok(None),
            Some(_) => self.text("snap_id").map(Some),
        }
    }

    /// The member `step_name`, as it is; nothing when it is missing or empty.
    pub(super) fn step_name(&self) -> Option<String> {
        match self.0.get("step_name")? {
            Value::Null => None,
            Value::String(name) => Some(name.clone()).filter(|name| !name.is_empty()),
            other => Some(other.to_string()),
        }
    }

    /// The member `snaps`: a list of names.
    pub(super) fn snaps(&self) -> Result<Vec<String>, Refusal> {
        let wrong = |rule| Refusal::Wrong("snaps", rule);
        let Some(Value::Array(snaps)) = self.0.get("snaps") else {
            return Err(wrong("a list of names is needed"));
        };
        if snaps.len() > MAX_NAMES {
            return Err(wrong("at most 1000 names"));
        }
        let name = |value: &Value| value.as_str().map(str::to_owned);
        let names: Option<Vec<_>> = snaps.iter().map(name).collect();
        names.ok_or(wrong("a list of names is needed"))
    }

    fn text(&self, member: &'static str) -> Result<&str, Refusal> {
        let text = self.0.get(member).and_then(Value::as_str);
        text.ok_or(Refusal::Wrong(member, "a text is needed"))
    }
}

fn check_name(member: &'static str, name: &str) -> Result<(), Refusal> {
    if name.trim().is_empty() {
        return Err(Refusal::Wrong(member, "it may not be empty"));
    }
    if name.chars().count() > MAX_NAME {
        return Err(Refusal::Wrong(member, "at most 128 characters"));
    }
    if name.chars().any(char::is_control) {
        return Err(Refusal::Wrong(member, "one line of text"));
    }
    Ok(())
}

fn says_json(headers: &HeaderMap) -> bool {
    let said = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = said.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || kind.starts_with("application/") && kind.ends_with("+json")
}
