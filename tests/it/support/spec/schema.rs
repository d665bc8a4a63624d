//! A schema of the spec that can be asked about a value.

use jsonschema::Draft;
use jsonschema::ValidationError;
use jsonschema::Validator;
use jsonschema::error::ValidationErrorKind;
use serde_json::Value;
use std::sync::OnceLock;

/// How many faults of one value are told; more would hide the first.
const MAX_FAULTS: usize = 5;

/// A schema with what its references lead to, compiled when it is first asked.
pub(super) struct Schema {
    source: Value,
    compiled: OnceLock<Validator>,
}

impl Schema {
    /// The schema `schema` of the bundled `document`.
    pub(super) fn new(document: &Value, schema: &Value) -> Self {
        let mut source = schema.clone();
        if let Some(members) = source.as_object_mut() {
            let schemas = document["components"]["schemas"].clone();
            members.insert("components".into(), serde_json::json!({ "schemas": schemas }));
        }
        Self { source, compiled: OnceLock::new() }
    }

    /// Everything that speaks against a value.
    pub(super) fn check(&self, value: &Value) -> Vec<String> {
        let validator = self.compiled.get_or_init(|| {
            jsonschema::options()
                .with_draft(Draft::Draft202012)
                .should_validate_formats(true)
                .build(&self.source)
                .expect("a schema of the spec is valid")
        });
        if validator.is_valid(value) {
            return Vec::new();
        }
        validator.iter_errors(value).take(MAX_FAULTS).map(|error| tell(&error)).collect()
    }

    /// What a header's text is for this schema: a number where one is asked for and given, else a string.
    pub(super) fn value_of(&self, text: &str) -> Value {
        match text.parse::<i64>() {
            Ok(number) if self.source["type"] == "integer" => number.into(),
            _ => text.into(),
        }
    }
}

/// An error in a line. Where no alternative fits, the one that comes nearest is told: the one with the fewest faults.
fn tell(error: &ValidationError<'_>) -> String {
    let (ValidationErrorKind::OneOfNotValid { context } | ValidationErrorKind::AnyOf { context }) =
        error.kind()
    else {
        let text: String = error.to_string().chars().take(400).collect();
        return format!(
            "at {:?}: {text} ({})",
            error.instance_path().as_str(),
            error.schema_path()
        );
    };
    let nearest = context.iter().min_by_key(|faults| faults.len());
    let faults: Vec<_> = nearest.into_iter().flatten().map(tell).collect();
    faults.join(", ")
}
