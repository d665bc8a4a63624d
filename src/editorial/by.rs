//! Who decides.

use crate::db::audits::Audit;
use crate::snap::Instant;
use crate::snap::Invalid;
use serde_json::Value;
use std::fmt;
use std::str::FromStr;

/// What an editor may do. `Ord`: the later may do all that the earlier may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Exclude snaps, pick slices, start the stages of the pipeline.
    Member,
    /// What members may, choose what the store features, and read who changed what.
    Admin,
}

impl Role {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Admin => "admin",
        }
    }
}

impl FromStr for Role {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let known = [Self::Member, Self::Admin].into_iter().find(|role| role.as_str() == text);
        known.ok_or(Invalid::new("role", "member or admin"))
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An editor, as the audit knows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Editor {
    /// The name that goes with their token.
    pub name: String,
    /// What they may do.
    pub role: Role,
}

impl Editor {
    /// Who works the command line or asks at the internal listener: whoever can, may.
    pub fn operator() -> Self {
        Self { name: "operator".to_owned(), role: Role::Admin }
    }
}

/// Who decides, in which request, and when.
#[derive(Debug, Clone, Copy)]
pub struct By<'a> {
    /// Who.
    pub editor: &'a Editor,
    /// The id of the request.
    pub request_id: &'a str,
    /// When.
    pub now: Instant,
}

impl By<'_> {
    /// A change of theirs, for the audit.
    pub(super) fn audit(
        &self,
        action: &str,
        target: &str,
        before: Option<&Value>,
        after: Option<&Value>,
    ) -> Audit {
        Audit {
            at: self.now,
            actor: self.editor.name.clone(),
            role: self.editor.role.to_string(),
            action: action.to_owned(),
            target: target.to_owned(),
            before: before.map(Value::to_string),
            after: after.map(Value::to_string),
            request_id: self.request_id.to_owned(),
        }
    }
}
