//! Cross-field rules of `[suite]`: what its schema cannot say.

use std::collections::BTreeSet;

use crate::scenario::check::sensitivity;
use crate::scenario::document::tree::Node;
use crate::scenario::plan::suite::SUITE_MEASURES;
use crate::scenario::problem::{Problem, Span, did_you_mean};

/// Checks the `[suite]` part of a document, if it has one.
pub(in crate::scenario) fn check(root: &Node, problems: &mut Vec<Problem>) {
    let Some(suite) = root.child("suite") else { return };
    let items = |key: &str| suite.child(key).map_or(&[][..], Node::items);
    let paths = names(items("paths"), "path", problems);
    let policies = names(items("policies"), "policy", problems);
    names(items("reverse"), "reverse stress", problems);
    for node in items("outcomes").iter().chain(items("reverse").iter().filter_map(|r| r.child("measure"))) {
        known(node, "measure", SUITE_MEASURES, problems);
    }
    let mut named_once = BTreeSet::new();
    for node in items("outcomes") {
        if let Some(name) = node.text().filter(|name| !named_once.insert(*name)) {
            complain(problems, node.span, format!("measure `{name}` is named twice"), None);
        }
    }
    let named = suite.at("variance.path").into_iter().chain(suite.at("attribution.path"));
    for node in named.chain(keyed(items("reverse"), &["base", "severe"])) {
        known(node, "path", &paths, problems);
    }
    if let Some(node) = suite.at("attribution.path").filter(|node| node.text() == paths.first().copied()) {
        let hint = Some("what is switched off is frozen at the first path".to_owned());
        complain(problems, node.span, "nothing changes from the first path to itself".to_owned(), hint);
    }
    for node in suite.at("attribution.policy").into_iter().chain(keyed(items("reverse"), &["policy"])) {
        known(node, "policy", &policies, problems);
    }
    for reverse in items("reverse") {
        limit(reverse, &paths, problems);
    }
    sensitivity::check(suite, &paths, &policies, problems);
}

/// One problem a place: what is wrong with an entry of the suite is wrong in each of its worlds.
pub(in crate::scenario) fn once_a_place(root: &Node, problems: &mut Vec<Problem>) {
    if root.child("suite").is_some() {
        let mut seen = BTreeSet::new();
        problems.retain(|problem| seen.insert(problem.span));
    }
}

fn complain(problems: &mut Vec<Problem>, span: Span, message: String, hint: Option<String>) {
    problems.push(Problem::new(span, message, hint));
}

/// The names of a list, in order; two of the same are a problem.
fn names<'a>(items: &'a [Node], what: &str, problems: &mut Vec<Problem>) -> Vec<&'a str> {
    let mut found = Vec::new();
    for node in items.iter().filter_map(|item| item.child("name")) {
        let Some(name) = node.text() else { continue };
        if found.contains(&name) {
            complain(problems, node.span, format!("two of this suite have the name `{name}`"), Some(what.to_owned()));
        }
        found.push(name);
    }
    found
}

fn keyed<'a>(items: &'a [Node], keys: &'static [&'static str]) -> impl Iterator<Item = &'a Node> {
    items.iter().flat_map(move |item| keys.iter().filter_map(move |key| item.child(key)))
}

fn known(node: &Node, what: &str, names: &[&str], problems: &mut Vec<Problem>) {
    if let Some(name) = node.text().filter(|name| !names.contains(name)) {
        complain(problems, node.span, format!("no {what} `{name}` in a suite"), did_you_mean(name, names));
    }
}

fn limit(reverse: &Node, paths: &[&str], problems: &mut Vec<Problem>) {
    if reverse.child("above").is_some() == reverse.child("below").is_some() {
        let hint = "`above = 0.12` or `below = 0.5`, in the unit of the measure".to_owned();
        complain(problems, reverse.span, "a reverse stress has one limit".to_owned(), Some(hint));
    }
    let base = reverse.child("base").and_then(Node::text).or(paths.first().copied());
    let severe = reverse.child("severe");
    if let Some(node) = severe.filter(|node| node.text().is_some() && node.text() == base) {
        let hint = Some("x(t, k) = base + k (severe − base)".to_owned());
        complain(problems, node.span, "the two ends of the scale are the same path".to_owned(), hint);
    }
}
