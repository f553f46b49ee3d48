//! Several products on one economy: the `[comparison]` part of a scenario, the published facts that are set beside what the
//! simulation gives, and the assumptions that fill what is not published.
//!
//! Each product is loaded as a scenario of its own from the same file, so that a world of the comparison is one that
//! `yuefu run` could run alone.

use std::collections::BTreeMap;
use std::path::Path;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;

use crate::scenario::document::schema::Checker;
use crate::scenario::document::tree::Node;
use crate::scenario::plan::sensitivity::Assumption;
use crate::scenario::problem::{ScenarioErrors, Span, did_you_mean};
use crate::scenario::raw::sensitivity;
use crate::scenario::raw::world::Grade;
use crate::scenario::read::{Reader, models_directory};
use crate::scenario::{Overrides, Scenario};

/// `[comparison]`: the products that `yuefu compare-products` runs on the economies of the scenario.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct ComparisonFile {
    /// Products: stems of files under `models/products/`.
    #[schemars(length(min = 2, max = 12))]
    products: Vec<String>,
    /// Name of the world that is the stress; the first world is normal times.
    stress: String,
    /// Replications of every world: other people with other luck.
    #[schemars(range(min = 1, max = 1000))]
    replications: u32,
    /// What if: values that are changed in all products, against the same people with the same luck.
    #[serde(default)]
    #[schemars(length(max = 8))]
    questions: Vec<QuestionFile>,
}

/// A question of a comparison.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct QuestionFile {
    /// Name in results: lower-case letters, digits, hyphens.
    #[schemars(regex(pattern = "^[a-z0-9][a-z0-9-]*$"))]
    name: String,
    /// The question in words.
    title: String,
    /// Model values that are changed.
    set: BTreeMap<String, Json>,
}

/// A row of `models/facts/*.toml`: a published fact, or why there is none.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct FactFile {
    /// The fact as it is published.
    #[serde(default)]
    published: Option<String>,
    /// Least value that agrees with it, in the unit of the fact.
    #[serde(default)]
    #[schemars(with = "f64")]
    low: Option<f64>,
    /// Largest value that agrees with it.
    #[serde(default)]
    #[schemars(with = "f64")]
    high: Option<f64>,
    /// Grade.
    #[serde(default)]
    #[schemars(with = "Grade")]
    grade: Option<Grade>,
    /// Where it comes from.
    #[serde(default)]
    source: Option<String>,
    /// Why there is nothing to compare, or why the simulation does not reach it.
    #[serde(default)]
    gap: Option<String>,
}

/// A published fact of a product beside which a simulated value is set.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PublishedFact {
    /// Its key.
    pub key: String,
    /// As it is published; empty when it is not.
    pub published: String,
    /// Accepted band, where it is a number.
    pub band: Option<(f64, f64)>,
    /// Grade S, H, M or L; a blank without a published fact.
    pub grade: char,
    /// Where it comes from.
    pub source: String,
    /// Why there is none, or why it is not reached; empty when nothing needs to be said.
    pub gap: String,
}

/// A number of a product that no source states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WeakNumber {
    /// Dotted key.
    pub key: String,
    /// Value in force, calibrated ones included.
    pub value: String,
    /// What the file says of it.
    pub source: String,
}

/// A question of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Question {
    /// Name.
    pub name: String,
    /// In words.
    pub title: String,
}

/// A product of a comparison.
#[derive(Clone, Debug)]
pub(crate) struct ComparedProduct {
    /// The scenario with this product.
    pub scenario: Scenario,
    /// The same under each question's changes, with the first world alone.
    pub questioned: Vec<Scenario>,
    /// Published facts, in order of key.
    pub facts: Vec<PublishedFact>,
    /// What fills the gaps, in order of key.
    pub assumptions: Vec<WeakNumber>,
}

