//! What `validator` says, in the door's words.

use crate::refresh::Fault;
use std::borrow::Cow;
use validator::ValidationErrors;
use validator::ValidationErrorsKind;

/// What `validator` found, as faults with JSON pointers, in the order of the body's members.
pub(in crate::http::store) fn faults(checked: Result<(), ValidationErrors>) -> Vec<Fault> {
    let mut faults = Vec::new();
    add_faults(&mut faults, checked, String::new);
    faults
}

/// The same of what stands at `place`, behind what was found before.
pub(in crate::http::store) fn add_faults(
    faults: &mut Vec<Fault>,
    checked: Result<(), ValidationErrors>,
    place: impl FnOnce() -> String,
) {
    if let Err(errors) = checked {
        collect(&errors, &place(), faults);
    }
}

fn collect(errors: &ValidationErrors, place: &str, faults: &mut Vec<Fault>) {
    let mut members: Vec<_> = errors.errors().iter().collect();
    members.sort_by_key(|(member, _)| *member);
    for (member, kind) in members {
        // Rust's names are the wire's but for the dash.
        let pointer = format!("{place}/{}", member.replace('_', "-"));
        match kind {
            ValidationErrorsKind::Struct(inner) => collect(inner, &pointer, faults),
            ValidationErrorsKind::List(items) => {
                for (index, inner) in items {
                    collect(inner, &format!("{pointer}/{index}"), faults);
                }
            }
            ValidationErrorsKind::Field(errors) => {
                faults.extend(
                    errors
                        .iter()
                        .map(|error| Fault { pointer: pointer.clone(), message: rule(error) }),
                );
            }
        }
    }
}

fn rule(error: &validator::ValidationError) -> Cow<'static, str> {
    let bound = |name: &str| error.params.get(name).map(ToString::to_string);
    match (error.code.as_ref(), bound("min"), bound("max")) {
        ("required", ..) => "is missing".into(),
        ("length", Some(min), Some(max)) => format!("takes {min} to {max} items or bytes").into(),
        ("length", None, Some(max)) => format!("takes at most {max} items or bytes").into(),
        ("range", Some(min), Some(max)) => format!("is a whole number from {min} to {max}").into(),
        (code, ..) => format!("breaks the rule {code}").into(),
    }
}
