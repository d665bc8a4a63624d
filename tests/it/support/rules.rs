//! What every answer must keep, whatever was asked: the contract's cases that speak of "every"
//! (28, 68, 76, 77, 87), the echo rules of its section 3.2 and the members of a result.

use crate::support::app::Received;
use crate::support::app::Sent;
use crate::support::offer;
use crate::support::pattern::Mismatch;
use crate::support::pattern::Pattern;
use crate::support::shelf::Shelf;
use serde_json::Value;
use serde_json::json;

/// A refresh request, as far as the rules look at it.
pub(crate) struct Asked {
    pub(crate) body: Value,
    pub(crate) architecture: String,
    pub(crate) is_draft: bool,
}

/// Every rule an answer breaks.
pub(crate) fn broken(shelf: &Shelf, sent: &Sent, received: &Received) -> Vec<Mismatch> {
    let mut found = headers(received);
    if sent.method == "HEAD" {
        return found;
    }
    let Ok(body) = serde_json::from_slice::<Value>(&received.body) else {
        let text = Value::from(String::from_utf8_lossy(&received.body));
        found.push(Mismatch::new("", &"a JSON body", Some(&text)));
        return found;
    };
    let path = sent.path.split('?').next().unwrap_or_default().trim_end_matches('/');
    if received.status != 200 {
        found.extend(check(&problem(), &body, ""));
    } else if path.ends_with("/snaps/refresh") {
        let asked = Asked {
            body: serde_json::from_slice(&sent.body).unwrap_or_default(),
            architecture: header(sent, "Snap-Device-Architecture"),
            is_draft: !path.ends_with("/v2/snaps/refresh"),
        };
        refresh(shelf, &asked, &body, &mut found);
    } else if path.contains("/v2/snaps/info/") {
        for (index, entry) in list(&body["channel-map"]).iter().enumerate() {
            let at = format!("/channel-map/{index}");
            offer::check_files(&body, entry, &at, &mut found);
            offer::check_times(entry, &at, &mut found);
        }
    }
    found
}

/// Applies a pattern to a place of an answer.
pub(crate) fn check(pattern: &Value, got: &Value, at: &str) -> Vec<Mismatch> {
    let pattern = Pattern::parse(pattern).unwrap();
    let below = |found: Mismatch| Mismatch { pointer: format!("{at}{}", found.pointer), ..found };
    pattern.mismatches(Some(got)).into_iter().map(below).collect()
}

/// The elements of an array; none if it is something else.
pub(crate) fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn header(sent: &Sent, name: &str) -> String {
    let found = sent.headers.iter().find(|(sent, _)| sent.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.clone()).unwrap_or_default()
}

/// Case 28, and the request id.
fn headers(received: &Received) -> Vec<Mismatch> {
    let expected = json!({
        "content-type": "application/json",
        "snap-store-version": {"$regex": "^(5[5-9]|[6-9][0-9]|[1-9][0-9]{2,})$"},
        "x-request-id": {"$regex": "^[!-~]{1,128}$"},
    });
    let names = expected.as_object().into_iter().flatten().map(|(name, _)| name);
    let got: Value = names
        .filter_map(|name| Some((name.clone(), Value::from(received.header(name)?))))
        .collect::<serde_json::Map<_, _>>()
        .into();
    check(&expected, &got, "header ")
}

/// The body of every 4xx and 5xx: at least one fault, each with nothing beside these members.
fn problem() -> Value {
    let text = json!({"$regex": "\\S"});
    let fault = json!({"$all": [
        {"code": {"$regex": "^[a-z]+(-[a-z]+)*$"}, "message": text},
        {"$not": {"pointer": {"$not": {"$regex": "^(/.*)?$"}}}},
    ]});
    let stray = json!({"$all": [
        {"$not": {"$keys": ["code", "message"]}}, {"$not": {"$keys": ["code", "message", "pointer"]}},
    ]});
    json!({"$all": [
        {"$keys": ["error-list"]},
        {"error-list": {"$superset": [{"$any": true}]}},
        {"error-list": {"$none": {"$not": fault}}},
        {"error-list": {"$none": stray}},
    ]})
}

