//! Cross-field rules of `[suite.sensitivity]`: what its schema cannot say.

use crate::scenario::document::tree::Node;
use crate::scenario::plan::suite::SUITE_MEASURES;
use crate::scenario::problem::{Problem, did_you_mean, nearest};

/// Checks the part of a suite, if it has one. `paths` and `policies` are the names that the suite has.
pub(in crate::scenario) fn check(suite: &Node, paths: &[&str], policies: &[&str], problems: &mut Vec<Problem>) {
    let Some(node) = suite.child("sensitivity") else { return };
    let mut known = |node: &Node, what: &str, names: &[&str]| {
        if let Some(name) = node.text().filter(|name| !names.contains(name)) {
            let message = format!("no {what} `{name}` in a suite");
            problems.push(Problem::new(node.span, message, did_you_mean(name, names)));
        }
    };
    if let Some(path) = node.child("path") {
        known(path, "path", paths);
    }
    if let Some(policy) = node.child("policy") {
        known(policy, "policy", policies);
    }
    for measure in node.child("measures").map_or(&[][..], Node::items) {
        known(measure, "measure", SUITE_MEASURES);
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
            problems.push(Problem::new(
                item.span,
                message,
                nearest(text, keys.iter().copied()).map(|near| format!("did you mean `{near}`?")),
            ));
        }
    }
    let Some(ranges) = node.child("ranges") else { return };
    for (key, span, range) in ranges.entries() {
        if !keys.contains(&key) {
            let near = nearest(key, keys.iter().copied());
            let hint = near.map(|near| format!("did you mean `{near}`?"));
            problems.push(Problem::new(span, format!("`{key}` is no assumption of the models"), hint));
        }
        if range.numbers().is_some_and(|ends| ends.len() == 2 && ends[0] > ends[1]) {
            let hint = Some("put the smaller first".to_owned());
            problems.push(Problem::new(range.span, format!("the range of `{key}` falls"), hint));
        }
    }
}
