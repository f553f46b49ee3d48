//! Several products on one economy: the `[comparison]` part of a scenario, the published facts that are set beside what the
//! simulation gives, and the assumptions that fill what is not published.
//!
//! Each product is read as a scenario of its own from the same file, so that a world of the comparison is one that
//! `yuefu run` could run alone.

use std::path::Path;

use serde::Deserialize;

use crate::scenario::document::tree::Node;
use crate::scenario::files::InputPath;
use crate::scenario::plan::comparison::{ComparedProduct, Comparison, PublishedFact, Question, WeakNumber};
use crate::scenario::plan::sensitivity::Assumption;
use crate::scenario::problem::{ScenarioErrors, Span, did_you_mean};
use crate::scenario::raw::assumptions;
use crate::scenario::raw::comparison::{ComparisonFile, FactFile};
use crate::scenario::raw::scenario::ScenarioFile;
use crate::scenario::raw::target::Grade;
use crate::scenario::read::{Overrides, Reader, models_directory, read_product, read_scenario};

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
    let input = InputPath::of_scenario(path);
    let Some(scenario) = reader.read(&input, None) else { return Err(reader.fail()) };
    let Some(part) = scenario.child("comparison") else {
        return read_scenario(path, overrides).map(|_| None);
    };
    ScenarioFile::checker().check(&scenario, &mut reader.problems);
    let models = models_directory(&scenario, &input, overrides);
    let file = reader.comparison(&scenario, part, &models);
    let Some(file) = file.filter(|_| reader.problems.is_empty()) else { return Err(reader.fail()) };
    let mut products = Vec::with_capacity(file.products.len());
    for product in &file.products {
        products.push(compared(path, overrides, product, &file, &models, known)?);
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
    models: &InputPath,
    known: &[&str],
) -> Result<ComparedProduct, ScenarioErrors> {
    let scenario = read_product(path, overrides, product)?;
    let mut questioned = Vec::with_capacity(file.questions.len());
    for question in &file.questions {
        let mut overrides = overrides.clone();
        overrides.set.extend(question.set.iter().map(|(key, value)| (key.clone(), value.to_string())));
        let mut asked = read_product(path, &overrides, product)?;
        asked.worlds.truncate(1);
        questioned.push(asked);
    }
    let mut reader = Reader::default();
    let facts = reader.facts(&models.join("facts").join(&format!("{product}.toml")), known);
    let assumptions = reader.assumptions(models, product);
    if reader.problems.is_empty() {
        Ok(ComparedProduct { scenario, questioned, facts, assumptions })
    } else {
        Err(reader.fail())
    }
}

impl Reader {
    /// The part itself, when it is whole.
    fn comparison(&mut self, scenario: &Node, part: &Node, models: &InputPath) -> Option<ComparisonFile> {
        let known = models.join("products").stems();
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
        Deserialize::deserialize(&part.bare()).ok()
    }

    fn facts(&mut self, path: &InputPath, known: &[&str]) -> Vec<PublishedFact> {
        let Some(document) = self.read(path, None) else { return Vec::new() };
        FactFile::checker().check(&document, &mut self.problems);
        let mut facts = Vec::new();
        for (key, span, node) in document.entries() {
            if !known.contains(&key) {
                self.complain(span, format!("nothing is compared under `{key}`"), did_you_mean(key, known));
            }
            let Ok(file) = FactFile::deserialize(&node.bare()) else { continue };
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
    fn assumptions(&mut self, models: &InputPath, product: &str) -> Vec<WeakNumber> {
        let file = |kind: &str| models.join(kind).join(&format!("{product}.toml"));
        let mut found = Vec::new();
        for (kind, prefix) in [("products", "product"), ("behaviour", "behaviour"), ("personas", "personas")] {
            if let Some(document) = self.read(&file(kind), None) {
                let mut weak = Vec::new();
                assumptions::of_model(&document, prefix, &mut weak);
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