/// One result an action, in their order, each with the right word, key and members.
fn refresh(shelf: &Shelf, asked: &Asked, body: &Value, found: &mut Vec<Mismatch>) {
    let top = json!({"$all": [{"$keys": ["error-list", "results"]}, {"error-list": []}]});
    found.extend(check(&top, body, ""));
    let (actions, results) = (actions(&asked.body), list(&body["results"]));
    if actions.len() != results.len() {
        let expected = format!("{} results", actions.len());
        return found.push(Mismatch::new("/results", &expected, body.get("results")));
    }
    for (index, ((word, key), result)) in actions.iter().zip(results).enumerate() {
        let at = format!("/results/{index}");
        let is_error = result["result"] == "error";
        let word = if is_error { "error" } else { word };
        found.extend(check(&json!({"instance-key": key, "result": word}), result, &at));
        if is_error {
            found.extend(check(&refusal(asked), result, &at));
            found.extend(check_releases(&result["error"]["extra"]["releases"], &at));
        } else {
            offer::check(shelf, asked, key, result, &at, found);
        }
    }
}

/// The word and the key of every action; a lone refresh-all stands for the whole context.
fn actions(body: &Value) -> Vec<(String, Value)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let actions = list(&body["actions"]);
    if actions.iter().any(|action| action["action"] == "refresh-all") {
        let refresh = |entry| ("refresh".to_owned(), key_of(entry));
        return list(&body["context"]).iter().map(refresh).collect();
    }
    actions.iter().map(|action| (text(&action["action"]), key_of(action))).collect()
}

/// The instance-key, or what the draft door takes for it.
pub(crate) fn key_of(item: &Value) -> Value {
    let names: [&str; 4] = match item["action"].as_str() {
        Some("install" | "download") => ["instance-key", "name", "snap-name", "snap-id"],
        _ => ["instance-key", "snap-id", "name", "snap-name"],
    };
    names.iter().find_map(|name| item.get(*name)).cloned().unwrap_or_default()
}

/// Case 68: an error result says what is wrong, and carries nothing of an offer.
fn refusal(asked: &Asked) -> Value {
    let text = json!({"$regex": "\\S"});
    let extra =
        json!({"$all": [{"$any": true}, {"$not": {"extra": {"$not": {"$type": "object"}}}}]});
    let mut names = vec!["error", "instance-key", "name", "result", "snap-id"];
    let mut members = json!({"error": {"$all": [{"code": text, "message": text}, extra]}});
    if asked.is_draft {
        names.extend(["message", "snap-name"]);
        members["message"] = text;
    }
    json!({"$all": [{"$keys": names}, members]})
}

/// Section 4.2: concrete architectures, channels in short form, none twice.
fn check_releases(releases: &Value, at: &str) -> Vec<Mismatch> {
    let at = format!("{at}/error/extra/releases");
    let release = json!({"$all": [
        {"$keys": ["architecture", "channel"]},
        {"architecture": {"$regex": "^[a-z0-9]+$"}},
        {"architecture": {"$not": "all"}},
        {"channel": {"$regex": "^([^/\\s]+/)?(stable|candidate|beta|edge)(/[^/\\s]+)?$"}},
        {"channel": {"$not": {"$regex": "^latest/"}}},
    ]});
    let releases = list(releases);
    let mut found = Vec::new();
    for (index, got) in releases.iter().enumerate() {
        let at = format!("{at}/{index}");
        found.extend(check(&release, got, &at));
        if releases.iter().take(index).any(|earlier| earlier == got) {
            found.push(Mismatch::new(&at, &"a release that was not listed yet", Some(got)));
        }
    }
    found
}
