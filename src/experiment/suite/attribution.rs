//! What a change of the loss is made of: each factor of a downturn switched off in turn while everything else goes on, paired by
//! replication.
//!
//! ```text
//! all          L(path, policy) − L(first path, first policy)
//! factor       L(path, policy) − L(path, policy, factor frozen at the first path and policy)
//! interaction  all − the sum of the factors
//! ```
//!
//! The factors do not add up to the whole: a lost job matters more where savings are thin. What is left is stated, not spread.

use super::paired;
use super::sample::View;
use super::statistics::mean;
use crate::results::suite::{Attribution, AttributionPart, KeptWorld};
use crate::scenario::Factor;

/// Part of the worlds without a factor.
pub(super) fn part(factor: Factor) -> String {
    format!("without-{}", factor.name())
}

/// The attribution of every outcome that the plan asks for.
pub(super) fn attributions(view: &View<'_>) -> Vec<Attribution> {
    let Some(plan) = &view.plan.attribution else { return Vec::new() };
    let of = |measure: &String| Attribution {
        path: view.plan.paths[plan.path].name.clone(),
        policy: view.plan.policies[plan.policy].clone(),
        base: view.plan.paths[0].name.clone(),
        measure: measure.clone(),
        parts: parts(view, plan.path, plan.policy, measure),
    };
    view.plan.outcomes.iter().map(of).filter(|a| !a.parts.is_empty()).collect()
}

fn parts(view: &View<'_>, path: usize, policy: usize, measure: &str) -> Vec<AttributionPart> {
    let without = |factor: Factor| -> Vec<Option<f64>> {
        let part = part(factor);
        let of_factor = |world: &&KeptWorld| world.part == part;
        view.worlds.iter().filter(of_factor).map(|world| world.value(measure)).collect()
    };
    let with = view.values(path, policy, measure);
    let columns: Vec<Vec<Option<f64>>> =
        std::iter::once(view.values(0, 0, measure)).chain(Factor::ALL.map(without)).collect();
    let names = std::iter::once("all").chain(Factor::ALL.map(Factor::name));
    // Only replications in which every world has a value, so that the parts are those of the same whole.
    let whole: Vec<usize> = (0..with.len())
        .filter(|&number| with[number].is_some() && columns.iter().all(|c| c.get(number).copied().flatten().is_some()))
        .collect();
    let pick = |column: &[Option<f64>]| -> Vec<f64> { whole.iter().filter_map(|&number| column[number]).collect() };
    let with = pick(&with);
    let columns: Vec<Vec<f64>> = columns.iter().map(|column| pick(column)).collect();
    compose(&with, &columns, names)
}

/// The parts from the measure with everything and, in `columns`, that of the beginning and without each factor, by replication.
fn compose<'a>(with: &[f64], columns: &[Vec<f64>], names: impl Iterator<Item = &'a str>) -> Vec<AttributionPart> {
    let mut parts = Vec::new();
    for (column, name) in columns.iter().zip(names) {
        let Some(difference) = paired::difference(column, with) else { return Vec::new() };
        parts.push(AttributionPart {
            factor: name.to_string(),
            replications: difference.replications,
            effect: difference.difference,
            ratio: difference.ratio,
            share: None,
        });
    }
    let left = |number: usize| {
        let effect = |column: &Vec<f64>| with[number] - column[number];
        effect(&columns[0]) - columns[1..].iter().map(effect).sum::<f64>()
    };
    let interaction: Vec<f64> = (0..with.len()).map(left).collect();
    if let Some(effect) = mean(&interaction) {
        let replications = with.len() as u32;
        parts.push(AttributionPart {
            factor: "interaction".to_string(),
            replications,
            effect,
            ratio: None,
            share: None,
        });
    }
    let all = parts.first().map_or(0.0, |part| part.effect.value);
    parts.iter_mut().for_each(|part| part.share = (all != 0.0).then(|| part.effect.value / all));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_and_the_rest_make_the_whole() {
        // Loss = 1 + a + b + 2ab with a = b = 1 in the downturn: each factor takes 3 of 4 away, the interaction is −2.
        let luck = [0.0, 0.3, -0.2, 0.1];
        let of = |level: f64, sway: f64| luck.iter().map(|l| level + sway * l).collect::<Vec<f64>>();
        let columns = [of(1.0, 1.0), of(2.0, 1.1), of(2.0, 0.9)];
        let parts = compose(&of(5.0, 1.0), &columns, ["all", "a", "b"].into_iter());
        let names: Vec<&str> = parts.iter().map(|p| p.factor.as_str()).collect();
        assert_eq!(names, ["all", "a", "b", "interaction"]);
        let whole = parts[0].effect.value;
        let sum: f64 = parts[1..].iter().map(|p| p.effect.value).sum();
        assert!((whole - 4.0).abs() < 1e-12 && (sum - whole).abs() < 1e-12, "{parts:?}");
        assert!((parts[3].effect.value + 2.0).abs() < 0.1, "{parts:?}");
        assert!((parts[1].share.expect("a share") - 0.75).abs() < 0.01);
        assert!(parts[1].ratio.expect("it varies") < 0.5, "luck falls out");
        assert!(compose(&[1.0], &[vec![1.0]], ["all"].into_iter()).is_empty(), "one pair says nothing");
    }
}
