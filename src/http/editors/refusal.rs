//! Why an editor does not get what they ask, in the words of the earlier service.

use crate::db::DbError;
use crate::editorial;
use crate::editorial::EditError;
use crate::http::editors::away;
use crate::http::plain_json;
use crate::http::problem::Problem;
use crate::http::reply::Reply;
use hyper::StatusCode;
use serde_json::Value;
use serde_json::json;

/// What speaks against a request.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The decision may not be.
    Edit(editorial::Refusal),
    /// The body is no JSON by its headers.
    NotJson,
    /// Something of the body or the query is wrong: where, and what.
    Wrong(&'static str, &'static str),
    /// No step of the pipeline is named.
    Step(&'static str),
    /// The pipeline is at work.
    Running,
    /// What every door says.
    Problem(Problem),
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<DbError> for Refusal {
    fn from(error: DbError) -> Self {
        Self::Problem(away(&error))
    }
}

impl From<EditError> for Refusal {
    fn from(error: EditError) -> Self {
        match error {
            EditError::Refused(refusal) => Self::Edit(refusal),
            EditError::Db(error) => error.into(),
        }
    }
}

impl From<Refusal> for Reply {
    fn from(refusal: Refusal) -> Self {
        let (status, value) = match refusal {
            Refusal::Edit(refusal) => decided(refusal),
            Refusal::NotJson => {
                let text = "the body needs the content type application/json";
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, error(text))
            }
            Refusal::Wrong(place, rule) => {
                (StatusCode::BAD_REQUEST, error(&format!("{place}: {rule}")))
            }
            Refusal::Step(text) => (StatusCode::BAD_REQUEST, error(text)),
            Refusal::Running => (StatusCode::CONFLICT, error("Pipeline is already running")),
            Refusal::Problem(problem) => return problem.into(),
        };
        Self::json(status, plain_json::write(&value))
    }
}

fn decided(refusal: editorial::Refusal) -> (StatusCode, Value) {
    match refusal {
        editorial::Refusal::SliceNotFound => (StatusCode::NOT_FOUND, error("Slice not found")),
        editorial::Refusal::SnapNotFound => (StatusCode::NOT_FOUND, error("Snap not found")),
        editorial::Refusal::SliceTaken => {
            let value = json!({"error": "Slice cannot be created.", "status": "failed"});
            (StatusCode::CONFLICT, value)
        }
        editorial::Refusal::TooManySlices => (
            StatusCode::BAD_REQUEST,
            error("there are 100 slices, which is as many as there may be"),
        ),
        editorial::Refusal::SliceFull => {
            (StatusCode::BAD_REQUEST, error("name: a slice holds at most 1000 snaps"))
        }
        editorial::Refusal::OrderDiffers => {
            let text = "snaps: every snap of the slice, once, by its name";
            (StatusCode::BAD_REQUEST, error(text))
        }
    }
}

fn error(text: &str) -> Value {
    json!({"error": text})
}
