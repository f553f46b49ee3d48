//! A scenario whose assumptions can be moved: each number of grade L has a range, and any of them together can be put anywhere
//! in theirs. Every such scenario passes the same checks as one that a person wrote.
//!
//! | value | is moved | by |
//! |---|---|---|
//! | number | between two values | a relative step, at least one step of its unit; a share above a half by the step of its complement, a share of one downwards |
//! | list | as a whole | one factor on each number, with the same rules |
//! | list in which only ratios count | towards more or less even | an exponent on each number; shares still sum to one |
//! | share of a persona | against the others | a factor; all are then scaled to sum to one |
//!
//! Values stay in the bounds of their unit. An end that breaks a rule of the scenario is drawn in to a half or a quarter of the
//! step, and it is said so; what cannot be moved at all is listed with the reason.

use std::sync::Arc;

use serde_json::json;

use crate::scenario::check::unit_range;
use crate::scenario::document::tree::{self, Node, Tree};
use crate::scenario::plan::scenario::Scenario;
use crate::scenario::plan::sensitivity::{Assumption, SensitivityPlan};
use crate::scenario::problem::ScenarioErrors;
use crate::scenario::problem::Source;
use crate::scenario::raw::scenario::RootFile;
use crate::scenario::resolve;
use unit_range::{UnitRange, shown};

/// An assumption that is moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Parameter {
    /// Dotted key.
    pub key: String,
    /// Where the number comes from.
    pub source: String,
    /// Its value.
    pub value: String,
    /// Value at the low end; of a list the factor or exponent.
    pub low: String,
    /// … and at the high end.
    pub high: String,
    /// Which end a rule drew in, and the rule.
    pub cut: Option<String>,
}

/// An assumption that is not moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FixedAssumption {
    /// Dotted key.
    pub key: String,
    /// Where the number comes from.
    pub source: String,
    /// Its value; empty when it is not part of the resolved scenario.
    pub value: String,
    /// Why it stays.
    pub reason: String,
}

/// How a lever changes its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    /// The coordinate is the value.
    Number,
    /// The coordinate is a factor on each number of the list.
    Scaled,
    /// The coordinate is an exponent of each number of the list.
    Tilted,
    /// The coordinate is a factor on the share of a persona.
    Persona,
}

/// One movable value. `now` is the coordinate at which it is as stated.
#[derive(Clone, Debug)]
struct Lever {
    path: Vec<String>,
    value: Node,
    manner: Manner,
    range: UnitRange,
    now: f64,
    ends: [f64; 2],
}

/// A scenario of one path and one policy with its assumptions free to move.
#[derive(Debug)]
pub(crate) struct Variations {
    root: Node,
    levers: Vec<Lever>,
    parameters: Vec<Parameter>,
    ends: Vec<[Option<Arc<Scenario>>; 2]>,
    fixed: Vec<FixedAssumption>,
}

impl Variations {
    /// The assumptions of `plan` over the resolved text of `scenario`; each end of each range has been resolved.
    ///
    /// # Errors
    /// When the text is not that of a valid scenario with a suite.
    pub(crate) fn of(scenario: &Scenario, plan: &SensitivityPlan) -> Result<Variations, ScenarioErrors> {
        let mut all = Variations::enumerate(scenario, plan)?;
        let (levers, parameters) = (std::mem::take(&mut all.levers), std::mem::take(&mut all.parameters));
        for (lever, parameter) in levers.into_iter().zip(parameters) {
            all.assess(lever, parameter);
        }
        Ok(all)
    }

    /// What could be moved and what could not, before any end has been tried.
    pub(in crate::scenario) fn enumerate(
        scenario: &Scenario,
        plan: &SensitivityPlan,
    ) -> Result<Variations, ScenarioErrors> {
        let text = scenario.resolved_toml.clone();
        let mut problems = Vec::new();
        let mut root = tree::parse(0, &text, &mut problems);
        alone(&mut root, plan);
        if problems.is_empty() {
            resolve::resolve(&mut root, &mut problems);
        }
        if !problems.is_empty() {
            return Err(ScenarioErrors::new(vec![Source { name: "scenario.toml".to_owned(), text }], problems));
        }
        let mut all =
            Variations { root, levers: Vec::new(), parameters: Vec::new(), ends: Vec::new(), fixed: Vec::new() };
        for assumption in &plan.assumptions {
            match all.lever(assumption, plan) {
                Ok(lever) => {
                    let [low, high] = lever.ends.map(|end| lever.words(end));
                    all.parameters.push(Parameter {
                        key: assumption.key.clone(),
                        source: assumption.source.clone(),
                        value: value_text(&lever.value),
                        low,
                        high,
                        cut: None,
                    });
                    all.levers.push(lever);
                }
                Err(reason) => {
                    let value = all.path(&assumption.key).and_then(|path| find(&all.root, &path));
                    let value = value.map_or_else(String::new, value_text);
                    let (key, source) = (assumption.key.clone(), assumption.source.clone());
                    all.fixed.push(FixedAssumption { key, source, value, reason });
                }
            }
        }
        Ok(all)
    }

