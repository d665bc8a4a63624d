//! A scenario file as a value: which shelf, what is asked, what must come back.
//!
//! Reading is strict: an unknown member, a rule that makes no sense or a reference to a later
//! step is an error, as each would make a test weaker than it reads.

use crate::support::app::Sent;
use crate::support::pattern::Pattern;
use serde_json::Map;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;

/// The folder of the shelves and, a folder a door, of the scenarios.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/scenarios")
}

/// One promise and the steps that show it.
pub(crate) struct Scenario {
    pub(crate) file: String,
    pub(crate) case: String,
    pub(crate) promise: String,
    pub(crate) shelf: String,
    steps: Vec<Value>,
}

/// One thing to do, and what must come of it.
pub(crate) enum Step {
    Run(Vec<String>),
    Ask { sent: Sent, expected: Box<Expected>, save: Vec<(String, String)> },
}

/// What an answer must be.
pub(crate) struct Expected {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, Pattern)>,
    pub(crate) body: Option<Pattern>,
    pub(crate) same_as: Option<usize>,
}

/// Values saved by earlier steps, by name.
pub(crate) type Saved = BTreeMap<String, String>;

impl Scenario {
    /// Every scenario of a door, by file name; panics where a file cannot be used.
    pub(crate) fn of(door: &str) -> Vec<Self> {
        let entries = std::fs::read_dir(folder().join(door)).unwrap();
        let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files.iter().map(|file| Self::read(door, file).unwrap_or_else(|e| panic!("{e}"))).collect()
    }

    fn read(door: &str, path: &Path) -> Result<Self, String> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let file = format!("{door}/{name}");
        let of_file = |error: String| format!("{file}: {error}");
        let text = std::fs::read_to_string(path).map_err(|error| of_file(error.to_string()))?;
        let mut root: Value = serde_json::from_str(&text).map_err(|e| of_file(e.to_string()))?;
        let steps = match root.get_mut("steps").map(Value::take) {
            Some(Value::Array(steps)) if !steps.is_empty() => steps,
            _ => return Err(of_file("no steps".to_owned())),
        };
        for (index, step) in steps.iter().enumerate() {
            let checked = Step::parse(step).and_then(|step| step.check(index));
            checked.map_err(|error| of_file(format!("step {index}: {error}")))?;
        }
        let members = known(&root, &["case", "promise", "source", "shelf", "steps"]);
        let members = members.map_err(of_file)?;
        let text = |name| text_of(members, name).map_err(of_file);
        text("source")?;
        let (case, promise, shelf) = (text("case")?, text("promise")?, text("shelf")?);
        Ok(Self { file: file.clone(), case, promise, shelf, steps })
    }

    /// Whether a step changes the catalogue, so that no other scenario may share the server.
    pub(crate) fn changes_the_shelf(&self) -> bool {
        self.steps.iter().any(|step| step.get("run").is_some())
    }

    /// How many steps there are.
    pub(crate) fn n_steps(&self) -> usize {
        self.steps.len()
    }

    /// The step at an index, with what earlier steps saved filled in.
    pub(crate) fn step(&self, index: usize, saved: &Saved) -> Result<Step, String> {
        let mut step = self.steps[index].clone();
        fill(&mut step, saved);
        let text = step.to_string();
        match text.split_once("{{").and_then(|(_, rest)| rest.split_once("}}")) {
            Some((name, _)) => Err(format!("nothing was saved as {name}")),
            None => Step::parse(&step),
        }
    }
}

