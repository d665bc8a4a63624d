//! The examples of the spec: all of them, and those that can be sent.

use super::Operation;
use super::Schema;
use super::Spec;
use super::members;
use serde_json::Value;

/// An example and the schema it belongs to.
pub(crate) struct Example<'s> {
    /// Where it stands, for people.
    pub(crate) place: String,
    /// The example.
    pub(crate) value: &'s Value,
    schema: &'s Value,
}

/// A request that is an example.
pub(crate) struct RequestExample {
    /// Where it stands, for people.
    pub(crate) place: String,
    pub(crate) method: String,
    /// The path, its parameters filled in.
    pub(crate) path: String,
    /// The headers that must be sent.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Option<Value>,
    /// Whether it goes to the internal listener.
    pub(crate) internal: bool,
    /// The status it is answered with, over the shelf of contract 11.1: its `x-status`, or that of the operation, or 200.
    pub(crate) status: u16,
}

impl Spec {
    /// Every example of the spec.
    pub(crate) fn examples(&self) -> Vec<Example<'_>> {
        let mut found = Vec::new();
        for (name, schema) in members(&self.document()["components"]["schemas"]) {
            for (index, value) in schema["examples"].as_array().into_iter().flatten().enumerate() {
                found.push(Example {
                    place: format!("schemas/{name}.yaml {index}"),
                    value,
                    schema,
                });
            }
        }
        walk(self.document(), "", &mut found);
        found
    }

    /// Everything that speaks against an example.
    pub(crate) fn check_example(&self, example: &Example<'_>) -> Vec<String> {
        Schema::new(&self.document, example.schema).check(example.value)
    }

    /// Every example request: for each body, or for each value of the path's parameter.
    pub(crate) fn request_examples(&self) -> Vec<RequestExample> {
        self.operations().iter().flat_map(|operation| self.requests_of(operation)).collect()
    }

    fn requests_of(&self, operation: &Operation) -> Vec<RequestExample> {
        let shared = &self.document()["paths"][&operation.path]["parameters"];
        let own = &operation.value["parameters"];
        let lists = [shared, own].into_iter().filter_map(Value::as_array).flatten();
        let parameters: Vec<_> = lists.map(|one| Self::follow(self.document(), one)).collect();
        let required =
            parameters.iter().filter(|one| one["in"] == "header" && one["required"] == true);
        let headers: Vec<_> =
            required.map(|one| (text(&one["name"]), text(&one["example"]))).collect();
        let request =
            |name: &str, example: &Value, path: String, body: Option<Value>| RequestExample {
                place: format!("{} {} {name}", operation.method, operation.path),
                method: operation.method.clone(),
                path,
                headers: headers.clone(),
                body,
                internal: operation.internal,
                status: example["x-status"]
                    .as_u64()
                    .or(operation.value["x-status"].as_u64())
                    .map_or(200, |n| u16::try_from(n).expect("a status")),
            };
        let (ready, open): (Vec<&Value>, Vec<&Value>) = parameters
            .iter()
            .copied()
            .filter(|one| one["in"] == "path")
            .partition(|one| one["example"].is_string());
        let hole = open.first();
        let fill = |path: String, one: &Value, value: &Value| {
            path.replace(&format!("{{{}}}", text(&one["name"])), &text(value))
        };
        let pattern =
            ready.iter().fold(operation.path.clone(), |path, one| fill(path, one, &one["example"]));
        let filled = |value: &Value| match hole {
            Some(one) => fill(pattern.clone(), one, value),
            None => pattern.clone(),
        };
        let values = hole.map(|one| members(&one["examples"]).collect::<Vec<_>>());
        // A form has the members of an object; what is refused unread may be sent as that.
        let mut contents = members(&operation.value["requestBody"]["content"]);
        if let Some((_, content)) = contents.next() {
            let first = values.as_ref().and_then(|values| values.first());
            let path =
                first.map_or_else(|| operation.path.clone(), |(_, one)| filled(&one["value"]));
            let one = |(name, example): (&String, &Value)| {
                request(name, example, path.clone(), Some(example["value"].clone()))
            };
            return members(&content["examples"]).map(one).collect();
        }
        let Some(values) = values else {
            return vec![request("", &Value::Null, operation.path.clone(), None)];
        };
        let one = |(name, example): (&String, &Value)| {
            request(name, example, filled(&example["value"]), None)
        };
        values.into_iter().map(one).collect()
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("a parameter has a text").to_owned()
}

/// Finds what has a `schema` beside an `example` or named `examples`: bodies, parameters and headers.
fn walk<'s>(value: &'s Value, place: &str, found: &mut Vec<Example<'s>>) {
    if let Some(schema) = value.get("schema") {
        if let Some(value) = value.get("example") {
            found.push(Example { place: place.to_owned(), value, schema });
        }
        for (name, example) in members(&value["examples"]) {
            let (place, value) = (format!("{place}/{name}"), &example["value"]);
            found.push(Example { place, value, schema });
        }
        return;
    }
    match value {
        Value::Object(inner) => {
            for (name, member) in inner {
                walk(member, &format!("{place}/{name}"), found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                walk(item, &format!("{place}/{index}"), found);
            }
        }
        _ => {}
    }
}