    /// What is moved, in the order of the keys.
    pub(crate) fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// What is not, with the reason.
    pub(crate) fn fixed(&self) -> &[FixedAssumption] {
        &self.fixed
    }

    /// The scenario with one parameter at its low and its high end, all others as stated; `None` on a side on which there is no
    /// room.
    ///
    /// # Panics
    /// When there is no such parameter.
    pub(crate) fn ends(&self, parameter: usize) -> &[Option<Arc<Scenario>>; 2] {
        &self.ends[parameter]
    }

    /// The scenario with some parameters (by index) at a share, 0 to 1, of their ranges, the others as stated. Its resolved text
    /// is left empty.
    ///
    /// # Errors
    /// The first rule that the values break together.
    ///
    /// # Panics
    /// When there is no such parameter.
    pub(crate) fn at(&self, shares: &[(usize, f64)]) -> Result<Scenario, String> {
        let coordinate = |lever: &Lever, share: f64| lever.ends[0] + share * (lever.ends[1] - lever.ends[0]);
        let moves = shares.iter().map(|(index, share)| (&self.levers[*index], *share));
        let moves: Vec<(&Lever, f64)> = moves.map(|(lever, share)| (lever, coordinate(lever, share))).collect();
        self.moved(&moves)
    }

    fn moved(&self, moves: &[(&Lever, f64)]) -> Result<Scenario, String> {
        let mut root = self.root.clone();
        let mut people = Vec::new();
        for (lever, coordinate) in moves {
            if lever.manner == Manner::Persona {
                people.push((lever.path[1].as_str(), *coordinate));
            } else if let Some(node) = find_mut(&mut root, &lever.path) {
                *node = lever.at(*coordinate);
            }
        }
        if !people.is_empty() {
            share_out(&mut root, &people);
        }
        let mut problems = Vec::new();
        match resolve::resolve(&mut root, &mut problems) {
            Some(scenario) if problems.is_empty() => Ok(Scenario { resolved_toml: String::new(), ..scenario }),
            _ => Err(problems.into_iter().next().map_or_else(String::new, |problem| problem.message)),
        }
    }

    /// Tries both ends of a lever and draws in what a rule refuses.
    fn assess(&mut self, mut lever: Lever, mut parameter: Parameter) {
        let mut cuts = Vec::new();
        let mut ends = [None, None];
        for (side, found) in ends.iter_mut().enumerate() {
            let wanted = lever.ends[side];
            let mut broken = None;
            for part in [1.0, 0.5, 0.25] {
                let end = lever.rounded(lever.now + part * (wanted - lever.now));
                if lever.at(end).json() == lever.value.json() {
                    break;
                }
                match self.moved(&[(&lever, end)]) {
                    Ok(scenario) => {
                        *found = Some(Arc::new(scenario));
                        lever.ends[side] = end;
                        break;
                    }
                    Err(rule) => broken = broken.or(Some(rule)),
                }
            }
            if found.is_none() {
                lever.ends[side] = lever.now;
            }
            if let Some(rule) = broken {
                cuts.push(format!("{} breaks a rule: {rule}", lever.words(wanted)));
            }
        }
        [parameter.low, parameter.high] = lever.ends.map(|end| lever.words(end));
        parameter.cut = (!cuts.is_empty()).then(|| cuts.join("; "));
        if ends.iter().all(Option::is_none) {
            let reason = parameter.cut.unwrap_or_else(|| "its bounds leave no room".to_owned());
            let Parameter { key, source, value, .. } = parameter;
            self.fixed.push(FixedAssumption { key, source, value, reason });
        } else {
            self.levers.push(lever);
            self.parameters.push(parameter);
            self.ends.push(ends);
        }
    }

    /// Where the value of an assumption stands in the document.
    fn path(&self, key: &str) -> Option<Vec<String>> {
        let segments = |key: &str| key.split('.').map(str::to_owned).collect::<Vec<_>>();
        let Some((name, inner)) = key.strip_prefix("policies.").and_then(|rest| rest.split_once('.')) else {
            return Some(segments(key));
        };
        let policies = self.root.at("worlds.0.policies").map_or(&[][..], Node::items);
        let index = policies.iter().position(|policy| policy.child("name").and_then(Node::text) == Some(name))?;
        let mut path = segments(&format!("worlds.0.policies.{index}.set"));
        path.push(inner.to_owned());
        Some(path)
    }

