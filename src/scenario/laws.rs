//! The calendar of laws (docs/rules.md §22.8): which cap binds a product from which day on, and the price list cut to it.

use crate::base::time::Day;
use crate::scenario::check::rules::{counted, date};
use crate::scenario::document::tree::{Node, Tree};
use crate::scenario::problem::{Problem, did_you_mean};

/// Keys that a cap cuts: rates a year.
const RATES: [&str; 3] = ["product.pricing.cap_annual", "product.pricing.annual_range", "product.pricing.tier_annual"];

/// A law of the calendar that is about the product of a scenario.
#[derive(Clone, Debug)]
pub(in crate::scenario) struct Law<'a> {
    /// Its key in the calendar.
    pub(in crate::scenario) name: &'a str,
    /// First day of the loans that it binds.
    pub(in crate::scenario) from: Day,
    /// Highest nominal annual rate.
    pub(in crate::scenario) cap_annual: f64,
    /// It binds the mean of the loans, not each of them.
    pub(in crate::scenario) mean: bool,
}

/// The laws about the product of a document, the earliest first.
pub(in crate::scenario) fn of(root: &Node) -> Vec<Law<'_>> {
    let lender = root.at("product.lender_type").and_then(Node::text);
    let laws = root.child("laws").into_iter().flat_map(Node::entries);
    let mut laws: Vec<Law<'_>> = laws
        .filter(|(_, _, law)| {
            let types = law.child("lender_types").map_or(&[][..], Node::items);
            types.iter().any(|of| of.text().is_some() && of.text() == lender)
        })
        .filter_map(|(name, _, law)| {
            let mean = law.child("binds").and_then(Node::text) == Some("mean");
            Some(Law { name, from: date(law, "from")?, cap_annual: law.child("cap_annual")?.number()?, mean })
        })
        .collect();
    laws.sort_by_key(|law| (law.from, law.name));
    laws
}

/// The days of a run from which laws cap each loan of a world, in order, with the cap. Those that began before the counted months are in
/// the product itself ([`hold`]).
pub(in crate::scenario) fn of_world(root: &Node, world: &Node) -> Vec<(Day, f64)> {
    let Some(counted) = counted(root) else { return Vec::new() };
    let without: Vec<&str> =
        world.child("without_laws").into_iter().flat_map(Node::items).filter_map(Node::text).collect();
    let binding = of(root).into_iter().filter(|law| !law.mean && counted.contains(&law.from));
    binding.filter(|law| !without.contains(&law.name)).map(|law| (law.from, law.cap_annual)).collect()
}

/// A world goes without laws that there are, and that begin in its counted months: earlier ones are in what all worlds share.
pub(in crate::scenario) fn check(root: &Node, problems: &mut Vec<Problem>) {
    let laws = root.child("laws");
    let known: Vec<&str> = laws.into_iter().flat_map(Node::entries).map(|(name, _, _)| name).collect();
    for world in root.child("worlds").map_or(&[][..], Node::items) {
        for node in world.child("without_laws").map_or(&[][..], Node::items) {
            let Some(name) = node.text() else { continue };
            let Some(law) = laws.and_then(|laws| laws.child(name)) else {
                let hint = did_you_mean(name, &known);
                problems.push(Problem::new(node.span, format!("no law `{name}` in the calendar"), hint));
                continue;
            };
            if let (Some(from), Some(counted)) = (date(law, "from"), counted(root))
                && from < counted.start
            {
                let message = format!("the law `{name}` of {from} is older than the counted months");
                let hint = Some("all worlds share what is before them: leave the law out of `laws.toml`".to_owned());
                problems.push(Problem::new(node.span, message, hint));
            }
        }
    }
}

/// What the laws do to the price list, in words.
pub(in crate::scenario) fn remarks(root: &Node) -> Vec<String> {
    let Some(counted) = counted(root) else { return Vec::new() };
    let rates = root.at("product.pricing.tier_annual").and_then(Node::numbers).unwrap_or_default();
    let highest = rates.iter().copied().fold(0.0, f64::max);
    let mean = rates.iter().sum::<f64>() / rates.len().max(1) as f64;
    let percent = |rate: f64| format!("{:.4}", 100.0 * rate).trim_end_matches('0').trim_end_matches('.').to_owned();
    let reached = of(root).into_iter().filter(|law| law.from < counted.end);
    reached
        .filter_map(|Law { name, from, cap_annual, mean: of_mean }| {
            let cap = percent(cap_annual);
            if of_mean {
                let above = mean > cap_annual;
                above.then(|| {
                    format!(
                        "law `{name}` from {from}: the mean of the price list is {} %, above {cap} %",
                        percent(mean)
                    )
                })
            } else {
                let cut = highest > cap_annual;
                cut.then(|| {
                    format!("law `{name}` from {from}: the price list, up to {} %, is cut to {cap} %", percent(highest))
                })
            }
        })
        .collect()
}

/// Cuts the product of a document to the laws that began before the counted months: they hold from the first day of the run.
pub(in crate::scenario) fn hold(root: &mut Node) {
    let Some(start) = date(root, "start") else { return };
    let caps: Vec<f64> =
        of(root).iter().filter(|law| !law.mean && law.from < start).map(|law| law.cap_annual).collect();
    for cap in caps {
        cut(root, cap);
    }
}

/// Cuts cap and price list of a document to a cap: no rate above it, no published late rate above a 365th of it (rounded down to a
/// part per million).
pub(in crate::scenario) fn cut(document: &mut Node, cap_annual: f64) {
    for key in RATES {
        if let Some(node) = document.at_mut(key) {
            lower(node, cap_annual);
        }
    }
    if let Some(node) = document.at_mut("product.pricing.penalty_daily") {
        lower(node, (cap_annual * 1e6 / 365.0).floor() / 1e6);
    }
}

fn lower(node: &mut Node, most: f64) {
    match &mut node.value {
        Tree::Array(items) => items.iter_mut().for_each(|item| lower(item, most)),
        Tree::Leaf(value) if value.as_f64().is_some_and(|value| value > most) => *value = most.into(),
        _ => {}
    }
}
