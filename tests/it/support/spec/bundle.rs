//! Makes one document of `openapi.yaml` and the schema files it refers to.

use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

/// Where the spec lies.
pub(super) fn home() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("api-spec")
}

/// The document in which every reference to a schema file is one into `components.schemas`.
pub(super) fn bundle() -> Value {
    let mut document = read(&home().join("openapi.yaml"));
    let mut wanted = BTreeSet::new();
    redirect(&mut document, &mut wanted);
    let mut schemas = serde_json::Map::new();
    while let Some(name) = wanted.pop_first() {
        if schemas.contains_key(&name) {
            continue;
        }
        let mut schema = read(&home().join("schemas").join(format!("{name}.yaml")));
        redirect(&mut schema, &mut wanted);
        schemas.insert(name, schema);
    }
    document["components"]["schemas"] = Value::Object(schemas);
    document
}

fn read(path: &Path) -> Value {
    let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("read {}: {e}", path.display()));
    serde_yaml_ng::from_str(&text).unwrap_or_else(|e| panic!("parse {}: {e}", path.display()))
}

/// Turns `schemas/epoch.yaml` and `epoch.yaml` into `#/components/schemas/epoch`, and notes the name. Examples are
/// left alone: what stands there is data.
fn redirect(value: &mut Value, wanted: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(at) if name == "$ref" && !at.starts_with('#') => {
                        let file = at.strip_prefix("schemas/").unwrap_or(at);
                        let file = file.strip_suffix(".yaml");
                        let file = file.unwrap_or_else(|| panic!("{at} is no schema file"));
                        wanted.insert(file.to_owned());
                        *member = format!("#/components/schemas/{file}").into();
                    }
                    _ if name == "examples" || name == "example" => {}
                    _ => redirect(member, wanted),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| redirect(item, wanted)),
        _ => {}
    }
}
