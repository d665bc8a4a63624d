//! The spec in `api-spec/`, read once, and what it says of an answer.

mod bundle;
mod examples;
mod schema;

use bundle::bundle;
use schema::Schema;
use serde_json::Map;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::LazyLock;

static SPEC: LazyLock<Spec> = LazyLock::new(Spec::read);

/// The methods a path of the spec can have an operation for.
const METHODS: [&str; 8] = ["get", "head", "post", "put", "patch", "delete", "options", "trace"];

/// The whole spec, with the schema files bundled in; a schema is compiled when it is first needed.
pub(crate) struct Spec {
    document: Arc<Value>,
    operations: Vec<Operation>,
    /// The answers to paths that are in no operation: of the store listener, and of the internal one.
    unknown_path: [Answer; 2],
}

/// A method on a path.
pub(crate) struct Operation {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) value: Value,
    /// Whether it belongs to the internal listener.
    pub(crate) internal: bool,
    answers: BTreeMap<u16, Answer>,
}

/// What is documented of one status.
struct Answer {
    headers: Vec<(String, bool, Schema)>,
    contents: BTreeMap<String, Schema>,
}

impl Spec {
    /// The spec, read and bundled at the first call.
    pub(crate) fn load() -> &'static Self {
        &SPEC
    }

    fn read() -> Self {
        let document = Arc::new(bundle());
        let unknown_path = ["NotFound", "InternalNotFound"]
            .map(|name| Answer::read(&document, &document["components"]["responses"][name]));
        let mut operations = Vec::new();
        for (path, item) in members(&document["paths"]) {
            for method in METHODS {
                if let Some(value) = item.get(method) {
                    operations.push(Operation::read(&document, path, method, value));
                }
            }
        }
        Self { document, operations, unknown_path }
    }

    /// The bundled document: every schema file is in `components.schemas`, under its name without `.yaml`.
    pub(crate) fn document(&self) -> &Value {
        &self.document
    }

    /// Every operation.
    pub(crate) fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// Every documented method, in upper case, and its path pattern.
    pub(crate) fn routes(&self) -> Vec<(String, String)> {
        let route = |operation: &Operation| (operation.method.clone(), operation.path.clone());
        self.operations.iter().map(route).collect()
    }

    /// Whether the spec has this path.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.operations.iter().any(|one| one.is_on(path))
    }

    /// Whether the spec allows this answer; else everything that speaks against it. `path` is as sent, without a
    /// configured prefix; a query and a trailing slash are tolerated. The body is as the server meant it: without
    /// a content coding.
    pub(crate) fn validate_response(
        &self,
        method: &str,
        path: &str,
        status: u16,
        content_type: Option<&str>,
        headers: &[(String, String)],
        body: &[u8],
    ) -> Result<(), String> {
        let mut faults = Vec::new();
        match self.answer(method, path, status) {
            Ok(answer) => {
                answer.check_headers(headers, &mut faults);
                // A refused OPTIONS says why, as every method does.
                let is_bare = method == "HEAD" || method == "OPTIONS" && status < 400;
                if !is_bare {
                    answer.check_body(content_type, body, &mut faults);
                } else if !body.is_empty() {
                    faults.push(format!("an answer to {method} has a body"));
                }
            }
            Err(fault) => faults.push(fault),
        }
        if faults.is_empty() {
            return Ok(());
        }
        Err(format!("{method} {path} answered {status}: {}", faults.join("; ")))
    }

    /// What is documented of a status of a method on a path. A method that no operation is for has the 405 of
    /// any operation on the path; a path that is not there has the 404 of its listener.
    fn answer(&self, method: &str, path: &str, status: u16) -> Result<&Answer, String> {
        let on_path: Vec<_> = self.operations.iter().filter(|one| one.is_on(path)).collect();
        let Some(any) = on_path.first() else {
            return match status {
                404 => Ok(&self.unknown_path[usize::from(self.is_internal(path))]),
                _ => Err("the spec does not have this path, so only 404 is allowed".to_owned()),
            };
        };
        let operation = on_path.iter().find(|one| one.method == method);
        match operation {
            None if status != 405 => {
                Err("no operation has this method, only 405 is allowed".into())
            }
            _ => operation.unwrap_or(any).answers.get(&status).ok_or_else(|| {
                let known: Vec<_> = operation.unwrap_or(any).answers.keys().collect();
                format!("this status is not documented, only {known:?}")
            }),
        }
    }

    /// Whether a path that is not there looks like one of the internal listener.
    fn is_internal(&self, path: &str) -> bool {
        let same = |operation: &&Operation| family(&operation.path) == family(path);
        self.operations.iter().find(same).is_some_and(|operation| operation.internal)
    }

    /// Every part of the spec that `$ref`s lead to, with the `$ref`s of one level followed.
    fn follow<'v>(document: &'v Value, value: &'v Value) -> &'v Value {
        match value.get("$ref").and_then(Value::as_str).and_then(|at| at.strip_prefix('#')) {
            Some(at) => document.pointer(at).unwrap_or_else(|| panic!("{at} is not in the spec")),
            None => value,
        }
    }
}

