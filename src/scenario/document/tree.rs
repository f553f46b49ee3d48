//! A TOML document in which every value knows where it was written. Trees of several files are mounted into one
//! document; an overlay replaces leaves, and these then carry the place of the overlay.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use toml::de::{DeTable, DeValue};

use crate::scenario::document::value::Value;
use crate::scenario::problem::{Problem, Span};

/// A value and its place.
#[derive(Clone, Debug)]
pub(in crate::scenario) struct Node {
    /// Place of the value.
    pub(in crate::scenario) span: Span,
    /// The value.
    pub(in crate::scenario) value: Tree,
}

/// What a node holds.
#[derive(Clone, Debug)]
pub(in crate::scenario) enum Tree {
    /// Text, number or truth value; dates are texts.
    Leaf(Json),
    /// A list.
    Array(Vec<Node>),
    /// A table: by key the place of the key and the value.
    Table(BTreeMap<String, (Span, Node)>),
}

impl Node {
    /// An empty table.
    pub(in crate::scenario) fn table(span: Span) -> Node {
        Node { span, value: Tree::Table(BTreeMap::new()) }
    }

    /// A leaf.
    pub(in crate::scenario) fn leaf(span: Span, value: impl Into<Json>) -> Node {
        Node { span, value: Tree::Leaf(value.into()) }
    }

    /// The entries of a table; none of anything else.
    pub(in crate::scenario) fn entries(&self) -> impl Iterator<Item = (&str, Span, &Node)> {
        let table = if let Tree::Table(table) = &self.value { Some(table) } else { None };
        table.into_iter().flatten().map(|(key, (span, node))| (key.as_str(), *span, node))
    }

    /// The items of a list; none of anything else.
    pub(in crate::scenario) fn items(&self) -> &[Node] {
        if let Tree::Array(items) = &self.value { items } else { &[] }
    }

    /// The child under a key (of a table) or an index (of a list).
    pub(in crate::scenario) fn child(&self, key: &str) -> Option<&Node> {
        match &self.value {
            Tree::Leaf(_) => None,
            Tree::Array(items) => items.get(key.parse::<usize>().ok()?),
            Tree::Table(table) => table.get(key).map(|(_, node)| node),
        }
    }

    /// The node at a path of keys joined by dots.
    pub(in crate::scenario) fn at(&self, path: &str) -> Option<&Node> {
        path.split('.').try_fold(self, |node, key| node.child(key))
    }

    /// The same, to change it.
    pub(in crate::scenario) fn at_mut(&mut self, path: &str) -> Option<&mut Node> {
        path.split('.').try_fold(self, |node, key| match &mut node.value {
            Tree::Table(table) => table.get_mut(key).map(|(_, node)| node),
            Tree::Array(items) => items.get_mut(key.parse::<usize>().ok()?),
            Tree::Leaf(_) => None,
        })
    }

    /// Place of the key under which a child of this table stands.
    pub(in crate::scenario) fn key_span(&self, key: &str) -> Option<Span> {
        if let Tree::Table(table) = &self.value { table.get(key).map(|(span, _)| *span) } else { None }
    }

    /// The text, if this is one.
    pub(in crate::scenario) fn text(&self) -> Option<&str> {
        if let Tree::Leaf(Json::String(text)) = &self.value { Some(text) } else { None }
    }

    /// The number, if this is one.
    pub(in crate::scenario) fn number(&self) -> Option<f64> {
        if let Tree::Leaf(value) = &self.value { value.as_f64() } else { None }
    }

    /// The truth value, if this is one.
    pub(in crate::scenario) fn truth(&self) -> Option<bool> {
        if let Tree::Leaf(value) = &self.value { value.as_bool() } else { None }
    }

    /// The numbers of a list of nothing else.
    pub(in crate::scenario) fn numbers(&self) -> Option<Vec<f64>> {
        if let Tree::Array(items) = &self.value { items.iter().map(Node::number).collect() } else { None }
    }

    /// Puts a node under a key of this table (a list or leaf is left alone).
    pub(in crate::scenario) fn insert(&mut self, key: &str, key_span: Span, node: Node) {
        if let Tree::Table(table) = &mut self.value {
            table.insert(key.to_owned(), (key_span, node));
        }
    }

    /// The bare value.
    pub(in crate::scenario) fn json(&self) -> Json {
        match &self.value {
            Tree::Leaf(value) => value.clone(),
            Tree::Array(items) => Json::Array(items.iter().map(Node::json).collect()),
            Tree::Table(table) => Json::Object(table.iter().map(|(k, (_, node))| (k.clone(), node.json())).collect()),
        }
    }

    /// The bare value, to be read into its raw type.
    pub(in crate::scenario) fn bare(&self) -> Value {
        match &self.value {
            Tree::Leaf(value) => value.into(),
            Tree::Array(items) => Value::List(items.iter().map(Node::bare).collect()),
            Tree::Table(table) => {
                Value::Object(table.iter().map(|(key, (_, node))| (key.clone(), node.bare())).collect())
            }
        }
    }

    /// As a person reads it in a table.
    pub(in crate::scenario) fn shown(&self) -> String {
        self.json().to_string().replace(',', ", ")
    }

    /// All leaves (a list is one) under this table as (dotted path, place of the last key, node).
    pub(in crate::scenario) fn leaves(&self) -> Vec<(String, Span, &Node)> {
        let mut found = Vec::new();
        self.collect("", &mut found);
        found
    }