/// A whole comparison.
#[derive(Clone, Debug)]
pub(crate) struct Comparison {
    /// Place of the stress among the worlds.
    pub stress: usize,
    /// Replications of every world.
    pub replications: u32,
    /// Questions in order.
    pub questions: Vec<Question>,
    /// Products in order.
    pub products: Vec<ComparedProduct>,
}

/// Reads the comparison of a scenario file; `known` are the keys that a fact may have. `None` when the file has no part
/// `[comparison]`.
///
/// # Errors
/// Everything that is wrong with the file and the models of the first product that has something wrong.
pub(crate) fn read_comparison(
    path: &Path,
    overrides: &Overrides,
    replications: Option<u32>,
    known: &[&str],
) -> Result<Option<Comparison>, ScenarioErrors> {
    let mut reader = Reader::default();
    let Some(scenario) = reader.read(path, None) else { return Err(reader.fail()) };
    let Some(part) = scenario.child("comparison") else {
        return crate::scenario::read_scenario(path, overrides).map(|_| None);
    };
    Checker::scenario().check(&scenario, &mut reader.problems);
    let models = models_directory(&scenario, path.parent().unwrap_or(Path::new("")));
    let file = reader.comparison(&scenario, part, &models);
    let Some(file) = file.filter(|_| reader.problems.is_empty()) else { return Err(reader.fail()) };
    let mut products = Vec::with_capacity(file.products.len());
    for product in &file.products {
        products.push(compared(path, overrides, product, &file, (&models, known))?);
    }
    let worlds = scenario.child("worlds").map_or(&[][..], Node::items);
    let name = |world: &Node| world.child("name").and_then(Node::text) == Some(file.stress.as_str());
    Ok(Some(Comparison {
        stress: worlds.iter().position(name).unwrap_or(0),
        replications: replications.unwrap_or(file.replications),
        questions: file.questions.iter().map(|q| Question { name: q.name.clone(), title: q.title.clone() }).collect(),
        products,
    }))
}

fn compared(
    path: &Path,
    overrides: &Overrides,
    product: &str,
    file: &ComparisonFile,
    (models, known): (&Path, &[&str]),
) -> Result<ComparedProduct, ScenarioErrors> {
    let scenario = crate::scenario::read::read_product(path, overrides, product)?;
    let mut questioned = Vec::with_capacity(file.questions.len());
    for question in &file.questions {
        let mut overrides = overrides.clone();
        overrides.set.extend(question.set.iter().map(|(key, value)| (key.clone(), value.to_string())));
        let mut asked = crate::scenario::read::read_product(path, &overrides, product)?;
        asked.worlds.truncate(1);
        questioned.push(asked);
    }
    let mut reader = Reader::default();
    let facts = reader.facts(&models.join("facts").join(format!("{product}.toml")), known);
    let assumptions = reader.assumptions(models, product);
    if reader.problems.is_empty() {
        Ok(ComparedProduct { scenario, questioned, facts, assumptions })
    } else {
        Err(reader.fail())
    }
}

impl Reader {
    /// The part itself, when it is whole.
    fn comparison(&mut self, scenario: &Node, part: &Node, models: &Path) -> Option<ComparisonFile> {
        let known = crate::scenario::read::stems(Some(&models.join("products")));
        let names: Vec<&str> = known.iter().map(String::as_str).collect();
        let mut seen: Vec<&str> = Vec::new();
        for node in part.child("products").map_or(&[][..], Node::items) {
            let Some(name) = node.text() else { continue };
            if !names.contains(&name) {
                self.complain(node.span, format!("no product `{name}`"), did_you_mean(name, &names));
            } else if seen.contains(&name) {
                self.complain(node.span, format!("product `{name}` is named twice"), None);
            }
            seen.push(name);
        }
        let worlds = scenario.child("worlds").map_or(&[][..], Node::items);
        let worlds: Vec<&str> = worlds.iter().filter_map(|w| w.child("name").and_then(Node::text)).collect();
        if let Some(node) = part.child("stress")
            && let Some(name) = node.text()
        {
            if !worlds.contains(&name) {
                self.complain(node.span, format!("no world `{name}`"), did_you_mean(name, &worlds));
            } else if worlds.first() == Some(&name) {
                let hint = "name another world".to_owned();
                self.complain(node.span, "the stress is the world of normal times".to_owned(), Some(hint));
            }
        }
        let mut asked: Vec<&str> = Vec::new();
        for node in part.child("questions").map_or(&[][..], Node::items).iter().filter_map(|q| q.child("name")) {
            let Some(name) = node.text() else { continue };
            if asked.contains(&name) {
                self.complain(node.span, format!("two questions are named `{name}`"), None);
            }
            asked.push(name);
        }
        serde_json::from_value(part.json()).ok()
    }