    /// The lever of an assumption, or why there is none.
    fn lever(&self, assumption: &Assumption, plan: &SensitivityPlan) -> Result<Lever, String> {
        let key = assumption.key.as_str();
        if let Some(reason) = self.out_of_reach(key, plan) {
            return Err(reason);
        }
        let path = self.path(key).ok_or("its policy is not in force in this world")?;
        let value = find(&self.root, &path).cloned().ok_or("went into other values of the resolved scenario")?;
        let schema_key = key.strip_prefix("policies.").and_then(|rest| rest.split_once('.')).map_or(key, |rest| rest.1);
        let pointer: Vec<String> = schema_key.split('.').map(str::to_owned).collect();
        let schema = RootFile::checker().subschema(&pointer);
        let list = matches!(value.value, Tree::Array(_));
        let numbers = numbers(&value).ok_or("a choice, not a number")?;
        let range = UnitRange::of(&pointer, &value);
        let relative = schema.and_then(|schema| schema.get("x-relative")).is_some();
        let persona = key.starts_with("personas.") && key.ends_with(".share");
        let (manner, now) = match (persona, list, relative) {
            (true, _, _) => (Manner::Persona, 1.0),
            (_, true, true) => (Manner::Tilted, 1.0),
            (_, true, false) => (Manner::Scaled, 1.0),
            _ => (Manner::Number, numbers[0]),
        };
        let named = plan.ranges.get(key).copied();
        if named.is_none() && numbers.iter().all(|number| *number == 0.0) {
            return Err("0: a relative step leaves it where it is".to_owned());
        }
        let ends = match (named, manner) {
            (Some([low, high]), Manner::Number) => [range.within(low), range.within(high)],
            (Some(ends), _) => ends,
            (None, Manner::Number) => range.around(now, plan.span),
            (None, _) => [1.0 - plan.span, 1.0 + plan.span],
        };
        let lever = Lever { path, value, manner, range, now, ends };
        if lever.ends.iter().all(|end| lever.at(*end).json() == lever.value.json()) && manner != Manner::Persona {
            return Err("its bounds leave no room".to_owned());
        }
        Ok(lever)
    }

    /// Why a value does not matter here or is not asked for, whatever it is.
    fn out_of_reach(&self, key: &str, plan: &SensitivityPlan) -> Option<String> {
        let begins = |text: &String| key == text || key.strip_prefix(text.as_str()).is_some_and(|r| r.starts_with('.'));
        let section = |prefix: &str| key.strip_prefix(prefix).and_then(|rest| rest.split('.').next());
        let economy = self.root.at("worlds.0.economy").and_then(Node::text);
        let partners = self.root.at("product.funding.partners").map_or(&[][..], Node::items);
        let reason = if section("targets.").is_some() {
            "a target of calibration: no world depends on it"
        } else if section("economy.").is_some_and(|path| path != "base" && Some(path) != economy) {
            "another path of the economy"
        } else if section("partners.").is_some_and(|name| partners.iter().all(|p| p.text() != Some(name))) {
            "does not fund this product"
        } else if plan.without.iter().any(begins) || plan.only.as_ref().is_some_and(|only| !only.iter().any(begins)) {
            "left out by the scenario"
        } else {
            return None;
        };
        Some(reason.to_owned())
    }
}

impl Lever {
    /// The nearest coordinate that the unit knows.
    fn rounded(&self, coordinate: f64) -> f64 {
        if self.manner == Manner::Number { self.range.within(coordinate) } else { coordinate }
    }

    /// The value at a coordinate (of a persona: its own share before all are scaled to one).
    fn at(&self, coordinate: f64) -> Node {
        match self.manner {
            Manner::Number => self.range.leaf(self.value.span, self.range.within(coordinate)),
            Manner::Scaled | Manner::Persona => self.each(&self.value, &|number| self.range.scaled(number, coordinate)),
            Manner::Tilted => self.tilted(coordinate),
        }
    }

    fn each(&self, node: &Node, of: &impl Fn(f64) -> f64) -> Node {
        match &node.value {
            Tree::Array(items) => {
                let items = items.iter().map(|item| self.each(item, of)).collect();
                Node { span: node.span, value: Tree::Array(items) }
            }
            _ => node.number().map_or_else(|| node.clone(), |number| self.range.leaf(node.span, of(number))),
        }
    }

