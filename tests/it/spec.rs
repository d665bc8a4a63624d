//! The spec agrees with itself and with the server's routes. (That the server's answers agree with it is checked
//! wherever a test receives one.)

use crate::support::spec::Spec;
use crate::support::spec::members;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

#[track_caller]
fn assert_none(faults: &[String]) {
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_example_is_valid() {
    let spec = Spec::load();
    let examples = spec.examples();
    assert!(examples.len() > 100, "only {} examples found", examples.len());
    let mut faults = Vec::new();
    for example in &examples {
        for fault in spec.check_example(example) {
            faults.push(format!("{}: {fault}", example.place));
        }
    }
    assert_none(&faults);
}

#[test]
fn every_route_is_in_the_spec_and_every_path_is_a_route() {
    let served: BTreeSet<(String, String)> = snapwise::http::routes()
        .into_iter()
        .map(|(method, path)| (method.to_owned(), path.to_owned()))
        .collect();
    let written: BTreeSet<(String, String)> = Spec::load().routes().into_iter().collect();
    let unwritten: Vec<_> = served.difference(&written).collect();
    let unserved: Vec<_> = written.difference(&served).collect();
    assert!(
        unwritten.is_empty() && unserved.is_empty(),
        "not in the spec: {unwritten:?}; not served: {unserved:?}"
    );
}

#[test]
fn it_is_openapi_3_1_and_every_reference_leads_somewhere() {
    fn check(document: &Value, value: &Value, faults: &mut Vec<String>) {
        match value {
            Value::Object(inner) => {
                if let Some(Value::String(at)) = inner.get("$ref") {
                    let target = at.strip_prefix('#').and_then(|at| document.pointer(at));
                    if target.is_none() {
                        faults.push(format!("{at} leads nowhere"));
                    }
                }
                inner.values().for_each(|member| check(document, member, faults));
            }
            Value::Array(items) => items.iter().for_each(|item| check(document, item, faults)),
            _ => {}
        }
    }
    let document = Spec::load().document();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
    let mut faults = Vec::new();
    check(document, document, &mut faults);
    assert_none(&faults);
}

#[test]
fn every_operation_is_described_and_has_a_name_of_its_own() {
    let spec = Spec::load();
    let mut names = BTreeSet::new();
    let mut faults = Vec::new();
    let is_said = |value: &Value| value.as_str().is_some_and(|text| !text.trim().is_empty());
    for operation in spec.operations() {
        let place = format!("{} {}", operation.method, operation.path);
        for member in ["operationId", "summary", "description"] {
            if !is_said(&operation.value[member]) {
                faults.push(format!("{place} has no {member}"));
            }
        }
        if !names.insert(operation.value["operationId"].as_str()) {
            faults.push(format!("{place} has the operationId of another"));
        }
        for (status, answer) in members(&operation.value["responses"]) {
            let answer = answer["$ref"].as_str().map_or(answer, |at| {
                spec.document().pointer(at.trim_start_matches('#')).unwrap_or(&Value::Null)
            });
            if !is_said(&answer["description"]) {
                faults.push(format!("{place}: {status} has no description"));
            }
        }
        if operation.method == "GET" && !has_head(spec, &operation.path) {
            faults.push(format!("{place} has no HEAD beside it"));
        }
    }
    assert_none(&faults);
}

fn has_head(spec: &Spec, path: &str) -> bool {
    spec.routes().iter().any(|(method, other)| method == "HEAD" && other == path)
}

#[test]
fn every_schema_file_is_used_titled_described_and_exemplified() {
    let schemas = &Spec::load().document()["components"]["schemas"];
    let mut faults = Vec::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("api-spec/schemas");
    for entry in fs::read_dir(folder).expect("the folder of the schemas") {
        let path = entry.expect("an entry").path();
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let schema = &schemas[&name];
        if schema.is_null() {
            faults.push(format!("{name} is referred to by nothing"));
            continue;
        }
        for member in ["title", "description"] {
            if !schema[member].is_string() {
                faults.push(format!("{name} has no {member}"));
            }
        }
        if schema["examples"].as_array().is_none_or(Vec::is_empty) {
            faults.push(format!("{name} has no examples"));
        }
    }
    assert_none(&faults);
}

#[test]
fn every_body_of_the_spec_has_an_example() {
    fn look(value: &Value, place: &str, faults: &mut Vec<String>) {
        for (name, member) in members(value) {
            let place = format!("{place}/{name}");
            if name == "content" {
                for (media_type, content) in members(member) {
                    if members(&content["examples"]).next().is_none() {
                        faults.push(format!("{place}/{media_type} has no examples"));
                    }
                }
            } else if name != "examples" {
                look(member, &place, faults);
            }
        }
    }
    let mut faults = Vec::new();
    let document = Spec::load().document();
    look(&document["paths"], "paths", &mut faults);
    look(&document["components"]["responses"], "responses", &mut faults);
    assert_none(&faults);
}

#[test]
fn every_example_request_expects_a_documented_status() {
    let spec = Spec::load();
    let requests = spec.request_examples();
    let mut faults = Vec::new();
    for (method, path) in spec.routes() {
        let own = format!("{method} {path} ");
        if !requests.iter().any(|request| request.place.starts_with(&own)) {
            faults.push(format!("{own}has no example request"));
        }
    }
    for request in &requests {
        let operation = spec.operations().iter().find(|one| {
            one.method == request.method && request.place.contains(&format!(" {} ", one.path))
        });
        let responses = &operation.expect("the operation of the request").value["responses"];
        if responses.get(request.status.to_string()).is_none() {
            faults.push(format!("{}: {} is not documented", request.place, request.status));
        }
        let has_series = request.headers.iter().any(|(name, _)| name == "Snap-Device-Series");
        let is_of_a_device =
            ["/v2/snaps/", "/snaps/"].iter().any(|start| request.path.starts_with(start));
        if is_of_a_device && !has_series {
            faults.push(format!("{} does not say its series", request.place));
        }
        let takes_body = operation.is_some_and(|one| !one.value["requestBody"].is_null());
        if request.body.is_some() != takes_body {
            faults.push(format!("{}: a body goes where one is taken", request.place));
        }
        if request.path.contains('{') {
            faults.push(format!("{}: {} has a hole", request.place, request.path));
        }
    }
    assert_none(&faults);
}

#[test]
fn what_the_spec_does_not_allow_is_told() {
    let headers = [("snap-store-version", "69"), ("x-request-id", "r-1"), ("allow", "POST")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let check = |method: &str, path: &str, status, body: &str| {
        let json = Some("application/json");
        let answer =
            Spec::load().validate_response(method, path, status, json, &headers, body.as_bytes());
        answer.err().unwrap_or_default()
    };
    let path = "/v2/snaps/refresh/?x=1";
    let nothing = r#"{"error-list":[],"results":[]}"#;
    let wrong_method = r#"{"error-list":[{"code":"method-not-allowed","message":"no"}]}"#;
    assert_eq!(check("POST", path, 200, nothing), "");
    assert_eq!(check("GET", path, 405, wrong_method), "");
    assert_eq!(check("HEAD", "/v2/snaps/info/x", 404, ""), "");
    assert!(check("POST", path, 500, nothing).contains("not documented"));
    assert!(check("GET", path, 200, nothing).contains("only 405"));
    assert!(check("GET", "/nowhere", 200, nothing).contains("only 404"));
    assert!(check("POST", path, 429, nothing).contains("Retry-After is missing"));
    assert!(check("POST", path, 200, "{").contains("cannot be read"));
    assert!(check("POST", path, 200, r#"{"results":[]}"#).contains("error-list"));
    let refusal = r#"{"error-list":[],"results":[{"result":"error","instance-key":"a","name":null,
        "snap-id":null,"error":{"code":"id-not-found","message":"no"}}]}"#;
    assert!(check("POST", path, 200, refusal).contains("null is not of type"));
    let plain = Spec::load().validate_response("POST", path, 200, Some("text/plain"), &[], b"");
    let plain = plain.expect_err("neither the type nor the headers are allowed");
    assert!(plain.contains("Content-Type") && plain.contains("Snap-Store-Version"), "{plain}");
}
