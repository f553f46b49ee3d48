//! `[suite.sensitivity]` as it is written, its rules, and the list of assumptions that the reader puts into it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::scenario::document::tree::{Node, Tree};
use crate::scenario::plan::sensitivity::{Assumption, SensitivityPlan};
use crate::scenario::problem::{Problem, did_you_mean};
use crate::scenario::raw::suite::SUITE_MEASURES;

/// `[suite.sensitivity]`: what the answer hangs on. Every number of grade L is moved alone, and all of them together.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct SensitivityFile {
    /// Name of the path (the first when absent).
    #[serde(default)]
    path: Option<String>,
    /// Name of the policy (the first when absent).
    #[serde(default)]
    policy: Option<String>,
    /// Measures that are told; the first puts the assumptions in order (the suite's when absent).
    #[serde(default)]
    #[schemars(with = "Vec<String>", length(min = 1, max = 18))]
    measures: Option<Vec<String>>,
    /// Relative step to either side (0.2 when absent).
    #[serde(default)]
    #[schemars(range(min = 0.01, max = 0.9))]
    span: Option<f64>,
    /// Replications of each world when one assumption is moved (those of the suite when absent).
    #[serde(default)]
    #[schemars(range(min = 2, max = 10_000))]
    replications: Option<u32>,
    /// Trajectories on which all assumptions are moved one after the other (8 when absent; 0: none).
    #[serde(default)]
    #[schemars(range(max = 1_000))]
    trajectories: Option<u32>,
    /// Users of its worlds (those of the scenario when absent).
    #[serde(default)]
    #[schemars(range(min = 100, max = 10_000_000))]
    users: Option<u32>,
    /// Keys, or beginnings of keys, that are moved (all when absent).
    #[serde(default)]
    only: Option<Vec<String>>,
    /// Keys, or beginnings of keys, that are not moved.
    #[serde(default)]
    without: Vec<String>,
    /// Ranges of some keys in place of the relative step: values of a number, factors (or exponents) of a list.
    #[serde(default)]
    ranges: BTreeMap<String, [f64; 2]>,
    /// Every assumption of the models; filled in by the reader.
    #[serde(default)]
    assumptions: Vec<AssumptionFile>,
}

/// A number of grade L.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AssumptionFile {
    /// Dotted key.
    key: String,
    /// Where it comes from.
    source: String,
}

impl SensitivityFile {
    /// The plan; `path` and `policy` find places by name, the rules have checked the names.
    pub(in crate::scenario) fn plan(
        &self,
        (path, policy): (impl Fn(&String) -> usize, impl Fn(&String) -> usize),
        outcomes: &[String],
        replications: u32,
    ) -> SensitivityPlan {
        let assumption = |a: &AssumptionFile| Assumption { key: a.key.clone(), source: a.source.clone() };
        SensitivityPlan {
            path: self.path.as_ref().map_or(0, path),
            policy: self.policy.as_ref().map_or(0, policy),
            measures: self.measures.clone().unwrap_or_else(|| outcomes.to_vec()),
            span: self.span.unwrap_or(0.2),
            replications: self.replications.unwrap_or(replications),
            trajectories: self.trajectories.unwrap_or(8),
            users: self.users,
            only: self.only.clone(),
            without: self.without.clone(),
            ranges: self.ranges.clone(),
            assumptions: self.assumptions.iter().map(assumption).collect(),
        }
    }
}

/// The numbers of grade L in a model file, before their grades are taken off. `prefix` is the place of the file in the document;
/// rows of targets state their grade as a key of their own.
pub(in crate::scenario) fn assumptions(node: &Node, prefix: &str, found: &mut Vec<Assumption>) {
    if node.child("grade").and_then(Node::text) == Some("L") {
        let source = node.child("source").and_then(Node::text).unwrap_or_default();
        found.push(Assumption { key: prefix.to_owned(), source: source.to_owned() });
        return;
    }
    for (key, _, child) in node.entries().filter(|(_, _, child)| matches!(child.value, Tree::Table(_))) {
        assumptions(child, &format!("{prefix}.{key}"), found);
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

/// What the schema cannot say.
pub(in crate::scenario) fn check(suite: &Node, paths: &[&str], policies: &[&str], problems: &mut Vec<Problem>) {
    let Some(node) = suite.child("sensitivity") else { return };
    let mut known = |node: &Node, what: &str, names: &[&str]| {
        if let Some(name) = node.text().filter(|name| !names.contains(name)) {
            let message = format!("no {what} `{name}` in a suite");
            problems.push(Problem { span: node.span, message, hint: did_you_mean(name, names) });
        }
    };
    if let Some(path) = node.child("path") {
        known(path, "path", paths);
    }
    if let Some(policy) = node.child("policy") {
        known(policy, "policy", policies);
    }
    for measure in node.child("measures").map_or(&[][..], Node::items) {
        known(measure, "measure", &SUITE_MEASURES);
    }
    let items = |key: &str| node.child(key).map_or(&[][..], Node::items);
    let keys: Vec<&str> = items("assumptions").iter().filter_map(|a| a.child("key")?.text()).collect();
    if keys.is_empty() {
        return;
    }
    let begins = |key: &str, beginning: &str| key == beginning || key.starts_with(&format!("{beginning}."));
    for item in items("only").iter().chain(items("without")) {
        if let Some(text) = item.text().filter(|text| !keys.iter().any(|key| begins(key, text))) {
            let message = format!("no assumption begins with `{text}`");
            problems.push(Problem {
                span: item.span,
                message,
                hint: crate::scenario::problem::nearest(text, keys.iter().copied())
                    .map(|near| format!("did you mean `{near}`?")),
            });
        }
    }
    let Some(ranges) = node.child("ranges") else { return };
    for (key, span, range) in ranges.entries() {
        if !keys.contains(&key) {
            let near = crate::scenario::problem::nearest(key, keys.iter().copied());
            let hint = near.map(|near| format!("did you mean `{near}`?"));
            problems.push(Problem { span, message: format!("`{key}` is no assumption of the models"), hint });
        }
        if range.numbers().is_some_and(|ends| ends.len() == 2 && ends[0] > ends[1]) {
            let hint = Some("put the smaller first".to_owned());
            problems.push(Problem { span: range.span, message: format!("the range of `{key}` falls"), hint });
        }
    }
}
