//! The key tables of `docs/scenarios.md` are those of the schema. `UPDATE_EXPECT=1` renews them.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use expect_test::expect_file;
use serde_json::Value as Json;

use crate::scenario::document::schema::choices;
use crate::scenario::raw::scenario::ScenarioFile;

const BEGIN: &str = "<!-- keys: begin -->\n";
const END: &str = "<!-- keys: end -->\n";

/// Tables of the page: where the table stands in a scenario, its heading, and the sentence under it.
const TABLES: [(&str, &str, &str); 16] = [
    ("", "The scenario", "At the top of the file."),
    ("worlds.0", "`[[worlds]]`", "One for each world."),
    (
        "worlds.0.policies.0",
        "`[[worlds.policies]]`",
        "One for each policy of a world; `apply` of a suite takes the same.",
    ),
    (
        "worlds.0.events.0",
        "`[[worlds.events]]`",
        "One for each event of a world; `events` of a suite's path takes the same.",
    ),
    ("load", "`[load]`", "What `yuefu load` and `yuefu capacity` run."),
    ("load.stalls.0", "`[[load.stalls]]`", "One for each stall."),
    ("load.capacity", "`[load.capacity]`", "What `yuefu capacity` looks for."),
    ("suite", "`[suite]`", "What `yuefu stress` runs."),
    ("suite.paths.0", "`[[suite.paths]]`", "One for each path."),
    ("suite.policies.0", "`[[suite.policies]]`", "One for each policy."),
    ("suite.variance", "`[suite.variance]`", "Where the spread is split into common shocks and luck."),
    ("suite.reverse.0", "`[[suite.reverse]]`", "One for each limit."),
    ("suite.sensitivity", "`[suite.sensitivity]`", "What the answer hangs on."),
    ("suite.attribution", "`[suite.attribution]`", "Whose change of the loss is taken apart."),
    ("comparison", "`[comparison]`", "What `yuefu compare-products` runs."),
    ("comparison.questions.0", "`[[comparison.questions]]`", "One for each question."),
];

/// A number of a schema as people write it.
fn written(number: &Json) -> String {
    let text = number.to_string();
    let text = text.trim_end_matches(".0");
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
    let (whole, part) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{sign}{grouped}{part}")
}

/// ` 2 to 4`, ` from 2`, ` to 4`, or nothing.
fn range(schema: &Json, least: &str, most: &str) -> String {
    // Beyond a million millions a bound only keeps numbers finite.
    let bound = |key| schema.get(key).filter(|n: &&Json| n.as_f64().is_some_and(|n| n.abs() < 1e12)).map(written);
    match (bound(least), bound(most)) {
        (Some(least), Some(most)) if least == most => format!(" {least}"),
        (Some(least), Some(most)) => format!(" {least} to {most}"),
        (Some(least), None) => format!(" from {least}"),
        (None, Some(most)) => format!(" to {most}"),
        (None, None) => String::new(),
    }
}

/// Type, unit and range of what stands at a pointer.
fn kind(pointer: &[String]) -> String {
    let Some(schema) = ScenarioFile::checker().subschema(pointer) else { return String::new() };
    let choices = choices(Some(schema));
    if !choices.is_empty() {
        return choices.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    }
    let unit = schema.get("x-unit").and_then(Json::as_str).map(|unit| unit.split(':').next().unwrap_or(unit));
    let types = schema.get("type").map_or_else(String::new, Json::to_string);
    let limits = range(schema, "minimum", "maximum");
    match unit {
        Some(unit) if unit.contains("between") => unit.to_owned(),
        Some(unit) => format!("{unit}{}", if limits.is_empty() { limits } else { format!(",{limits}") }),
        None if types.contains("integer") => format!("whole number{limits}"),
        None if types.contains("number") => format!("number{limits}"),
        None if types.contains("boolean") => "true or false".to_owned(),
        None if types.contains("string") => "text".to_owned(),
        None if types.contains("array") => {
            let items = kind(&[pointer, &["0".to_owned()][..]].concat());
            let items = if items.is_empty() { "values".to_owned() } else { format!("of {items}") };
            let count = range(schema, "minItems", "maxItems");
            format!("list{count} {items}").replace("of table", "of tables").replace("of text", "of texts")
        }
        None if types.contains("object") && schema.get("properties").is_none() => "table of dotted keys".to_owned(),
        None if types.contains("object") => "table".to_owned(),
        None => "any value".to_owned(),
    }
}

/// The words of a description and the default in them: `Seconds (5 when absent).` is `Seconds.` and `5`.
fn parted(description: &str) -> (String, Option<String>) {
    let text = description.replace('\n', " ");
    let end = " when absent)";
    let Some((before, after)) = text.split_once(end) else { return (text, None) };
    let Some((words, default)) = before.rsplit_once(" (") else { return (text.clone(), None) };
    (format!("{words}{after}"), Some(default.to_owned()))
}

/// The rows of a table.
fn rows(pointer: &[String]) -> String {
    let table = ScenarioFile::checker().subschema(pointer).expect("a table of the scenario");
    let required: Vec<&str> =
        table.get("required").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str).collect();
    let mut text = String::from("| key | value | when absent | meaning |\n|---|---|---|---|\n");
    for (key, own) in table["properties"].as_object().expect("keys") {
        let (words, default) = parted(own.get("description").and_then(Json::as_str).unwrap_or_default());
        assert!(words.ends_with('.'), "`{key}` is described by a sentence: {words}");
        let default = match (required.contains(&key.as_str()), default, own.get("default")) {
            (true, ..) => "(needed)".to_owned(),
            (_, Some(default), _) => default,
            (_, None, Some(Json::Bool(truth))) => truth.to_string(),
            _ => "–".to_owned(),
        };
        let value = kind(&[pointer, &[key.clone()][..]].concat());
        writeln!(text, "| `{key}` | {value} | {default} | {} |", words.replace('|', "\\|")).expect("written");
    }
    text
}

fn pointer(path: &str) -> Vec<String> {
    path.split('.').filter(|key| !key.is_empty()).map(str::to_owned).collect()
}

fn tables() -> String {
    let mut text = String::new();
    for (path, heading, words) in TABLES {
        write!(text, "### {heading}\n\n{words}\n\n{}\n", rows(&pointer(path))).expect("written");
    }
    text
}

#[test]
fn the_keys_in_the_documents_are_those_of_the_schema() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/scenarios.md");
    let page = std::fs::read_to_string(&path).expect("the page");
    let (before, rest) = page.split_once(BEGIN).expect("the first mark");
    let (_, after) = rest.split_once(END).expect("the second mark");
    expect_file![PathBuf::from(&path)].assert_eq(&format!("{before}{BEGIN}\n{}{END}{after}", tables()));
}

#[test]
fn every_table_of_a_scenario_is_in_the_documents() {
    let checker = ScenarioFile::checker();
    let shown: Vec<&Json> = TABLES.iter().filter_map(|(path, ..)| checker.subschema(&pointer(path))).collect();
    for (path, ..) in TABLES {
        let table = checker.subschema(&pointer(path)).expect("a table");
        for key in table["properties"].as_object().expect("keys").keys() {
            let below = [pointer(path), vec![key.clone()]].concat();
            let item = [below.clone(), vec!["0".to_owned()]].concat();
            let found =
                [below, item].map(|pointer| checker.subschema(&pointer).filter(|s| s.get("properties").is_some()));
            for schema in found.into_iter().flatten().filter(|_| key != "assumptions") {
                assert!(shown.iter().any(|other| std::ptr::eq(*other, schema)), "`{key}` of `{path}` has no table");
            }
        }
    }
}
