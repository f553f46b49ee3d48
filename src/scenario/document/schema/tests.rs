//! The schemas of the files hold nothing that the walk over them does not know.

use std::collections::BTreeSet;

use expect_test::expect;
use serde_json::{Value as Json, json};

use crate::scenario::document::faults::{FaultKind, Walk};
use crate::scenario::document::tree;
use crate::scenario::raw::comparison::FactFile;
use crate::scenario::raw::scenario::{RootFile, ScenarioFile};

/// Keywords that `faults` obeys.
const CHECKED: [&str; 14] = [
    "$ref",
    "additionalProperties",
    "const",
    "items",
    "maxItems",
    "maximum",
    "minItems",
    "minLength",
    "minimum",
    "oneOf",
    "pattern",
    "properties",
    "required",
    "type",
];

/// Keywords that only say something to readers.
const SAID: [&str; 9] =
    ["$defs", "$schema", "default", "description", "format", "title", "x-relative", "x-step", "x-unit"];

/// The keywords of a schema with the forms of its types.
fn keywords(schema: &Json, found: &mut BTreeSet<String>) {
    let Json::Object(entries) = schema else { return };
    if entries.contains_key("$ref") {
        let beside = entries.keys().filter(|key| *key != "$ref" && !SAID.contains(&key.as_str()));
        assert_eq!(beside.count(), 0, "what stands beside a reference is not checked: {schema}");
    }
    for (keyword, value) in entries {
        found.insert(keyword.clone());
        match (keyword.as_str(), value) {
            ("properties" | "$defs", Json::Object(schemas)) => schemas.values().for_each(|s| keywords(s, found)),
            ("oneOf", Json::Array(schemas)) => schemas.iter().for_each(|s| keywords(s, found)),
            ("items" | "additionalProperties", schema) => keywords(schema, found),
            _ => {}
        }
    }
}

#[test]
fn our_schemas_hold_no_keyword_that_the_walk_does_not_know() {
    let mut found = BTreeSet::new();
    for checker in [ScenarioFile::checker(), RootFile::checker(), FactFile::checker()] {
        keywords(checker.schema(), &mut found);
    }
    let known: BTreeSet<String> = CHECKED.iter().chain(&SAID).map(|keyword| (*keyword).to_owned()).collect();
    let strangers: Vec<&String> = found.difference(&known).collect();
    assert!(strangers.is_empty(), "teach `faults` what these mean: {strangers:?}");
    let unused: Vec<&String> = known.difference(&found).collect();
    assert!(unused.is_empty(), "no schema holds these any more: {unused:?}");
}

/// The faults of a text under a schema, each as `pointer: kind`.
fn faults(schema: &Json, text: &str) -> String {
    let mut problems = Vec::new();
    let document = tree::parse(0, text, &mut problems);
    assert!(problems.is_empty(), "{problems:?}");
    let mut patterns = std::collections::BTreeMap::new();
    super::gather_patterns(schema, &mut patterns);
    let walk = Walk { whole: schema, patterns: &patterns };
    let mut found = Vec::new();
    walk.check(schema, &document, &mut Vec::new(), &mut found);
    let shown = |pointer: &[String], kind: FaultKind<'_>| format!("{}: {kind:?}\n", pointer.join("."));
    found.iter().map(|fault| shown(&fault.pointer, fault.kind)).collect()
}

#[test]
fn every_keyword_is_obeyed() {
    let schema = json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["there", "here"],
        "properties": {
            "there": { "type": "integer", "minimum": 2, "maximum": 4 },
            "share": { "type": ["number", "null"], "minimum": 0.5 },
            "list": { "type": "array", "items": { "$ref": "#/$defs/word" }, "minItems": 2, "maxItems": 3 },
            "table": { "type": "object", "additionalProperties": { "type": "boolean" } },
            "grade": { "oneOf": [{ "const": "a" }, { "type": "string", "const": "c" }] },
            "free": true,
        },
        "$defs": { "word": { "type": "string", "pattern": "^[a-z]+$", "minLength": 2 } },
    });
    assert_eq!(
        faults(&schema, "there = 3\nhere = 1"),
        ": UnknownKey(\"here\")\n",
        "a required key that no property describes is there all the same"
    );
    let wrong = "there = 5\nshare = 0.25\nlist = [\"A\", 1, \"ok\", \"no1\"]\ngrade = \"d\"\nfree = [1]\n[table]\nx = 1\ny = true\n";
    expect![[r#"
        grade: Choice
        list: TooMany(3)
        list.0: TooShort
        list.0: Form
        list.1: Type
        list.3: Form
        share: Below(Number(0.5))
        table.x: Type
        there: Above(Number(4))
        : MissingKey("here")
    "#]]
    .assert_eq(&faults(&schema, wrong));
    assert_eq!(faults(&schema, "here = 1\nthere = 2.5"), ": UnknownKey(\"here\")\nthere: Type\n");
    assert_eq!(
        faults(&schema, "list = [\"ab\"]\nthere = 1\ngrade = \"c\""),
        concat!("list: TooFew(2)\nthere: Below(Number(2))\n", ": MissingKey(\"here\")\n",)
    );
}
