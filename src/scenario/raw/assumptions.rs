//! The assumptions of the models: numbers of grade L, gathered while the files are read.

use serde_json::json;

use crate::scenario::document::tree::{Node, Tree};
use crate::scenario::plan::sensitivity::Assumption;

/// The numbers of grade L in a model file, before their grades are taken off. `prefix` is the place of the file in the document;
/// rows of targets state their grade as a key of their own.
pub(in crate::scenario) fn of_model(node: &Node, prefix: &str, found: &mut Vec<Assumption>) {
    if node.child("grade").and_then(Node::text) == Some("L") {
        let source = node.child("source").and_then(Node::text).unwrap_or_default();
        found.push(Assumption { key: prefix.to_owned(), source: source.to_owned() });
        return;
    }
    for (key, _, child) in node.entries().filter(|(_, _, child)| matches!(child.value, Tree::Table(_))) {
        of_model(child, &format!("{prefix}.{key}"), found);
    }
}

/// Puts the assumptions into the suite's sensitivity, unless it names its own.
pub(in crate::scenario) fn fill(root: &mut Node, mut found: Vec<Assumption>) {
    let Some(node) = root.at_mut("suite.sensitivity").filter(|node| node.child("assumptions").is_none()) else {
        return;
    };
    // A policy that stands in several worlds is one file.
    found.sort_by(|a, b| a.key.cmp(&b.key));
    found.dedup_by(|a, b| a.key == b.key);
    let span = node.span;
    let entry = |a: Assumption| {
        let mut entry = Node::table(span);
        entry.insert("key", span, Node::leaf(span, json!(a.key)));
        entry.insert("source", span, Node::leaf(span, json!(a.source)));
        entry
    };
    let list = found.into_iter().map(entry).collect();
    node.insert("assumptions", span, Node { span, value: Tree::Array(list) });
}
