//! The recipes of `docs/contributing.md` name what is there, and what they ask for in other documents stands in them. Scans text
//! alone.

use crate::testing::pointers::{texts, tree};
use std::path::Path;

/// The document of the recipes.
const RECIPES: &str = "docs/contributing.md";

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path))
        .unwrap_or_else(|why| panic!("{path}: {why}"))
}

/// Paragraphs and steps of a document: a step is an item of a list with a number.
fn steps_of(document: &str) -> Vec<String> {
    let mut steps = vec![String::new()];
    for line in document.lines() {
        let number = line.split_once(". ").is_some_and(|(number, _)| number.bytes().all(|b| b.is_ascii_digit()));
        if line.is_empty() || number || line.starts_with(['|', '-', '#']) {
            steps.push(String::new());
        }
        if let Some(step) = steps.last_mut().filter(|_| !line.is_empty()) {
            step.push_str(line);
            step.push('\n');
        }
    }
    steps
}

/// What stands in backquotes.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// The last part of a name of the code: `ALL` of `Decline::ALL`, `sums` of `sums!`. `None` for what is none.
fn name_in(quoted: &str) -> Option<&str> {
    let name = quoted.trim_end_matches('!').rsplit("::").next()?;
    let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    // A word in capitals stands for whatever the newcomer calls it.
    (is_name && !["NAME", "PRODUCT", "FILTER", "SCENARIO"].contains(&name)).then_some(name)
}

/// True where a text has the name as a whole word.
fn has_word(text: &str, name: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == name)
}

/// Names that a step puts behind a file and that the file does not have.
fn names_elsewhere(step: &str, file: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut last: Option<(&str, String)> = None;
    for quoted in quoted(step) {
        if quoted.contains('/') {
            last = file(quoted).map(|text| (quoted, text));
        } else if let (Some((path, text)), Some(name)) = (&last, name_in(quoted))
            && !has_word(text, name)
        {
            wrong.push(format!("{path} has no `{name}`"));
        }
    }
    wrong
}

#[test]
fn a_step_names_what_its_file_has() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let file = |path: &str| root.join(path).is_file().then(|| read(path));
    let wrong: Vec<String> = steps_of(&read(RECIPES)).iter().flat_map(|step| names_elsewhere(step, file)).collect();
    assert!(wrong.is_empty(), "{RECIPES}:\n{}", wrong.join("\n"));
}

#[test]
fn tests_that_tell_exist() {
    let code: String = tree(&[("src", ".rs"), ("tests", ".rs")]).into_iter().map(|(_, text)| text).collect();
    let document = read(RECIPES);
    let steps = steps_of(&document);
    let tests: Vec<&str> =
        steps.iter().filter(|step| step.starts_with("Tests that tell")).flat_map(|s| quoted(s)).collect();
    assert!(tests.len() > 10, "{tests:?}");
    let there = |name: &str| ["fn", "mod"].iter().any(|kind| code.contains(&format!("{kind} {name}")));
    let gone: Vec<&str> = tests.into_iter().filter(|test| name_in(test).is_some_and(|name| !there(name))).collect();
    assert!(gone.is_empty(), "{RECIPES} names tests that are not there: {gone:?}");
}

#[test]
fn every_lever_stands_in_the_rules_and_every_policy_in_its_document() {
    let (rules, policies) = (read("docs/rules.md"), read("docs/policies.md"));
    let levers = read("models/levers.toml");
    let keys: Vec<&str> = levers.lines().filter_map(|line| line.split_once(" = {")).map(|(key, _)| key).collect();
    assert!(keys.len() > 15, "{keys:?}");
    let silent: Vec<&str> = keys.into_iter().filter(|key| !has_word(&rules, key)).collect();
    assert!(silent.is_empty(), "docs/rules.md says nothing of {silent:?}");
    let mut shipped = Vec::new();
    texts(Path::new(env!("CARGO_MANIFEST_DIR")), "models/policies", ".toml", &mut shipped);
    let named = |path: &str| {
        let name = path.trim_start_matches("models/policies/").trim_end_matches(".toml");
        quoted(&policies).any(|quoted| quoted == name)
    };
    let silent: Vec<&String> = shipped.iter().map(|(path, _)| path).filter(|path| !named(path)).collect();
    assert!(silent.is_empty(), "docs/policies.md says nothing of {silent:?}");
}

#[test]
fn a_wrong_name_is_found() {
    let file = |path: &str| (path == "src/a.rs").then(|| "fn draw() { let sum_of = ALL; }".to_string());
    let document =
        "Text.\n\n1. `src/a.rs`: `draw`, `X::ALL`, `sums!` and\n   `sum`.\n2. `NAME`, `gone`; `src/b/`: `gone`\n";
    let steps = steps_of(document);
    assert_eq!(steps.iter().filter(|step| step.contains('`')).count(), 2, "{steps:?}");
    let wrong: Vec<String> = steps.iter().flat_map(|step| names_elsewhere(step, file)).collect();
    assert_eq!(wrong, ["src/a.rs has no `sums`", "src/a.rs has no `sum`"]);
}
