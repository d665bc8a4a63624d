//! The matcher must be able to say no: every rule is shown a value it takes and ones it refuses.

use crate::support::pattern::Pattern;
use serde_json::Value;

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn pointers(pattern: &str, got: Option<&str>) -> Vec<String> {
    let pattern = Pattern::parse(&json(pattern)).unwrap();
    let got = got.map(json);
    pattern.mismatches(got.as_ref()).into_iter().map(|mismatch| mismatch.pointer).collect()
}

#[track_caller]
fn check(pattern: &str, takes: &[&str], refuses: &[&str]) {
    for value in takes {
        assert_eq!(pointers(pattern, Some(value)), [""; 0], "{pattern} should take {value}");
    }
    for value in refuses {
        assert_ne!(pointers(pattern, Some(value)), [""; 0], "{pattern} should refuse {value}");
    }
}

#[test]
fn plain_values_equal_themselves_only() {
    check("10", &["10"], &["10.0", "11", "\"10\"", "null", "[10]"]);
    check("null", &["null"], &["0", "\"\"", "false", "{}", "[]"]);
    check("\"a\"", &["\"a\""], &["\"A\"", "\"aa\"", "null"]);
    check("[]", &["[]"], &["[null]", "{}", "null"]);
    check("[1, 2]", &["[1, 2]"], &["[2, 1]", "[1]", "[1, 2, 3]", "1"]);
}

#[test]
fn an_object_is_a_subset() {
    check(r#"{"a": 1}"#, &[r#"{"a": 1}"#, r#"{"a": 1, "b": 2}"#], &["{}", r#"{"a": 2}"#, "[]"]);
    check(r#"{"a": {"b": 1}}"#, &[r#"{"a": {"b": 1, "c": 0}}"#], &[r#"{"a": {}}"#, r#"{"a": 1}"#]);
    check("{}", &["{}", r#"{"a": 1}"#], &["[]", "null"]);
}

#[test]
fn rules_of_one_value() {
    check(r#"{"$any": true}"#, &["null", "0", "[]"], &[]);
    check(r#"{"$type": "integer"}"#, &["0", "-7"], &["1.0", "\"1\"", "null"]);
    check(r#"{"$type": "null"}"#, &["null"], &["0", "{}"]);
    check(r#"{"$type": "object"}"#, &["{}"], &["[]", "null"]);
    check(r#"{"$type": "array"}"#, &["[]"], &["{}", "\"[]\""]);
    check(r#"{"$type": "boolean"}"#, &["true"], &["\"true\"", "1"]);
    check(r#"{"$regex": "^a+$"}"#, &["\"aa\""], &["\"ab\"", "\"\"", "7", "null"]);
    check(r#"{"$contains": "/x"}"#, &["\"at /x/0\""], &["\"x\"", "[\"/x\"]"]);
    check(r#"{"$gte": 55}"#, &["55", "69", "55.5"], &["54", "\"69\"", "null"]);
}

#[test]
fn absence_is_not_null() {
    let pattern = r#"{"a": {"$absent": true}}"#;
    check(pattern, &["{}", r#"{"b": 1}"#], &[r#"{"a": null}"#, r#"{"a": 0}"#]);
    assert_eq!(pointers(r#"{"$absent": true}"#, None), [""; 0]);
    for present in [r#"{"$any": true}"#, "null", r#"{"$not": 1}"#, r#"{"$type": "null"}"#, "{}"] {
        assert_eq!(pointers(present, None), [""], "{present} should need a value");
    }
    check(r#"{"a": {"$any": true}}"#, &[r#"{"a": null}"#], &["{}"]);
}

#[test]
fn rules_of_arrays() {
    let unordered = r#"{"$unordered": [{"a": 1}, {"$any": true}]}"#;
    check(unordered, &[r#"[{"a": 1}, 2]"#, r#"[2, {"a": 1}]"#], &["[2, 3]", r#"[{"a": 1}]"#, "{}"]);
    check(unordered, &[], &[r#"[{"a": 1}, 2, 3]"#]);
    let greedy = r#"{"$unordered": [{"$any": true}, {"$gte": 1}, {"$gte": 2}]}"#;
    check(greedy, &["[2, 1, 0]", "[0, 1, 2]"], &["[0, 0, 2]", "[1, 1, 0]"]);
    let superset = r#"{"$superset": [1, {"$type": "string"}]}"#;
    check(superset, &["[\"x\", 1]", "[1, 2, \"x\"]"], &["[1]", "[\"x\"]", "[]", "{}", "1"]);
    check(r#"{"$none": {"a": 1}}"#, &["[]", r#"[{"a": 2}]"#], &[r#"[0, {"a": 1}]"#, "{}", "null"]);
}

#[test]
fn rules_of_rules() {
    check(r#"{"$keys": ["a", "b"]}"#, &[r#"{"b": 0, "a": 0}"#], &[r#"{"a": 0}"#, "{}", "[]"]);
    check(r#"{"$keys": ["a"]}"#, &[], &[r#"{"a": 0, "b": 0}"#, r#"{"b": 0}"#]);
    check(r#"{"$keys": []}"#, &["{}"], &[r#"{"a": 0}"#, "[]"]);
    let all = r#"{"$all": [{"$keys": ["a"]}, {"a": 1}]}"#;
    check(all, &[r#"{"a": 1}"#], &[r#"{"a": 2}"#, r#"{"a": 1, "b": 1}"#, "null"]);
    check(r#"{"$not": {"$regex": "x"}}"#, &["\"y\"", "7"], &["\"x\""]);
    check(r#"{"$not": {"a": 1}}"#, &["{}", r#"{"a": 2}"#], &[r#"{"a": 1, "b": 2}"#]);
}

#[test]
fn a_mismatch_names_its_place() {
    let pattern = r#"{"a": [{"b/c": 1, "~": 2}, 3], "d": {"$none": 4}}"#;
    let got = r#"{"a": [{"b/c": 0}, 3], "d": [5, 4]}"#;
    assert_eq!(pointers(pattern, Some(got)), ["/a/0/b~1c", "/a/0/~0", "/d/1"]);
}

#[test]
fn a_pattern_that_makes_no_sense_is_refused() {
    for pattern in [
        r#"{"$keys": ["a"], "a": 1}"#,
        r#"{"$supersett": []}"#,
        r#"{"a": [{"$not": {"$regexp": "x"}}]}"#,
        r#"{"$regex": "("}"#,
        r#"{"$regex": 5}"#,
        r#"{"$type": "integre"}"#,
        r#"{"$keys": "a"}"#,
        r#"{"$keys": [1]}"#,
        r#"{"$gte": "5"}"#,
        r#"{"$absent": false}"#,
        r#"{"$any": 1}"#,
        r#"{"$unordered": {}}"#,
    ] {
        assert!(Pattern::parse(&json(pattern)).is_err(), "{pattern} should be refused");
    }
}
