//! One JSON Schema for editors and for `check`: it finds every error of shape, unit and range in one go.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use jsonschema::Validator;
use jsonschema::error::ValidationErrorKind;
use serde_json::Value as Json;

use crate::scenario::comparison::FactFile;
use crate::scenario::document::tree::{Node, Tree};
use crate::scenario::problem::{Problem, did_you_mean};
use crate::scenario::raw::scenario::{RootFile, ScenarioFile};

/// A schema and its compiled form.
pub(in crate::scenario) struct Checker {
    schema: Json,
    validator: Option<Validator>,
}

impl Checker {
    fn new(schema: schemars::Schema) -> Checker {
        let schema = schema.to_value();
        let validator = jsonschema::validator_for(&schema).ok();
        debug_assert!(validator.is_some(), "our own schema compiles");
        Checker { schema, validator }
    }

    /// The schema of scenario files.
    pub(in crate::scenario) fn scenario() -> &'static Checker {
        static CHECKER: OnceLock<Checker> = OnceLock::new();
        CHECKER.get_or_init(|| Checker::new(schemars::schema_for!(ScenarioFile)))
    }

    /// The schema of a scenario with its models.
    pub(in crate::scenario) fn root() -> &'static Checker {
        static CHECKER: OnceLock<Checker> = OnceLock::new();
        CHECKER.get_or_init(|| Checker::new(schemars::schema_for!(RootFile)))
    }

    /// The schema of a product's published facts.
    pub(in crate::scenario) fn facts() -> &'static Checker {
        static CHECKER: OnceLock<Checker> = OnceLock::new();
        CHECKER.get_or_init(|| Checker::new(schemars::schema_for!(BTreeMap<String, FactFile>)))
    }

    /// The schema as a value.
    pub(in crate::scenario) fn schema(&self) -> &Json {
        &self.schema
    }

    /// Checks a tree, putting every error beside the text that caused it.
    pub(in crate::scenario) fn check(&self, root: &Node, problems: &mut Vec<Problem>) {
        let json = root.json();
        let Some(validator) = &self.validator else { return };
        let errors: Vec<_> = validator.iter_errors(&json).collect();
        let mistyped: Vec<&str> = errors
            .iter()
            .filter(|error| matches!(error.kind(), ValidationErrorKind::Type { .. }))
            .map(|error| error.instance_path().as_str())
            .collect();
        for error in &errors {
            // A value of the wrong type is not also out of range.
            let of_type = matches!(error.kind(), ValidationErrorKind::Type { .. });
            if !of_type && mistyped.contains(&error.instance_path().as_str()) {
                continue;
            }
            let pointer: Vec<String> = error.instance_path().as_str().split('/').skip(1).map(unescape).collect();
            let node = pointer.iter().try_fold(root, |node, key| node.child(key)).unwrap_or(root);
            self.explain(&pointer, node, error.kind(), problems);
        }
    }

    fn explain(&self, pointer: &[String], node: &Node, kind: &ValidationErrorKind, problems: &mut Vec<Problem>) {
        let place = self.subschema(pointer);
        let name = pointer.join(".");
        let unit = place.and_then(|s| s.get("x-unit")).and_then(Json::as_str).map(str::to_owned);
        let unit = unit.or_else(|| described(place));
        let mut push = |span, message, hint| problems.push(Problem { span, message, hint });
        match kind {
            ValidationErrorKind::AdditionalProperties { unexpected } => {
                let known = keys(place);
                let missing: Vec<&str> = known.iter().copied().filter(|k| node.child(k).is_none()).collect();
                for key in unexpected {
                    let span = node.key_span(key).unwrap_or(node.span);
                    let hint = did_you_mean(key, &missing).or_else(|| did_you_mean(key, &known));
                    push(span, format!("unknown key `{key}`{}", inside(&name)), hint);
                }
            }
            ValidationErrorKind::Required { property } => {
                let key = property.as_str().unwrap_or_default();
                let unit = self
                    .subschema(&[pointer, &[key.to_owned()]].concat())
                    .and_then(|s| s.get("x-unit").or_else(|| s.get("description")))
                    .and_then(Json::as_str)
                    .map(str::to_owned);
                push(node.span, format!("missing key `{key}`{}", inside(&name)), unit);
            }
            // Without a value the reader has already said why.
            ValidationErrorKind::Type { .. } if matches!(node.value, Tree::Leaf(Json::Null)) => {}
            ValidationErrorKind::Type { .. } => {
                let wanted = place.and_then(|s| s.get("type")).map_or_else(String::new, type_names);
                push(node.span, format!("`{name}` is {}, not {wanted}", found(node)), unit);
            }
            ValidationErrorKind::Minimum { limit } => {
                push(node.span, format!("`{name}` is below {limit}"), unit);
            }
            ValidationErrorKind::Maximum { limit } => {
                push(node.span, format!("`{name}` is above {limit}"), unit);
            }
            ValidationErrorKind::MinItems { limit } | ValidationErrorKind::MaxItems { limit } => {
                let items = node.items().len();
                let more = if matches!(kind, ValidationErrorKind::MinItems { .. }) { "at least" } else { "at most" };
                push(node.span, format!("`{name}` has {items} items, it needs {more} {limit}"), described(place));
            }
            ValidationErrorKind::AdditionalItems { limit } => {
                let items = node.items().len();
                push(node.span, format!("`{name}` has {items} items, it needs at most {limit}"), described(place));
            }
            ValidationErrorKind::Pattern { .. } => {
                push(node.span, format!("`{name}` has the wrong form"), unit);
            }
            ValidationErrorKind::MinLength { .. } => {
                push(node.span, format!("`{name}` is too short"), described(place))
            }
            ValidationErrorKind::Enum { .. } | ValidationErrorKind::OneOfNotValid { .. } => {
                let word = node.text().unwrap_or_default();
                let choices = choices(place);
                let choices: Vec<&str> = choices.iter().map(String::as_str).collect();
                push(node.span, format!("`{name}` has no such choice"), did_you_mean(word, &choices));
            }
            other => push(node.span, format!("`{name}` is not valid ({})", other.keyword()), described(place)),
        }
    }

    /// The schema that holds for a place in the document.
    pub(in crate::scenario) fn subschema(&self, pointer: &[String]) -> Option<&Json> {
        pointer.iter().try_fold(self.follow(&self.schema)?, |schema, key| {
            let next = schema
                .get("properties")
                .and_then(|p| p.get(key))
                .or_else(|| schema.get("items"))
                .or_else(|| schema.get("additionalProperties"))?;
            self.follow(next)
        })
    }

    fn follow<'a>(&'a self, schema: &'a Json) -> Option<&'a Json> {
        match schema.get("$ref").and_then(Json::as_str) {
            None => Some(schema),
            Some(reference) => self.follow(self.schema.pointer(reference.strip_prefix('#')?)?),
        }
    }
}

fn unescape(segment: &str) -> String {
    segment.replace("~1", "/").replace("~0", "~")
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

/// The words that an enumeration allows, whether it is a plain list or one constant each.
fn choices(schema: Option<&Json>) -> Vec<String> {
    let Some(schema) = schema else { return Vec::new() };
    let plain = schema.get("enum").and_then(Json::as_array).into_iter().flatten();
    let constants = schema.get("oneOf").and_then(Json::as_array).into_iter().flatten();
    let nested = constants
        .flat_map(|c| c.get("const").into_iter().chain(c.get("enum").and_then(Json::as_array).into_iter().flatten()));
    plain.chain(nested).filter_map(Json::as_str).map(str::to_owned).collect()
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

/// The JSON Schema of scenario files, for editors.
pub(crate) fn json_schema() -> String {
    serde_json::to_string_pretty(Checker::scenario().schema()).unwrap_or_default()
}
