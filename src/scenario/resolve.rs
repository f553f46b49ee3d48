//! From the checked document to a [`Scenario`]: units become integers, policies become complete rules.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::ops::Range;

use crate::base::time::Day;
use crate::economy::path;
use crate::scenario::check;
use crate::scenario::check::rules::{self, Rules as CrossRules};
use crate::scenario::document::overlay::{self, MODELS, Reach};
use crate::scenario::document::tree::{Node, Tree};
use crate::scenario::document::units::{Date, Resolve};
use crate::scenario::document::value::Value;
use crate::scenario::laws;
use crate::scenario::plan::rules::Rules;
use crate::scenario::plan::scenario::Scenario;
use crate::scenario::plan::world::WorldSpec;
use crate::scenario::problem::{Problem, ProblemKind};
use crate::scenario::published;
use crate::scenario::raw::behaviour::BehaviourFile;
use crate::scenario::raw::people::PopulationNumbers;
use crate::scenario::raw::product::{PartnerFile, ProductFile};
use crate::scenario::raw::scenario::RootFile;

/// Worlds that a suite may make at most, as the schema says.
const WORLDS_MAX: usize = 256;

/// Checks the whole document, lets older laws hold in it, and resolves it; without a result there is at least one problem.
pub(in crate::scenario) fn resolve(root: &mut Node, problems: &mut Vec<Problem>) -> Option<Scenario> {
    // A model that could not be read has been reported; that it is missing needs no second error.
    let mut found = Vec::new();
    RootFile::checker().check(root, &mut found);
    let read_failed = !problems.is_empty();
    problems.extend(found.into_iter().filter(|p| !(read_failed && is_missing_model(p))));
    // Each world is checked in a copy of the document. So many have been refused by now, and would take hours.
    if root.child("worlds").map_or(&[][..], Node::items).len() > WORLDS_MAX {
        return None;
    }
    CrossRules::new(root, problems).all();
    check::load::check(root, problems);
    check::suite::check(root, problems);
    published::check_horizon(root, problems);
    laws::check(root, problems);
    laws::hold(root);
    check_policies(root, problems);
    check::suite::once_a_place(root, problems);
    if !problems.is_empty() {
        return None;
    }
    build(root).map_err(|problem| problems.push(problem)).ok()
}

fn is_missing_model(problem: &Problem) -> bool {
    matches!(&problem.kind, ProblemKind::MissingKey { table, key } if table.is_empty() && MODELS.contains(&key.as_str()))
}

/// Leaves out what a shortened run does not reach.
pub(in crate::scenario) fn drop_after_end(root: &mut Node) {
    let Some(Range { end: after, .. }) = rules::counted(root) else { return };
    let Some(Node { value: Tree::Array(worlds), .. }) = root.at_mut("worlds") else { return };
    for world in worlds {
        for list in ["policies", "events"] {
            if let Some(Node { value: Tree::Array(items), .. }) = world.at_mut(list) {
                items.retain(|item| rules::date(item, "from").is_none_or(|from| from < after));
            }
        }
        if let Some(Node { value: Tree::Array(events), .. }) = world.at_mut("events") {
            for event in events {
                if rules::date(event, "until").is_some_and(|until| until > after) {
                    let span = event.child("until").map_or(event.span, |n| n.span);
                    event.insert("until", span, Node::leaf(span, after.to_string()));
                }
            }
        }
    }
}

/// Goes through the dates on which policies of a world and laws begin, in order. `step` is given the date and what policies may change, with
/// all policies and laws up to it applied; nothing is kept of it, so that a world may have as many as it likes.
fn policy_steps<E>(
    root: &Node,
    world: &Node,
    problems: &mut Vec<Problem>,
    mut step: impl FnMut(Day, &Node, &mut Vec<Problem>) -> Result<(), E>,
) -> Result<(), E> {
    let policies: Vec<(Day, &Node)> = world
        .child("policies")
        .map_or(&[][..], Node::items)
        .iter()
        .filter_map(|policy| Some((rules::date(policy, "from")?, policy)))
        .collect();
    let caps = laws::of_world(root, world);
    let days: BTreeSet<Day> =
        policies.iter().map(|(from, _)| *from).chain(caps.iter().map(|(from, _)| *from)).collect();
    let mut document = Node::table(root.span);
    for key in overlay::POLICY {
        if let (Some(node), Some(span)) = (root.child(key), root.key_span(key)) {
            document.insert(key, span, node.clone());
        }
    }
    for day in days {
        let of_the_day = policies.iter().filter(|(from, _)| *from == day);
        for set in of_the_day.filter_map(|(_, policy)| policy.child("set")) {
            overlay::apply_all(&mut document, Reach::Policy, set, problems);
        }
        // Whatever a policy sets, the law holds.
        for (_, cap) in caps.iter().filter(|(from, _)| *from <= day) {
            laws::cut(&mut document, *cap);
        }
        step(day, &document, problems)?;
    }
    Ok(())
}

