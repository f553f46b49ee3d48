//! The cells of the risk views over replications: mean and t interval of each, path by path and policy by policy; expected loss
//! also over the paths in their weights.

use super::sample::View;
use super::statistics::mean;
use crate::results::suite::risk::WEIGHTED;
use crate::results::suite::views::CellName;
use crate::results::suite::{KeptWorld, ViewEstimate};

/// The view that is weighted over the paths.
const EXPECTED_LOSS: &str = "ecl";

/// The value of a cell in a world.
fn value(world: &KeptWorld, cell: usize) -> Option<f64> {
    let (numerator, denominator) = *world.views.get(cell)?;
    (denominator != 0).then(|| numerator as f64 / denominator as f64)
}

/// Every cell that has a value in two replications at least.
pub(super) fn estimates(view: &View<'_>, layout: &[CellName]) -> Vec<ViewEstimate> {
    let (paths, policies) = (&view.plan.paths, &view.plan.policies);
    let mut all = Vec::new();
    for (p, path) in paths.iter().enumerate() {
        for (q, policy) in policies.iter().enumerate() {
            for cell in 0..layout.len() {
                let values = view.replications(p, q).filter_map(|world| value(world, cell)).collect();
                all.extend(estimate(&path.name, policy, cell, values));
            }
        }
    }
    for (q, policy) in policies.iter().enumerate() {
        for (cell, _) in layout.iter().enumerate().filter(|(_, name)| name.view == EXPECTED_LOSS) {
            all.extend(estimate(WEIGHTED, policy, cell, weighted(view, q, cell)));
        }
    }
    all
}

fn estimate(path: &str, policy: &str, cell: usize, values: Vec<f64>) -> Option<ViewEstimate> {
    let estimate = mean(&values)?;
    let (path, policy, replications) = (path.to_string(), policy.to_string(), values.len() as u32);
    Some(ViewEstimate { path, policy, cell, replications, estimate })
}

/// A cell weighted over the paths, by replication; left out where a path that counts has no value.
fn weighted(view: &View<'_>, policy: usize, cell: usize) -> Vec<f64> {
    let counting: Vec<(f64, Vec<Option<f64>>)> = view
        .plan
        .paths
        .iter()
        .enumerate()
        .filter(|(_, path)| path.weight > 0)
        .map(|(p, path)| (path.weight.into(), view.replications(p, policy).map(|w| value(w, cell)).collect()))
        .collect();
    let whole: f64 = counting.iter().map(|(weight, _)| weight).sum();
    let one = |number: usize| -> Option<f64> {
        counting.iter().try_fold(0.0, |sum, (weight, values)| Some(sum + weight * values[number]? / whole))
    };
    let replications = if counting.is_empty() { 0 } else { view.plan.replications as usize };
    (0..replications).filter_map(one).collect()
}