    fn collect<'a>(&'a self, prefix: &str, found: &mut Vec<(String, Span, &'a Node)>) {
        for (key, span, node) in self.entries() {
            let path = if prefix.is_empty() { key.to_owned() } else { format!("{prefix}.{key}") };
            match node.value {
                Tree::Table(_) => node.collect(&path, found),
                _ => found.push((path, span, node)),
            }
        }
    }
}

/// Reads a text; syntax errors go to `problems`, and what could be read is returned all the same.
pub(in crate::scenario) fn parse(source: usize, text: &str, problems: &mut Vec<Problem>) -> Node {
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let range = error.span().unwrap_or(0..0);
        problems.push(Problem::not_toml(Span::new(source, range), error.message()));
    }
    let span = Span::new(source, 0..0);
    Node { span, value: convert_table(source, table.get_ref(), problems) }
}

fn convert_table(source: usize, table: &DeTable<'_>, problems: &mut Vec<Problem>) -> Tree {
    let mut entries = BTreeMap::new();
    for (key, value) in table {
        let key_span = Span::new(source, key.span());
        entries.insert(key.get_ref().to_string(), (key_span, convert(source, value, problems)));
    }
    Tree::Table(entries)
}

fn convert(source: usize, value: &toml::Spanned<DeValue<'_>>, problems: &mut Vec<Problem>) -> Node {
    let span = Span::new(source, value.span());
    let mut refuse = |message: &str| {
        problems.push(Problem::new(span, message.to_owned(), None));
        Tree::Leaf(Json::Null)
    };
    let tree = match value.get_ref() {
        DeValue::String(text) => Tree::Leaf(Json::String(text.to_string())),
        DeValue::Integer(digits) => match i64::from_str_radix(digits.as_str(), digits.radix()) {
            Ok(number) => Tree::Leaf(number.into()),
            Err(_) => refuse("a whole number beyond 9223372036854775807 or below its negative"),
        },
        DeValue::Float(digits) => match digits.as_str().parse::<f64>() {
            // A whole number written as 12.0 is as good as 12, so that both fit either kind of key.
            Ok(number) if number.fract() == 0.0 && number.abs() < 1e15 => Tree::Leaf((number as i64).into()),
            Ok(number) if number.is_finite() => Tree::Leaf(number.into()),
            _ => refuse("not a finite number"),
        },
        DeValue::Boolean(truth) => Tree::Leaf((*truth).into()),
        DeValue::Datetime(date) => Tree::Leaf(Json::String(date.to_string())),
        DeValue::Array(items) => Tree::Array(items.iter().map(|item| convert(source, item, problems)).collect()),
        DeValue::Table(table) => convert_table(source, table, problems),
    };
    Node { span, value: tree }
}

/// Takes grades and sources off a model, leaving plain values in the places of the values. Every number, truth value
/// and list of numbers must have `value`, `grade` and `source`; names and other texts may stand alone.
pub(in crate::scenario) fn strip_grades(node: &Node, problems: &mut Vec<Problem>) -> Node {
    let Tree::Table(table) = &node.value else { return node.clone() };
    let mut plain = BTreeMap::new();
    for (key, (key_span, child)) in table {
        let stripped = match &child.value {
            Tree::Table(inner) if is_graded(inner) => graded(key, *key_span, inner, problems),
            Tree::Table(_) => Some(strip_grades(child, problems)),
            Tree::Leaf(Json::String(_)) => Some(child.clone()),
            Tree::Array(items) if items.iter().all(|item| item.text().is_some()) => Some(child.clone()),
            _ => {
                problems.push(Problem::new(
                    *key_span,
                    format!("`{key}` has no grade and no source"),
                    Some("write { value = …, grade = \"S|H|M|L\", source = \"…\" }".to_owned()),
                ));
                Some(child.clone())
            }
        };
        if let Some(stripped) = stripped {
            plain.insert(key.clone(), (*key_span, stripped));
        }
    }
    Node { span: node.span, value: Tree::Table(plain) }
}

fn is_graded(table: &BTreeMap<String, (Span, Node)>) -> bool {
    ["value", "grade", "source"].iter().any(|key| table.contains_key(*key))
}

fn graded(
    key: &str,
    key_span: Span,
    table: &BTreeMap<String, (Span, Node)>,
    problems: &mut Vec<Problem>,
) -> Option<Node> {
    let mut complain = |span, message: String, hint: Option<&str>| {
        problems.push(Problem::new(span, message, hint.map(str::to_owned)));
    };
    for (name, (span, _)) in table {
        if !["value", "grade", "source"].contains(&name.as_str()) {
            let hint = crate::scenario::problem::did_you_mean(name, &["value", "grade", "source"]);
            complain(*span, format!("unknown key `{name}` beside the value of `{key}`"), hint.as_deref());
        }
    }
    match table.get("grade").map(|(_, node)| (node.span, node.text())) {
        None => complain(key_span, format!("`{key}` has no grade"), Some("add grade = \"S\", \"H\", \"M\" or \"L\"")),
        Some((_, Some("S" | "H" | "M" | "L"))) => {}
        Some((span, _)) => complain(
            span,
            format!("the grade of `{key}` is none of S, H, M, L"),
            Some("S own profile, H official or computed, M secondary, L weak or assumption"),
        ),
    }
    match table.get("source").map(|(_, node)| (node.span, node.text())) {
        None => complain(key_span, format!("`{key}` has no source"), Some("say where the number comes from")),
        Some((_, Some(text))) if text.trim().len() >= 3 => {}
        Some((span, _)) => complain(span, format!("the source of `{key}` says nothing"), None),
    }
    let value = table.get("value").map(|(_, node)| node.clone());
    if value.is_none() {
        complain(key_span, format!("`{key}` has no value"), None);
    }
    value
}