impl Operation {
    fn read(document: &Arc<Value>, path: &str, method: &str, value: &Value) -> Self {
        let answers = members(&value["responses"]).map(|(status, answer)| {
            let status = status.parse().unwrap_or_else(|_| panic!("{path}: status {status}"));
            (status, Answer::read(document, answer))
        });
        Self {
            method: method.to_uppercase(),
            path: path.to_owned(),
            value: value.clone(),
            internal: value["tags"][0] == "internal",
            answers: answers.collect(),
        }
    }

    fn is_on(&self, path: &str) -> bool {
        let (mut pattern, mut sent) = (segments(&self.path), segments(path));
        loop {
            match (pattern.next(), sent.next()) {
                // The key of an assertion takes the rest of the path.
                (None, None) | (Some("{key}"), Some(_)) => return true,
                (Some(part), Some(got)) if part.starts_with('{') || part == got => {}
                _ => return false,
            }
        }
    }
}

impl Answer {
    fn read(document: &Arc<Value>, value: &Value) -> Self {
        let value = Spec::follow(document, value);
        let header = |(name, header): (&String, &Value)| {
            let header = Spec::follow(document, header);
            let schema = Schema::new(document, &header["schema"]);
            (name.clone(), header["required"] == true, schema)
        };
        let content = |(media_type, content): (&String, &Value)| {
            (media_type.clone(), Schema::new(document, &content["schema"]))
        };
        Self {
            headers: members(&value["headers"]).map(header).collect(),
            contents: members(&value["content"]).map(content).collect(),
        }
    }

    fn check_headers(&self, headers: &[(String, String)], faults: &mut Vec<String>) {
        for (name, required, schema) in &self.headers {
            let mut sent = headers.iter().filter(|(sent, _)| sent.eq_ignore_ascii_case(name));
            match (sent.next(), sent.next()) {
                (None, _) if *required => faults.push(format!("the header {name} is missing")),
                (None, _) => {}
                (Some(_), Some(_)) => faults.push(format!("the header {name} is there twice")),
                (Some((_, text)), None) => {
                    let said = schema.check(&schema.value_of(text));
                    faults.extend(said.into_iter().map(|fault| format!("header {name}: {fault}")));
                }
            }
        }
    }

    fn check_body(&self, content_type: Option<&str>, body: &[u8], faults: &mut Vec<String>) {
        if self.contents.is_empty() && body.is_empty() {
            return;
        }
        let Some(schema) = content_type.and_then(|sent| self.contents.get(sent)) else {
            let known: Vec<_> = self.contents.keys().collect();
            return faults.push(format!("Content-Type {content_type:?} is not one of {known:?}"));
        };
        let value = match content_type {
            Some("application/json" | "application/hal+json") => {
                serde_json::from_slice(body).map_err(|e| e.to_string())
            }
            // A file is any bytes.
            Some("application/octet-stream") => Ok(String::from_utf8_lossy(body).into()),
            _ => String::from_utf8(body.to_vec()).map(Value::from).map_err(|e| e.to_string()),
        };
        match value {
            Ok(value) => faults.extend(schema.check(&value)),
            Err(error) => faults.push(format!("the body cannot be read: {error}")),
        }
    }
}

/// The members of an object; none of anything else.
pub(crate) fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

/// What a path is about: its first word, or the second behind the number of a version.
fn family(path: &str) -> Option<&str> {
    segments(path).find(|segment| *segment != "v2")
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    let path = path.split('?').next().unwrap_or_default();
    path.split('/').filter(|segment| !segment.is_empty())
}
