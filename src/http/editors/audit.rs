//! Who changed what, for admins.

use crate::db::Database;
use crate::db::audits;
use crate::db::audits::Audit;
use crate::http::asked::Asked;
use crate::http::asked::whole_number;
use crate::http::editors::away;
use crate::http::problem::Problem;
use serde_json::Value;
use serde_json::json;

/// How many changes are shown unless a number is asked for, and at most.
const DEFAULT_LIMIT: u32 = 100;
const MAX_LIMIT: u32 = 1_000;

/// The changes by hand, the latest first; `next-cursor` leads to those before.
pub(super) async fn list(database: &Database, asked: &Asked<'_>) -> Result<Vec<u8>, Problem> {
    let limit = asked.query_value("limit").map(|text| whole_number(&text));
    let limit = limit.unwrap_or(Some(DEFAULT_LIMIT));
    let limit = limit.filter(|limit| (1..=MAX_LIMIT).contains(limit));
    let limit = limit.ok_or_else(|| bad("the parameter limit is a number from 1 to 1000"))?;
    let before = asked.query_value("cursor").map(|text| {
        let number = whole_number(&text).filter(|number: &i64| *number >= 0);
        number.ok_or_else(|| bad("the parameter cursor is a next-cursor of this list"))
    });
    let before = before.transpose()?;
    let client = database.client().await.map_err(|error| away(&error))?;
    let page = audits::load(&client, before, limit).await.map_err(|error| away(&error))?;
    let next = page.changes.last().filter(|_| page.has_more);
    let value = json!({
        "audit": page.changes.iter().map(|(_, audit)| change(audit)).collect::<Vec<_>>(),
        "next-cursor": next.map(|(number, _)| number.to_string()),
    });
    Ok(value.to_string().into_bytes())
}

fn change(audit: &Audit) -> Value {
    // What the database gives back is JSON.
    let json = |text: &Option<String>| -> Value {
        text.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    };
    json!({
        "action": audit.action,
        "actor": audit.actor,
        "after": json(&audit.after),
        "at": audit.at,
        "before": json(&audit.before),
        "request-id": audit.request_id,
        "role": audit.role,
        "target": audit.target,
    })
}

fn bad(rule: &str) -> Problem {
    Problem::BadArgument { arguments: vec![rule.to_owned()], faults: Vec::new() }
}
