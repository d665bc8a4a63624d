//! A schema of the spec that can be asked about a value.

use jsonschema::Draft;
use jsonschema::ValidationError;
use jsonschema::Validator;
use jsonschema::error::ValidationErrorKind;
use serde_json::Value;
use std::sync::Arc;
use std::sync::OnceLock;

/// How many faults of one value are told; more would hide the first.
const MAX_FAULTS: usize = 5;

/// A schema of the bundled document, compiled with what its references lead to when it is first asked.
pub(super) struct Schema {
    document: Arc<Value>,
    source: Value,
    compiled: OnceLock<Validator>,
}

impl Schema {
    /// The schema `source` of the bundled `document`.
    pub(super) fn new(document: &Arc<Value>, source: &Value) -> Self {
        let (document, source) = (Arc::clone(document), source.clone());
        Self { document, source, compiled: OnceLock::new() }
    }

    /// Everything that speaks against a value.
    pub(super) fn check(&self, value: &Value) -> Vec<String> {
        let validator = self.compiled.get_or_init(|| self.compile());
        if validator.is_valid(value) {
            return Vec::new();
        }
        validator.iter_errors(value).take(MAX_FAULTS).map(|error| tell(&error)).collect()
    }

    fn compile(&self) -> Validator {
        let mut source = self.source.clone();
        if let Some(members) = source.as_object_mut() {
            let schemas = self.document["components"]["schemas"].clone();
            members.insert("components".into(), serde_json::json!({ "schemas": schemas }));
        }
        jsonschema::options()
            .with_draft(Draft::Draft202012)
            .should_validate_formats(true)
            .build(&source)
            .expect("a schema of the spec is valid")
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