fn check_policies(root: &Node, problems: &mut Vec<Problem>) {
    for world in root.child("worlds").map_or(&[][..], Node::items) {
        let checked = policy_steps(root, world, problems, |_, document, problems| {
            let mut found = Vec::new();
            RootFile::checker().check(document, &mut found);
            CrossRules::new(document, &mut found).terms();
            problems.extend(found.into_iter().filter(|p| !matches!(p.kind, ProblemKind::MissingKey { .. })));
            Ok::<(), Infallible>(())
        });
        let Ok(()) = checked;
    }
}

/// A part of the document as its raw type. The schema has passed, so a failure means that schema and type disagree.
fn typed<T: serde::de::DeserializeOwned>(node: Option<&Node>, root: &Node) -> Result<T, Problem> {
    let value = node.map_or(Value::Null, Node::bare);
    T::deserialize(&value).map_err(|error| Problem::new(node.map_or(root.span, |n| n.span), error.to_string(), None))
}

fn rules_of(document: &Node) -> Result<Rules, Problem> {
    let product: ProductFile = typed(document.child("product"), document)?;
    let behaviour: BehaviourFile = typed(document.child("behaviour"), document)?;
    let partners: BTreeMap<String, PartnerFile> = typed(document.child("partners"), document)?;
    Ok(Rules { terms: product.terms(&partners), levers: behaviour.resolve() })
}

fn build(root: &Node) -> Result<Scenario, Problem> {
    let file: RootFile = typed(Some(root), root)?;
    let at_root = |message: &str| Problem::new(root.span, message.to_owned(), None);
    let start = Date::day(&file.start.0).ok_or_else(|| at_root("`start` is no date"))?;
    let spec = |name: &str| -> Result<path::PathSpec, Problem> {
        Ok(file.economy.get(name).ok_or_else(|| at_root("an economy path is missing"))?.spec(name))
    };
    let trees = root.child("worlds").map_or(&[][..], Node::items);
    let mut worlds = Vec::with_capacity(trees.len());
    for (world, tree) in file.worlds.iter().zip(trees) {
        let mut rule_changes = Vec::new();
        policy_steps(root, tree, &mut Vec::new(), |from, document, _| {
            rule_changes.push((from, rules_of(document)?));
            Ok(())
        })?;
        worlds.push(WorldSpec {
            name: world.name.clone(),
            economy: path::build(&spec(&world.economy)?, file.months, file.seed, file.replication),
            rule_changes,
            events: world.events(&file.product.funding.partners),
            appetite: None,
        });
    }
    let suite = file.suite.as_ref().map(|suite| suite.plan(spec)).transpose()?;
    if file.suite.as_ref().is_some_and(|suite| !suite.makes(&file.worlds)) {
        return Err(at_root("the worlds are not those of the suite"));
    }
    Ok(Scenario {
        base: rules_of(root)?,
        warmup_economy: path::build_warmup(&spec("base")?, file.warmup_months),
        worlds,
        population: Resolve::<PopulationNumbers>::resolve(&file.population)
            .with(file.personas.iter().map(|(name, persona)| persona.persona(name)).collect()),
        hosts: file.hosts.resolve(),
        merchants: file.merchants.resolve(),
        seasons: file.seasons.iter().map(|(name, season)| season.season(name)).collect(),
        targets: file.targets.iter().map(|(measure, target)| target.target(measure)).collect(),
        appetite: file.appetite.resolve(),
        suite,
        load: file.load.as_ref().and_then(|load| load.plan(&file.worlds[0].name)),
        remarks: laws::remarks(root),
        resolved_toml: resolved_toml(root)?,
        profile: file.product.profile.unwrap_or_default().plain(),
        product: file.product.key,
        product_title: file.product.title,
        name: file.name,
        title: file.title,
        users: file.users,
        cell_users: file.cell_users,
        warmup_months: file.warmup_months,
        months: file.months,
        start,
        seed: file.seed,
        replication: file.replication,
    })
}

/// The document as TOML: plain values, nothing left to look up.
fn resolved_toml(root: &Node) -> Result<String, Problem> {
    let failed = |error: String| Problem::new(root.span, error, None);
    let table = toml::Table::try_from(root.json()).map_err(|error| failed(error.to_string()))?;
    let text = toml::to_string(&table).map_err(|error| failed(error.to_string()))?;
    Ok(format!("# Every number of the run, resolved. `yuefu run` on this file gives the same result.\n{text}"))
}