    fn facts(&mut self, path: &Path, known: &[&str]) -> Vec<PublishedFact> {
        let Some(document) = self.read(path, None) else { return Vec::new() };
        Checker::facts().check(&document, &mut self.problems);
        let mut facts = Vec::new();
        for (key, span, node) in document.entries() {
            if !known.contains(&key) {
                self.complain(span, format!("nothing is compared under `{key}`"), did_you_mean(key, known));
            }
            let Ok(file) = serde_json::from_value::<FactFile>(node.json()) else { continue };
            self.check_fact(span, &file);
            facts.push(PublishedFact {
                key: key.to_owned(),
                published: file.published.unwrap_or_default(),
                band: file.low.zip(file.high),
                grade: file.grade.map_or(' ', Grade::letter),
                source: file.source.unwrap_or_default(),
                gap: file.gap.unwrap_or_default(),
            });
        }
        facts
    }

    fn check_fact(&mut self, span: Span, file: &FactFile) {
        let hint = |text: &str| Some(text.to_owned());
        if file.published.is_none() && file.gap.is_none() {
            let hint = hint("`published` with grade and source, or `gap` with the reason");
            self.complain(span, "a fact that says nothing".to_owned(), hint);
        }
        if file.published.is_some() && (file.grade.is_none() || file.source.as_ref().is_none_or(|s| s.len() < 3)) {
            self.complain(span, "a published fact without grade or source".to_owned(), None);
        }
        if file.low.is_some() != file.high.is_some() {
            let hint = hint("both ends, in the unit of the fact");
            self.complain(span, "a band with one end".to_owned(), hint);
        } else if file.low.zip(file.high).is_some_and(|(low, high)| low > high) {
            self.complain(span, "the band ends before it begins".to_owned(), None);
        }
    }

    /// All numbers of grade L in the product's own files, with the calibrated values in the place of the written ones.
    fn assumptions(&mut self, models: &Path, product: &str) -> Vec<WeakNumber> {
        let file = |kind: &str| models.join(kind).join(format!("{product}.toml"));
        let mut found = Vec::new();
        for (kind, prefix) in [("products", "product"), ("behaviour", "behaviour"), ("personas", "personas")] {
            if let Some(document) = self.read(&file(kind), None) {
                let mut weak = Vec::new();
                sensitivity::assumptions(&document, prefix, &mut weak);
                found.extend(weak.into_iter().map(|Assumption { key, source }| {
                    let inside = key.strip_prefix(prefix).and_then(|key| key.strip_prefix('.'));
                    let written = inside.and_then(|key| document.at(key)?.child("value"));
                    WeakNumber { value: written.map_or_else(String::new, Node::shown), key, source }
                }));
            }
        }
        let calibrated = file("calibrated");
        if calibrated.exists()
            && let Some(values) = self.read(&calibrated, None)
        {
            for (key, _, node) in values.leaves() {
                match found.iter_mut().find(|a| a.key == key) {
                    Some(assumption) => assumption.value = node.shown(),
                    None => {
                        let source = "fitted to the targets".to_owned();
                        found.push(WeakNumber { key, value: node.shown(), source });
                    }
                }
            }
        }
        found.sort_by(|a, b| a.key.cmp(&b.key));
        found
    }
}