    /// Each number to the power of the coordinate; what sums to one does so again, other weights keep their largest number at ten
    /// thousand so that rounding does not show.
    fn tilted(&self, exponent: f64) -> Node {
        let base = self.value.numbers().unwrap_or_default();
        let raised: Vec<f64> = base.iter().map(|w| if *w > 0.0 { libm::pow(*w, exponent) } else { 0.0 }).collect();
        let values = if (base.iter().sum::<f64>() - 1.0).abs() < 1e-6 {
            whole_shares(&raised)
        } else {
            let largest = raised.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
            raised.iter().map(|w| self.range.within(1e4 * w / largest)).collect()
        };
        let items = values.into_iter().map(|value| self.range.leaf(self.value.span, value)).collect();
        Node { span: self.value.span, value: Tree::Array(items) }
    }

    /// A coordinate in words.
    fn words(&self, coordinate: f64) -> String {
        match self.manner {
            Manner::Number => shown(coordinate),
            Manner::Scaled | Manner::Persona => format!("×{}", shown(coordinate)),
            Manner::Tilted => format!("to the power {}", shown(coordinate)),
        }
    }
}

/// Leaves one path with one policy in the suite, and of its analyses none.
fn alone(root: &mut Node, plan: &SensitivityPlan) {
    let policies = root.at("suite.policies").map_or(0, |list| list.items().len());
    let keep = |root: &mut Node, list: &str, index: usize| {
        if let Some(Node { value: Tree::Array(items), .. }) = root.at_mut(list) {
            *items = items.get(index).cloned().into_iter().collect();
        }
    };
    keep(root, "worlds", plan.path * policies + plan.policy);
    keep(root, "suite.paths", plan.path);
    keep(root, "suite.policies", plan.policy);
    if let Some(Node { value: Tree::Table(suite), .. }) = root.at_mut("suite") {
        ["variance", "reverse", "sensitivity", "attribution"].iter().for_each(|key| drop(suite.remove(*key)));
    }
    if let Some(users) = plan.users {
        root.insert("users", root.span, Node::leaf(root.span, users));
    }
}

fn find<'a>(root: &'a Node, path: &[String]) -> Option<&'a Node> {
    path.iter().try_fold(root, |node, key| node.child(key))
}

fn find_mut<'a>(root: &'a mut Node, path: &[String]) -> Option<&'a mut Node> {
    path.iter().try_fold(root, |node, key| match &mut node.value {
        Tree::Table(table) => table.get_mut(key).map(|(_, node)| node),
        Tree::Array(items) => items.get_mut(key.parse::<usize>().ok()?),
        Tree::Leaf(_) => None,
    })
}

/// All numbers of a value; `None` when something else is among them.
fn numbers(node: &Node) -> Option<Vec<f64>> {
    match &node.value {
        Tree::Leaf(_) => node.number().map(|number| vec![number]),
        Tree::Array(items) => {
            let all: Option<Vec<Vec<f64>>> = items.iter().map(numbers).collect();
            all.map(|all| all.concat()).filter(|all| !all.is_empty())
        }
        Tree::Table(_) => None,
    }
}

/// A value in words; of a row of targets its target.
fn value_text(node: &Node) -> String {
    match node.child("target").unwrap_or(node) {
        node if node.number().is_some() => shown(node.number().unwrap_or_default()),
        node => node.shown(),
    }
}

/// Weights as shares in whole parts per million that sum to one; the largest takes what rounding leaves.
fn whole_shares(weights: &[f64]) -> Vec<f64> {
    let sum: f64 = weights.iter().sum();
    let mut parts: Vec<i64> = weights.iter().map(|w| (w / sum * 1e6).round() as i64).collect();
    let rest = 1_000_000 - parts.iter().sum::<i64>();
    if let Some(largest) = parts.iter_mut().max() {
        *largest += rest;
    }
    parts.into_iter().map(|part| part as f64 / 1e6).collect()
}

/// Factors on the shares of some personas; all shares are then scaled to sum to one.
fn share_out(root: &mut Node, factors: &[(&str, f64)]) {
    let Some(Node { value: Tree::Table(personas), .. }) = root.at_mut("personas") else { return };
    let weight = |name: &String, node: &Node| {
        let factor = factors.iter().find(|(moved, _)| moved == name).map_or(1.0, |(_, factor)| *factor);
        factor * node.child("share").and_then(Node::number).unwrap_or(0.0)
    };
    let weights: Vec<f64> = personas.iter().map(|(name, (_, node))| weight(name, node)).collect();
    for ((_, node), share) in personas.values_mut().zip(whole_shares(&weights)) {
        let (span, node_span) = (node.key_span("share").unwrap_or(node.span), node.span);
        node.insert("share", span, Node::leaf(node_span, json!(share)));
    }
}
