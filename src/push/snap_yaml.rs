//! `meta/snap.yaml`, from text to values.

use crate::push::described::Described;
use crate::push::refusal::PushRefusal;
use crate::snap::Architecture;
use crate::snap::Confinement;
use crate::snap::Epoch;
use crate::snap::Epochs;
use crate::snap::Invalid;
use crate::snap::Label;
use crate::snap::Line;
use crate::snap::Prose;
use crate::snap::SnapType;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// The most bytes of `meta/snap.yaml`: as many as a text may have. Those of the public store have some kilobytes.
pub(super) const MAX_BYTES: usize = 256 * 1_024;

/// The keys that are read; a file has many more. Values are texts until their type has seen them, so that what is wrong
/// is told with its key.
#[derive(Deserialize)]
struct Form {
    name: Option<String>,
    version: Option<String>,
    title: Option<String>,
    summary: Option<String>,
    description: Option<String>,
    license: Option<String>,
    #[serde(default)]
    links: Option<BTreeMap<String, Links>>,
    architectures: Option<Vec<String>>,
    base: Option<String>,
    confinement: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    epoch: Option<EpochForm>,
    apps: Option<BTreeMap<String, Option<AppForm>>>,
}

#[derive(Deserialize)]
struct AppForm {
    #[serde(rename = "common-id")]
    common_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Links {
    One(String),
    Many(Vec<String>),
}

/// The forms of contract 6.1, which a text of YAML may also write as a number.
#[derive(Deserialize)]
#[serde(untagged)]
enum EpochForm {
    Number(u32),
    Short(String),
    Lists { read: Option<Vec<u32>>, write: Option<Vec<u32>> },
}

impl EpochForm {
    fn epoch(self) -> Result<Epoch, Invalid> {
        let list = |numbers: Option<Vec<u32>>| numbers.map(|list| Epochs::new(&list)).transpose();
        match self {
            Self::Number(number) => Epoch::new(Epochs::one(number), Epochs::one(number)),
            Self::Short(text) => text.parse(),
            Self::Lists { read, write } => Epoch::of_lists(list(read)?, list(write)?),
        }
    }
}

/// Reads the text.
pub(super) fn read(bytes: Vec<u8>) -> Result<Described, PushRefusal> {
    let text = String::from_utf8(bytes);
    let text = text.map_err(|_| PushRefusal::Description("it is not UTF-8".to_owned()))?;
    // Repeated nodes and nesting are bounded by the reader, so no text grows on its way.
    let form: Form = serde_saphyr::from_str(&text)
        .map_err(|error| PushRefusal::Description(in_a_line(&error.to_string())))?;
    let name = form.name.ok_or_else(|| PushRefusal::of_key("name", "missing"))?;
    let name = parse("name", &name)?;
    let epoch = form.epoch.map_or(Ok(Epoch::ZERO), EpochForm::epoch);
    let mut architectures: Vec<Architecture> = Vec::new();
    for text in form.architectures.unwrap_or_default() {
        architectures.push(parse("architectures", &text)?);
    }
    Ok(Described {
        name,
        version: parse("version", &form.version.unwrap_or_default())?,
        title: match known(form.title) {
            Some(title) => parse("title", &title)?,
            None => parse("name", name.as_str())?,
        },
        summary: parse("summary", form.summary.unwrap_or_default().trim())?,
        description: parse("description", form.description.unwrap_or_default().trim_end())?,
        license: optional("license", form.license)?,
        links: links(form.links.unwrap_or_default())?,
        architectures: in_order(architectures),
        base: optional("base", form.base)?,
        confinement: optional("confinement", form.confinement)?.unwrap_or(Confinement::Strict),
        kind: optional("type", form.kind)?.unwrap_or(SnapType::App),
        epoch: epoch.map_err(|invalid| PushRefusal::of_key("epoch", invalid))?,
        common_ids: common_ids(form.apps.unwrap_or_default())?,
        snap_yaml: parse::<Prose>("the text", &text)?,
    })
}

fn parse<T: FromStr<Err = Invalid>>(key: &str, text: &str) -> Result<T, PushRefusal> {
    text.parse().map_err(|invalid: Invalid| PushRefusal::of_key(key, invalid))
}

/// A text that says something.
fn known(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

fn optional<T: FromStr<Err = Invalid>>(
    key: &str,
    text: Option<String>,
) -> Result<Option<T>, PushRefusal> {
    known(text).map(|text| parse(key, &text)).transpose()
}

/// Each once, `all` alone; a file that names none runs everywhere.
fn in_order(mut architectures: Vec<Architecture>) -> Vec<Architecture> {
    if architectures.is_empty() || architectures.contains(&Architecture::ALL) {
        return vec![Architecture::ALL];
    }
    architectures.sort_unstable();
    architectures.dedup();
    architectures
}

fn links(forms: BTreeMap<String, Links>) -> Result<BTreeMap<Label, Vec<Line>>, PushRefusal> {
    let mut links = BTreeMap::new();
    for (kind, form) in forms {
        let key = format!("links.{kind}");
        let texts = match form {
            Links::One(text) => vec![text],
            Links::Many(texts) => texts,
        };
        let mut lines = Vec::with_capacity(texts.len());
        for text in texts {
            lines.push(parse::<Line>(&key, &text)?);
        }
        if !lines.is_empty() {
            links.insert(parse::<Label>(&key, &kind)?, lines);
        }
    }
    Ok(links)
}

/// The ids of its applications, each once, in the order of their names.
fn common_ids(apps: BTreeMap<String, Option<AppForm>>) -> Result<Vec<Line>, PushRefusal> {
    let mut ids: Vec<Line> = Vec::new();
    for (name, app) in apps {
        let key = format!("apps.{name}.common-id");
        let id: Option<Line> = optional(&key, app.and_then(|app| app.common_id))?;
        ids.extend(id.filter(|id| !ids.contains(id)));
    }
    Ok(ids)
}

/// The first line of a message, which goes on to show the place.
fn in_a_line(message: &impl fmt::Display) -> String {
    message.to_string().lines().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described(text: &str) -> Result<Described, String> {
        read(text.as_bytes().to_vec()).map_err(|refusal| refusal.to_string())
    }

    #[test]
    fn a_description_of_the_bare_minimum() {
        let read = described("name: lumen\nversion: 1.10\n").unwrap();
        assert_eq!((read.name.as_str(), read.version.as_str()), ("lumen", "1.10"));
        assert_eq!((read.title.as_str(), read.summary.as_str()), ("lumen", ""));
        assert_eq!(read.architectures, [Architecture::ALL]);
        assert_eq!((read.kind, read.confinement), (SnapType::App, Confinement::Strict));
        assert_eq!(read.epoch, Epoch::ZERO);
        assert_eq!(read.snap_yaml.as_str(), "name: lumen\nversion: 1.10\n");
    }

    #[test]
    fn everything_that_is_read() {
        let text = "name: lumen\nversion: '2'\ntitle: Lumen\nsummary: Shines\ndescription: |\n  At length.\n\n  More.\n\
            license: MIT\nlinks:\n  contact: mailto:a@b.example\n  website:\n  - https://b.example\n  source: []\n\
            architectures: [riscv64, amd64, amd64]\nbase: core24\nconfinement: classic\ntype: gadget\nepoch: 3*\n\
            grade: stable\napps:\n  b:\n    command: bin/b\n    common-id: b.example\n  a:\n    common-id: a.example\n  \
            c:\n    common-id: a.example\n  d:\ncomponents:\n  more:\n    type: standard\n";
        let read = described(text).unwrap();
        assert_eq!(read.description.as_str(), "At length.\n\nMore.");
        let names: Vec<_> = read.architectures.iter().map(|one| one.as_str()).collect();
        assert_eq!(names, ["amd64", "riscv64"]);
        let ids: Vec<_> = read.common_ids.iter().map(Line::as_str).collect();
        assert_eq!(ids, ["a.example", "b.example"]);
        assert_eq!(read.links.len(), 2);
        assert_eq!(read.link("website").unwrap().as_str(), "https://b.example");
        assert_eq!((read.kind, read.confinement), (SnapType::Gadget, Confinement::Classic));
        assert_eq!(read.epoch, "3*".parse().unwrap());
        assert_eq!(read.base.unwrap().as_str(), "core24");
    }

    #[test]
    fn epochs_in_every_form() {
        for (form, short) in [
            ("epoch: 0", "0"),
            ("epoch: 7", "7"),
            ("epoch: \"7\"", "7"),
            ("epoch: 1*", "1*"),
            ("epoch:\n  read: [0, 1]\n  write: [1]", "1*"),
            ("epoch:\n  read: [0, 1]", "1*"),
            ("epoch: {}", "0"),
        ] {
            let read = described(&format!("name: lumen\nversion: '1'\n{form}\n")).unwrap();
            assert_eq!(read.epoch, short.parse().unwrap(), "{form}");
        }
    }

    #[test]
    fn what_is_not_valid_is_told_with_its_key() {
        for (text, told) in [
            ("version: '1'", "name: "),
            ("name: Lumen\nversion: '1'", "name: "),
            ("name: a_b\nversion: '1'", "name: "),
            ("name: lumen", "version: "),
            ("name: lumen\nversion: a b", "version: "),
            ("name: lumen\nversion: '1'\narchitectures: [AMD]", "architectures: "),
            ("name: lumen\nversion: '1'\nconfinement: lax", "confinement: "),
            ("name: lumen\nversion: '1'\ntype: application/x", "type: "),
            ("name: lumen\nversion: '1'\nepoch: 0*", "epoch: "),
            ("name: lumen\nversion: '1'\nepoch: {read: [1, 0]}", "epoch: "),
            ("name: lumen\nversion: '1'\nepoch: {read: [1], write: [2]}", "epoch: "),
            ("name: lumen\nversion: '1'\ntitle: \"a\\nb\"", "title: "),
            ("name: lumen\nversion: '1'\nlinks: {contact: \"a\\nb\"}", "links.contact: "),
            ("name: lumen\nversion: '1'\narchitectures: amd64", ""),
            ("name: lumen\nversion: '1'\nname: other", ""),
            ("name: [", ""),
            ("- a", ""),
            ("", ""),
        ] {
            let refused = described(text).unwrap_err();
            assert!(refused.starts_with(&format!("meta/snap.yaml: {told}")), "{text:?}: {refused}");
            assert!(!refused.contains('\n'), "{refused}");
        }
        assert!(read(vec![b'n', 0xff]).is_err());
    }

    #[test]
    fn a_text_that_unfolds_is_refused() {
        let mut text = "name: lumen\nversion: '1'\na: &a [x, x, x, x, x, x, x, x, x]\n".to_owned();
        for (one, next) in "abcdefgh".chars().zip("bcdefghi".chars()) {
            let many = vec![format!("*{one}"); 9].join(", ");
            text += &format!("{next}: &{next} [{many}]\n");
        }
        // Whether it is read or refused, it is soon over: what is not asked for is not built.
        drop(described(&text));
        let nested = format!("name: lumen\nversion: '1'\nx: {}", "[".repeat(100_000));
        assert!(described(&nested).is_err());
    }
}
