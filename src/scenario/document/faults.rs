//! What of a document does not fit its schema: a walk over both at once.
//!
//! A library that is well kept is the better choice where any schema may come, and `jsonschema` did this work before: 30 crates,
//! two engines for regular expressions among them, for fourteen keywords. On one busy machine a build of nothing but that, serde and
//! `schemars` took 198 s of CPU, with `regex-lite` in its place 39 s. `boon` is no way out: it brings such an engine too. Our
//! schemas come from `schemars` alone and hold few keywords; a test fails when one holds another. The walk goes over the
//! tree itself, so every fault stands at its text, and no copy of the document is made.

use std::collections::BTreeMap;

use regex_lite::Regex;
use serde_json::Value as Json;

use crate::scenario::document::tree::{Node, Tree};

/// A schema, whose references are looked up in `whole`, and the patterns in it.
pub(super) struct Walk<'a> {
    pub(super) whole: &'a Json,
    pub(super) patterns: &'a BTreeMap<String, Regex>,
}

/// Where something does not fit, and how.
pub(super) struct Fault<'a> {
    /// Keys and indices down to the value.
    pub(super) pointer: Vec<String>,
    /// The value.
    pub(super) node: &'a Node,
    /// How.
    pub(super) kind: FaultKind<'a>,
}

/// How a value does not fit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum FaultKind<'a> {
    /// A table has a key that its schema does not know.
    UnknownKey(&'a str),
    /// A table lacks a key.
    MissingKey(&'a str),
    /// Another type.
    Type,
    /// Below the least number.
    Below(&'a Json),
    /// Above the largest number.
    Above(&'a Json),
    /// Fewer items than this.
    TooFew(u64),
    /// More items than this.
    TooMany(u64),
    /// Fewer characters than the least.
    TooShort,
    /// A text of another form.
    Form,
    /// None of the words there are.
    Choice,
}

impl<'a> Walk<'a> {
    /// The schema that a reference names, through any number of references.
    pub(super) fn follow(&self, schema: &'a Json) -> Option<&'a Json> {
        match schema.get("$ref").and_then(Json::as_str) {
            None => Some(schema),
            Some(reference) => self.follow(self.whole.pointer(reference.strip_prefix('#')?)?),
        }
    }

    /// All faults of `node`, which stands at `pointer`, against `schema`.
    pub(super) fn check(
        &self,
        schema: &'a Json,
        node: &'a Node,
        pointer: &mut Vec<String>,
        faults: &mut Vec<Fault<'a>>,
    ) {
        // What stands beside a reference are words for readers.
        let Some(schema) = self.follow(schema) else { return };
        let mut found = |kind| faults.push(Fault { pointer: pointer.clone(), node, kind });
        // A value of the wrong type is not also out of range.
        if schema.get("type").is_some_and(|types| !has_type(types, node)) {
            return found(FaultKind::Type);
        }
        if !self.is_choice(schema, node) {
            found(FaultKind::Choice);
        }
        match &node.value {
            Tree::Leaf(Json::String(text)) => self.text(schema, text, found),
            Tree::Leaf(value) => number(schema, value.as_f64(), found),
            Tree::Array(items) => {
                length(schema, items.len() as u64, found);
                let Some(schema) = schema.get("items") else { return };
                for (index, item) in items.iter().enumerate() {
                    self.below(schema, item, index.to_string(), pointer, faults);
                }
            }
            Tree::Table(_) => self.table(schema, node, pointer, faults),
        }
    }

    fn below(
        &self,
        schema: &'a Json,
        node: &'a Node,
        key: String,
        pointer: &mut Vec<String>,
        faults: &mut Vec<Fault<'a>>,
    ) {
        pointer.push(key);
        self.check(schema, node, pointer, faults);
        pointer.pop();
    }

    fn table(&self, schema: &'a Json, node: &'a Node, pointer: &mut Vec<String>, faults: &mut Vec<Fault<'a>>) {
        let properties = schema.get("properties");
        let others = schema.get("additionalProperties");
        for (key, _, child) in node.entries() {
            match (properties.and_then(|all| all.get(key)), others) {
                (Some(schema), _) => self.below(schema, child, key.to_owned(), pointer, faults),
                (None, Some(Json::Bool(false))) => {
                    faults.push(Fault { pointer: pointer.clone(), node, kind: FaultKind::UnknownKey(key) });
                }
                (None, Some(schema)) => self.below(schema, child, key.to_owned(), pointer, faults),
                (None, None) => {}
            }
        }
        let required = schema.get("required").and_then(Json::as_array).into_iter().flatten();
        for key in required.filter_map(Json::as_str).filter(|key| node.child(key).is_none()) {
            faults.push(Fault { pointer: pointer.clone(), node, kind: FaultKind::MissingKey(key) });
        }
    }

    fn text(&self, schema: &Json, text: &str, mut found: impl FnMut(FaultKind<'a>)) {
        let least = schema.get("minLength").and_then(Json::as_u64).unwrap_or(0);
        if (text.chars().count() as u64) < least {
            found(FaultKind::TooShort);
        }
        let pattern = schema.get("pattern").and_then(Json::as_str).and_then(|pattern| self.patterns.get(pattern));
        if pattern.is_some_and(|pattern| !pattern.is_match(text)) {
            found(FaultKind::Form);
        }
    }

    /// Whether a value is one of the words of an enumeration; so is any where there is none.
    fn is_choice(&self, schema: &'a Json, node: &'a Node) -> bool {
        let is = |value: &Json| matches!(&node.value, Tree::Leaf(leaf) if leaf == value);
        schema.get("const").is_none_or(is)
            && schema.get("oneOf").and_then(Json::as_array).is_none_or(|branches| {
                let fits = |branch: &&Json| {
                    let mut faults = Vec::new();
                    self.check(branch, node, &mut Vec::new(), &mut faults);
                    faults.is_empty()
                };
                branches.iter().filter(fits).count() == 1
            })
    }
}

fn has_type(types: &Json, node: &Node) -> bool {
    let is = |name: &str| match (&node.value, name) {
        (Tree::Table(_), "object") | (Tree::Array(_), "array") => true,
        (Tree::Leaf(value), "string") => value.is_string(),
        (Tree::Leaf(value), "boolean") => value.is_boolean(),
        (Tree::Leaf(value), "null") => value.is_null(),
        (Tree::Leaf(value), "number") => value.is_number(),
        (Tree::Leaf(value), "integer") => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        _ => false,
    };
    match types {
        Json::Array(types) => types.iter().filter_map(Json::as_str).any(is),
        name => name.as_str().is_none_or(is),
    }
}

fn number<'a>(schema: &'a Json, value: Option<f64>, mut found: impl FnMut(FaultKind<'a>)) {
    let Some(value) = value else { return };
    let beyond = |key: &str, is: fn(f64, f64) -> bool| {
        schema.get(key).filter(|limit| limit.as_f64().is_some_and(|limit| is(value, limit)))
    };
    if let Some(limit) = beyond("minimum", |value, limit| value < limit) {
        found(FaultKind::Below(limit));
    }
    if let Some(limit) = beyond("maximum", |value, limit| value > limit) {
        found(FaultKind::Above(limit));
    }
}

fn length<'a>(schema: &'a Json, items: u64, mut found: impl FnMut(FaultKind<'a>)) {
    let limit = |key: &str| schema.get(key).and_then(Json::as_u64);
    if let Some(limit) = limit("minItems").filter(|limit| items < *limit) {
        found(FaultKind::TooFew(limit));
    }
    if let Some(limit) = limit("maxItems").filter(|limit| items > *limit) {
        found(FaultKind::TooMany(limit));
    }
}
