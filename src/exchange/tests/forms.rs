//! The forms of single values.

use super::day;
use super::document;
use super::entry;
use super::parsed;
use crate::snap::Epoch;
use crate::snap::Epochs;
use crate::snap::Listing;
use serde_json::Value;
use serde_json::json;

fn with_snap(snap: Value) -> Listing {
    let mut document = document(&[]);
    document["snap"] = snap;
    parsed(&document).listing
}

fn epoch(value: Value) -> Epoch {
    let mut document = document(&[entry(7, "stable", "amd64", &day(1))]);
    document["channel-map"][0]["epoch"] = value;
    parsed(&document).listing.packages[0].epoch.clone()
}

fn lists(read: &[u32], write: &[u32]) -> Epoch {
    let list = |numbers| Epochs::new(numbers).expect("a list");
    Epoch::new(list(read), list(write)).expect("an epoch")
}

#[test]
fn every_form_of_an_epoch_is_read() {
    for (form, expected) in [
        (json!(null), lists(&[0], &[0])),
        (json!({}), lists(&[0], &[0])),
        (json!(""), lists(&[0], &[0])),
        (json!("2"), lists(&[2], &[2])),
        (json!("2*"), lists(&[1, 2], &[2])),
        (json!({"read": [0, 1, 2]}), lists(&[0, 1, 2], &[2])),
        (json!({"write": [1, 2]}), lists(&[1, 2], &[1, 2])),
        (json!({"read": [0, 1], "write": [1], "note": []}), lists(&[0, 1], &[1])),
        (json!({"read": [4_294_967_295_u32]}), lists(&[4_294_967_295], &[4_294_967_295])),
    ] {
        assert_eq!(epoch(form.clone()), expected, "{form}");
    }
}

#[test]
fn a_link_on_its_own_is_a_list_of_one() {
    let snap = with_snap(json!({"links": {
        "contact": "mailto:a@b.example", "odd-key": ["x", "", null, "y"], "none": [], "null": null, "empty": "",
    }}));
    let links: Vec<(String, Vec<String>)> = snap
        .links
        .iter()
        .map(|(key, lines)| (key.to_string(), lines.iter().map(ToString::to_string).collect()))
        .collect();
    let expected = [("contact", vec!["mailto:a@b.example"]), ("odd-key", vec!["x", "y"])];
    let expected =
        expected.map(|(key, lines)| (key.into(), lines.into_iter().map(Into::into).collect()));
    assert_eq!(links, expected);
}

#[test]
fn sides_no_picture_has_are_unknown() {
    let picture =
        |width: Value| json!({"type": "icon", "url": "https://a.example/b", "width": width});
    let sides = [json!(256.0), json!(0), json!(65_536), json!(null), json!(65_535)];
    let snap = with_snap(json!({"media": sides.map(picture)}));
    let widths: Vec<_> = snap.media.iter().map(|media| media.width).collect();
    assert_eq!(widths, [Some(256), None, None, None, Some(65_535)]);
}

#[test]
fn an_entry_falls_back_to_what_the_snap_says() {
    let mut document = document(&[entry(7, "stable", "amd64", &day(1))]);
    document["snap"] = json!({"type": "kernel", "confinement": "devmode", "base": "core22"});
    let package = &parsed(&document).listing.packages[0];
    let said = (package.kind.as_str(), package.confinement.as_str(), package.base.as_ref());
    assert_eq!(said, ("kernel", "devmode", "core22".parse().ok().as_ref()));
}
