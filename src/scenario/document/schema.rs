//! One JSON Schema for editors and for `check`: it finds every error of shape, unit and range in one go.

use std::collections::BTreeMap;

use regex_lite::Regex;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::Value as Json;

use crate::scenario::document::faults::{Fault, FaultKind, Walk};
use crate::scenario::document::tree::{Node, Tree};
use crate::scenario::problem::{Problem, did_you_mean};

/// The schema of a kind of file, ready to check documents.
pub(in crate::scenario) struct Checker {
    schema: Json,
    patterns: BTreeMap<String, Regex>,
}

impl Checker {
    /// The checker of a raw type.
    pub(in crate::scenario) fn of<T: JsonSchema>() -> Checker {
        Checker::new(SchemaGenerator::default().into_root_schema_for::<T>().to_value())
    }

    /// The checker of a schema.
    pub(in crate::scenario) fn new(schema: Json) -> Checker {
        let mut patterns = BTreeMap::new();
        gather_patterns(&schema, &mut patterns);
        Checker { schema, patterns }
    }

    /// The schema as a value.
    pub(in crate::scenario) fn schema(&self) -> &Json {
        &self.schema
    }

    fn walk(&self) -> Walk<'_> {
        Walk { whole: &self.schema, patterns: &self.patterns }
    }

    /// Checks a tree, putting every error beside the text that caused it.
    pub(in crate::scenario) fn check(&self, root: &Node, problems: &mut Vec<Problem>) {
        let mut faults = Vec::new();
        self.walk().check(&self.schema, root, &mut Vec::new(), &mut faults);
        problems.extend(faults.iter().filter_map(|fault| self.explain(fault)));
    }

    /// A fault in words.
    fn explain(&self, fault: &Fault<'_>) -> Option<Problem> {
        let Fault { pointer, node, kind } = fault;
        let schema = self.subschema(pointer);
        let name = pointer.join(".");
        let unit = schema.and_then(|s| s.get("x-unit")).and_then(Json::as_str).map(str::to_owned);
        let unit = unit.or_else(|| described(schema));
        let wrong = |message: String, hint| Some(Problem::new(node.span, message, hint));
        match *kind {
            FaultKind::UnknownKey(key) => {
                let known = keys(schema);
                let missing: Vec<&str> = known.iter().copied().filter(|k| node.child(k).is_none()).collect();
                let span = node.key_span(key).unwrap_or(node.span);
                let hint = did_you_mean(key, &missing).or_else(|| did_you_mean(key, &known));
                Some(Problem::new(span, format!("unknown key `{key}`{}", inside(&name)), hint))
            }
            FaultKind::MissingKey(key) => {
                let wanted = self.subschema(&[pointer, &[key.to_owned()][..]].concat());
                let hint = wanted.and_then(|s| s.get("x-unit").or_else(|| s.get("description")));
                let hint = hint.and_then(Json::as_str).map(str::to_owned);
                Some(Problem::missing(node.span, &name, key, hint))
            }
            // Without a value the reader has already said why.
            FaultKind::Type if matches!(node.value, Tree::Leaf(Json::Null)) => None,
            FaultKind::Type => {
                let wanted = schema.and_then(|s| s.get("type")).map_or_else(String::new, type_names);
                wrong(format!("`{name}` is {}, not {wanted}", found(node)), unit)
            }
            FaultKind::Below(limit) => wrong(format!("`{name}` is below {limit}"), unit),
            FaultKind::Above(limit) => wrong(format!("`{name}` is above {limit}"), unit),
            FaultKind::TooFew(limit) => {
                let items = node.items().len();
                wrong(format!("`{name}` has {items} items, it needs at least {limit}"), described(schema))
            }
            FaultKind::TooMany(limit) => {
                let items = node.items().len();
                wrong(format!("`{name}` has {items} items, it needs at most {limit}"), described(schema))
            }
            FaultKind::TooShort => wrong(format!("`{name}` is too short"), described(schema)),
            FaultKind::Form => wrong(format!("`{name}` has the wrong form"), unit),
            FaultKind::Choice => {
                let choices = choices(schema);
                let hint = did_you_mean(node.text().unwrap_or_default(), &choices);
                wrong(format!("`{name}` has no such choice"), hint)
            }
        }
    }

    /// The schema that holds at a pointer into the document.
    pub(in crate::scenario) fn subschema(&self, pointer: &[String]) -> Option<&Json> {
        let walk = self.walk();
        pointer.iter().try_fold(walk.follow(&self.schema)?, |schema, key| {
            let next = schema
                .get("properties")
                .and_then(|p| p.get(key))
                .or_else(|| schema.get("items"))
                .or_else(|| schema.get("additionalProperties"))?;
            walk.follow(next)
        })
    }
}

/// All patterns of a schema, compiled.
fn gather_patterns(schema: &Json, patterns: &mut BTreeMap<String, Regex>) {
    if let Some(pattern) = schema.get("pattern").and_then(Json::as_str) {
        let compiled = Regex::new(pattern).unwrap_or_else(|e| unreachable!("our own pattern compiles: {pattern}: {e}"));
        patterns.insert(pattern.to_owned(), compiled);
    }
    match schema {
        Json::Object(entries) => entries.values().for_each(|schema| gather_patterns(schema, patterns)),
        Json::Array(items) => items.iter().for_each(|schema| gather_patterns(schema, patterns)),
        _ => {}
    }
}

fn inside(name: &str) -> String {
    if name.is_empty() { String::new() } else { format!(" in `{name}`") }
}

fn keys(schema: Option<&Json>) -> Vec<&str> {
    let properties = schema.and_then(|s| s.get("properties")).and_then(Json::as_object);
    properties.into_iter().flatten().map(|(key, _)| key.as_str()).collect()
}

fn described(schema: Option<&Json>) -> Option<String> {
    schema.and_then(|s| s.get("description")).and_then(Json::as_str).map(str::to_owned)
}

/// The words that an enumeration allows: one constant each.
pub(in crate::scenario) fn choices(schema: Option<&Json>) -> Vec<&str> {
    let Some(schema) = schema else { return Vec::new() };
    let constants = schema.get("oneOf").and_then(Json::as_array).into_iter().flatten();
    constants.filter_map(|branch| branch.get("const")?.as_str()).collect()
}

fn type_names(kind: &Json) -> String {
    let name = |k: &Json| match k.as_str().unwrap_or_default() {
        "number" => "a number",
        "integer" => "a whole number",
        "string" => "a text in quotes",
        "boolean" => "true or false",
        "array" => "a list",
        "object" => "a table",
        _ => "",
    };
    match kind {
        Json::Array(kinds) => kinds.iter().map(name).filter(|n| !n.is_empty()).collect::<Vec<_>>().join(" or "),
        kind => name(kind).to_owned(),
    }
}

fn found(node: &Node) -> &'static str {
    match &node.value {
        Tree::Leaf(Json::String(_)) => "a text",
        Tree::Leaf(Json::Bool(_)) => "true or false",
        Tree::Leaf(Json::Number(number)) if number.is_f64() => "a number with decimals",
        Tree::Leaf(_) => "a number",
        Tree::Array(_) => "a list",
        Tree::Table(_) => "a table",
    }
}

#[cfg(test)]
mod tests;