impl Step {
    fn parse(step: &Value) -> Result<Self, String> {
        let members = known(step, &["run", "request", "response", "save"])?;
        if let Some(run) = members.get("run") {
            let words = run.as_array().filter(|_| members.len() == 1).ok_or("run stands alone")?;
            let words = words.iter().map(|word| word.as_str().map(str::to_owned));
            return Ok(Self::Run(words.collect::<Option<_>>().ok_or("run takes strings")?));
        }
        let part = |name: &str| members.get(name).ok_or(format!("no {name}"));
        let mut save = Vec::new();
        for (name, pointer) in members.get("save").and_then(Value::as_object).into_iter().flatten()
        {
            save.push((name.clone(), pointer.as_str().ok_or("save takes pointers")?.to_owned()));
        }
        let expected = Box::new(Expected::parse(part("response")?)?);
        Ok(Self::Ask { sent: request(part("request")?)?, expected, save })
    }

    fn check(&self, index: usize) -> Result<(), String> {
        match self {
            Self::Ask { expected, .. } if expected.same_as.is_some_and(|other| other >= index) => {
                Err("same-as names no earlier step".to_owned())
            }
            _ => Ok(()),
        }
    }
}

impl Expected {
    fn parse(response: &Value) -> Result<Self, String> {
        let members = known(response, &["status", "headers", "body", "same-as"])?;
        let status = members.get("status").and_then(Value::as_u64).ok_or("no status")?;
        let mut headers = Vec::new();
        for (name, value) in members.get("headers").and_then(Value::as_object).into_iter().flatten()
        {
            headers.push((name.to_lowercase(), Pattern::parse(value)?));
        }
        let same_as = match members.get("same-as") {
            Some(index) => Some(index.as_u64().ok_or("same-as takes an index")?),
            None => None,
        };
        Ok(Self {
            status: u16::try_from(status).map_err(|error| error.to_string())?,
            headers,
            body: members.get("body").map(Pattern::parse).transpose()?,
            same_as: same_as.map(usize::try_from).transpose().map_err(|error| error.to_string())?,
        })
    }
}

/// What a device sends unless a scenario says otherwise (contract 11.1).
const DEFAULT_HEADERS: [(&str, &str); 4] = [
    ("Snap-Device-Series", "16"),
    ("Snap-Device-Architecture", "amd64"),
    ("Snap-Device-Capabilities", "default-tracks"),
    ("Content-Type", "application/json"),
];

fn request(request: &Value) -> Result<Sent, String> {
    let members = known(request, &["method", "path", "headers", "body", "raw-body"])?;
    let mut headers: Vec<(String, String)> = DEFAULT_HEADERS
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    for (name, value) in members.get("headers").and_then(Value::as_object).into_iter().flatten() {
        headers.retain(|(default, _)| !default.eq_ignore_ascii_case(name));
        match value {
            Value::Null => {}
            Value::String(value) => headers.push((name.clone(), value.clone())),
            _ => return Err(format!("header {name} takes a string or null")),
        }
    }
    let body = match (members.get("body"), members.get("raw-body")) {
        (None, None) => Vec::new(),
        (Some(body), None) => body.to_string().into_bytes(),
        (None, Some(Value::String(raw))) => raw.clone().into_bytes(),
        _ => return Err("body or raw-body, the latter a string".to_owned()),
    };
    Ok(Sent { method: text_of(members, "method")?, path: text_of(members, "path")?, headers, body })
}

fn known<'v>(value: &'v Value, names: &[&str]) -> Result<&'v Map<String, Value>, String> {
    let members = value.as_object().ok_or_else(|| format!("{value} is no object"))?;
    match members.keys().find(|name| !names.contains(&name.as_str())) {
        Some(name) => Err(format!("unknown member {name}")),
        None => Ok(members),
    }
}

fn text_of(members: &Map<String, Value>, name: &str) -> Result<String, String> {
    let text = members.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    text.map(str::to_owned).ok_or_else(|| format!("no {name}"))
}

fn fill(value: &mut Value, saved: &Saved) {
    match value {
        Value::String(text) => {
            for (name, saved) in saved {
                *text = text.replace(&format!("{{{{{name}}}}}"), saved);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| fill(item, saved)),
        Value::Object(members) => members.values_mut().for_each(|member| fill(member, saved)),
        _ => {}
    }
}
