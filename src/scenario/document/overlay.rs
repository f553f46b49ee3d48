//! Replacing values by dotted keys: calibrated values, a scenario's `set`, policies and `--set` are the same thing.

use crate::scenario::document::changes::{self, When};
use crate::scenario::document::tree::{Node, Tree};
use crate::scenario::problem::{Problem, Span, did_you_mean};

/// Which part of the document an overlay may touch.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::scenario) enum Reach {
    /// Every model.
    Models,
    /// What can change on a day inside a run.
    Policy,
}

/// The models that a document holds.
pub(in crate::scenario) const MODELS: [&str; 12] = [
    "product",
    "behaviour",
    "partners",
    "population",
    "personas",
    "hosts",
    "merchants",
    "economy",
    "seasons",
    "appetite",
    "laws",
    "targets",
];

pub(in crate::scenario) const POLICY: [&str; 3] = ["product", "behaviour", "partners"];

/// A value for a key, as an overlay writes it.
#[derive(Clone, Copy)]
pub(in crate::scenario) struct Assignment<'a> {
    /// Dotted path.
    pub(in crate::scenario) path: &'a str,
    /// Where the key stands.
    pub(in crate::scenario) key_span: Span,
    /// The new value.
    pub(in crate::scenario) value: &'a Node,
}

/// All assignments of a table.
pub(in crate::scenario) fn apply_all(root: &mut Node, reach: Reach, set: &Node, problems: &mut Vec<Problem>) {
    for (path, key_span, value) in set.leaves() {
        apply(root, reach, Assignment { path: &path, key_span, value }, problems);
    }
}

/// Puts a value at its path, which must exist.
pub(in crate::scenario) fn apply(
    root: &mut Node,
    reach: Reach,
    Assignment { path, key_span, value }: Assignment<'_>,
    problems: &mut Vec<Problem>,
) {
    let mut complain = |span, message: String, hint: Option<String>| problems.push(Problem::new(span, message, hint));
    let section = path.split('.').next().unwrap_or_default();
    let of_a_model_or_part = MODELS.contains(&section) || ["load", "suite"].contains(&section);
    if reach == Reach::Policy && of_a_model_or_part && !POLICY.contains(&section) {
        let hint = "a policy changes keys of product, behaviour and partners".to_owned();
        return complain(key_span, format!("a policy cannot change `{path}`"), Some(hint));
    }
    let change = changes::of(path).filter(|change| reach == Reach::Policy && change.when == When::Refused);
    if let Some(change) = change {
        return complain(key_span, format!("a policy cannot change `{path}`"), Some(change.says.to_owned()));
    }
    let known = if MODELS.contains(&section) { root.at_mut(path) } else { None };
    match known {
        Some(node) if !matches!(node.value, Tree::Table(_)) => *node = value.clone(),
        Some(_) => complain(key_span, format!("`{path}` is a whole section"), Some("name one of its keys".to_owned())),
        None => {
            let hint = suggest(root, path);
            complain(key_span, format!("unknown key `{path}`"), hint);
        }
    }
}

/// The key that was probably meant: one that ends with what was written, or the most similar one.
fn suggest(root: &Node, path: &str) -> Option<String> {
    let leaves = root.leaves();
    let known: Vec<&str> = leaves
        .iter()
        .map(|(key, _, _)| key.as_str())
        .filter(|key| MODELS.contains(&key.split('.').next().unwrap_or_default()))
        .collect();
    let ending = format!(".{path}");
    if let Some(key) = known.iter().find(|key| key.ends_with(&ending)) {
        return Some(format!("did you mean `{key}`?"));
    }
    did_you_mean(path, &known).or_else(|| {
        // A wrong last key inside a right section: list that section.
        let (section, last) = path.rsplit_once('.')?;
        let names: Vec<&str> = root.at(section)?.entries().map(|(key, _, _)| key).collect();
        did_you_mean(last, &names)
    })
}
