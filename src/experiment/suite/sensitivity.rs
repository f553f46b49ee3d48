//! What the answer hangs on: every assumption of the models moved alone, and all of them together.
//!
//! Alone, each goes to both ends of its range, `replications` times, against the world with everything as stated: paired, since
//! both meet the same people, luck and shocks. Together they move on trajectories ([`super::morris`]); trajectory number t has the
//! luck and the shocks t. An assumption that makes the very same world at both ends is not moved at all, and that is said.

use super::error::SuiteError;
use super::jobs::{Order, Ordered, Shop, blank, key};
use super::morris::{Screening, Trajectory, screen};
use super::{paired, statistics};
use crate::results::load::Estimate;
use crate::results::suite::{KeptWorld, MeasureEffect, ParameterEffect, Sensitivity, UnmovedParameter};
use crate::scenario::{Parameter, Scenario, SensitivityPlan, SuitePlan, SuiteWorld, Variations};
use std::sync::Arc;

/// Draws of a trajectory before it is given up.
const ATTEMPTS: u16 = 50;

/// A parameter that is moved, with the scenarios of its ends.
struct Moved<'a> {
    /// Its index among the variations.
    position: usize,
    parameter: &'a Parameter,
    ends: [Option<Arc<Scenario>>; 2],
}

/// A trajectory, its number, and the scenario of each of its points.
struct Way {
    number: u32,
    trajectory: Trajectory,
    points: Vec<Arc<Scenario>>,
}

/// Names of the path and policy on which everything runs.
#[derive(Clone, Copy)]
struct Names<'a> {
    path: &'a str,
    policy: &'a str,
}

impl<'a> Names<'a> {
    fn of(plan: &'a SuitePlan, sensitivity: &SensitivityPlan) -> Names<'a> {
        Names { path: &plan.paths[sensitivity.path].name, policy: &plan.policies[sensitivity.policy] }
    }
}

/// Trajectories and what happened while they were drawn.
#[derive(Default)]
struct Design {
    drawn: Vec<Way>,
    redrawn: u32,
    given_up: u32,
    broken_rules: Vec<String>,
}

/// Runs the analysis. Its worlds are put after those that `worlds` holds.
///
/// # Errors
/// As [`Shop::complete`].
pub(crate) fn run(
    shop: &Shop<'_>,
    plan: &SuitePlan,
    sensitivity: &SensitivityPlan,
    worlds: &mut Vec<KeptWorld>,
) -> Result<Sensitivity, SuiteError> {
    let (variations, stated) = varied(shop, sensitivity)?;
    let names = Names::of(plan, sensitivity);
    let (moved, unmoved) = reaching(&variations, &stated, shop.area.program());
    let design = design(&variations, &moved, sensitivity.trajectories, shop.scenario.seed);
    let (orders, split) = all_orders(&stated, &moved, &design, sensitivity, names);
    let mut ran = shop.complete_of(orders)?;
    let (first, second) = ran.split_at(split);
    let results = Results { alone: first, together: second, moved: &moved, design: &design, plan: sensitivity };
    let mut parameters = results.parameters(shop.scenario.seed);
    order(&mut parameters);
    let found = Sensitivity {
        path: names.path.to_string(),
        policy: names.policy.to_string(),
        users: stated.users,
        span: sensitivity.span,
        replications: sensitivity.replications,
        trajectories: design.drawn.len() as u32,
        redrawn: design.redrawn,
        given_up: design.given_up,
        broken_rules: design.broken_rules.clone(),
        measures: sensitivity.measures.clone(),
        stated: sensitivity.measures.iter().map(|measure| results.stated(measure)).collect(),
        parameters,
        unmoved,
    };
    worlds.append(&mut ran);
    Ok(found)
}

/// Every world of the analysis, in the order in which [`run`] takes them: all are known before the first has run.
///
/// # Errors
/// When the scenario cannot be varied.
pub(super) fn orders(
    shop: &Shop<'_>,
    plan: &SuitePlan,
    sensitivity: &SensitivityPlan,
) -> Result<Vec<Ordered>, SuiteError> {
    let (variations, stated) = varied(shop, sensitivity)?;
    let (moved, _) = reaching(&variations, &stated, shop.area.program());
    let design = design(&variations, &moved, sensitivity.trajectories, shop.scenario.seed);
    Ok(all_orders(&stated, &moved, &design, sensitivity, Names::of(plan, sensitivity)).0)
}

/// The variations of the shop's scenario, and the scenario as stated.
fn varied(shop: &Shop<'_>, sensitivity: &SensitivityPlan) -> Result<(Variations, Arc<Scenario>), SuiteError> {
    let variations =
        Variations::of(shop.scenario, sensitivity).map_err(|errors| SuiteError::Variations(errors.to_string()))?;
    let stated = variations.at(&[]).map_err(SuiteError::Variations)?;
    Ok((variations, Arc::new(stated)))
}

/// What is moved alone, and from the returned position on what is moved together.
fn all_orders(
    stated: &Arc<Scenario>,
    moved: &[Moved<'_>],
    design: &Design,
    sensitivity: &SensitivityPlan,
    names: Names<'_>,
) -> (Vec<Ordered>, usize) {
    let mut orders = alone(stated, moved, sensitivity.replications, names);
    let split = orders.len();
    orders.extend(together(design, names));
    (orders, split)
}

/// The largest μ* on the first measure first; the longest bar where there are no trajectories.
fn order(parameters: &mut [ParameterEffect]) {
    let weight = |parameter: &ParameterEffect| {
        let effect = &parameter.effects[0];
        effect.elementary.as_ref().map_or_else(|| effect.swing(), |elementary| elementary.size.value)
    };
    parameters.sort_by(|a, b| weight(b).total_cmp(&weight(a)).then_with(|| a.key.cmp(&b.key)));
}

/// The parameters whose ends make another world than the stated one; and those that are not moved, with the reason.
fn reaching<'a>(
    variations: &'a Variations,
    stated: &Scenario,
    program: &str,
) -> (Vec<Moved<'a>>, Vec<UnmovedParameter>) {
    let world = |scenario: &Scenario| key(program, scenario, &scenario.suite_world(SuiteWorld::on(0, 0, 0)));
    let same = world(stated);
    let (mut moved, mut unmoved) = (Vec::new(), Vec::new());
    for (position, parameter) in variations.parameters().iter().enumerate() {
        let ends = variations.ends(position).clone().map(|end| end.filter(|end| world(end) != same));
        if ends.iter().any(Option::is_some) {
            moved.push(Moved { position, parameter, ends });
        } else {
            unmoved.push(UnmovedParameter {
                key: parameter.key.clone(),
                source: parameter.source.clone(),
                value: parameter.value.clone(),
                reason: format!("no world changes between {} and {}", parameter.low, parameter.high),
            });
        }
    }
    unmoved.extend(variations.fixed().iter().cloned().map(|fixed| UnmovedParameter {
        key: fixed.key,
        source: fixed.source,
        value: fixed.value,
        reason: fixed.reason,
    }));
    unmoved.sort_by(|a, b| a.key.cmp(&b.key));
    (moved, unmoved)
}

/// Trajectories through the parameters that are moved; one that breaks a rule somewhere is drawn anew.
fn design(variations: &Variations, moved: &[Moved<'_>], trajectories: u32, seed: u64) -> Design {
    let mut design = Design::default();
    if moved.is_empty() {
        return design;
    }
    let scenario = |point: Vec<f64>| {
        let shares: Vec<(usize, f64)> = moved.iter().map(|moved| moved.position).zip(point).collect();
        variations.at(&shares).map(Arc::new)
    };
    'numbers: for number in 0..trajectories {
        for attempt in 0..ATTEMPTS {
            let trajectory = Trajectory::draw(seed, number, attempt, moved.len());
            match trajectory.points().into_iter().map(scenario).collect() {
                Ok(points) => {
                    design.drawn.push(Way { number, trajectory, points });
                    continue 'numbers;
                }
                Err(rule) => {
                    design.redrawn += 1;
                    if !design.broken_rules.contains(&rule) {
                        design.broken_rules.push(rule);
                    }
                }
            }
        }
        design.given_up += 1;
    }
    design
}

/// The world of a scenario that stands alone on its path, under a number of luck and shocks.
fn ordered(scenario: &Arc<Scenario>, part: String, names: Names<'_>, number: u32) -> Ordered {
    let spec = scenario.suite_world(SuiteWorld::on(0, 0, number));
    (Arc::clone(scenario), Order { label: blank(part, names.path, names.policy, number, number), spec })
}

/// By replication the world as stated and after it each end of each parameter that has one.
fn alone(stated: &Arc<Scenario>, moved: &[Moved<'_>], replications: u32, names: Names<'_>) -> Vec<Ordered> {
    let mut orders = Vec::new();
    for number in 0..replications {
        orders.push(ordered(stated, "as stated".to_string(), names, number));
        for Moved { parameter, ends, .. } in moved {
            for (side, end) in ["low", "high"].iter().zip(ends) {
                orders.extend(end.as_ref().map(|end| ordered(end, format!("{side} {}", parameter.key), names, number)));
            }
        }
    }
    orders
}

/// Trajectory by trajectory its points.
fn together(design: &Design, names: Names<'_>) -> Vec<Ordered> {
    let of = |way: &Way| {
        let points = way.points.iter().enumerate();
        let part = |step: usize| format!("trajectory {} step {step}", way.number);
        points.map(|(step, scenario)| ordered(scenario, part(step), names, way.number)).collect::<Vec<_>>()
    };
    design.drawn.iter().flat_map(of).collect()
}

/// Worlds that ran, in the order of [`alone`] and [`together`].
struct Results<'a> {
    alone: &'a [KeptWorld],
    together: &'a [KeptWorld],
    moved: &'a [Moved<'a>],
    design: &'a Design,
    plan: &'a SensitivityPlan,
}

impl Results<'_> {
    /// A measure by replication, at a position within each.
    fn values(&self, position: usize, measure: &str) -> Vec<Option<f64>> {
        let each = self.alone.len() / self.plan.replications as usize;
        self.alone.iter().skip(position).step_by(each).map(|world| world.value(measure)).collect()
    }

    fn stated(&self, measure: &str) -> Option<Estimate> {
        statistics::mean(&self.values(0, measure).into_iter().flatten().collect::<Vec<f64>>())
    }

    /// What the world at a position changes against the stated one.
    fn change(&self, position: usize, measure: &str) -> Option<Estimate> {
        let pairs = self.values(0, measure).into_iter().zip(self.values(position, measure));
        let (stated, other): (Vec<f64>, Vec<f64>) = pairs.filter_map(|(a, b)| a.zip(b)).unzip();
        paired::difference(&stated, &other).map(|paired| paired.difference)
    }

    fn screening(&self, measure: &str, seed: u64) -> Screening {
        let mut left = self.together;
        let mut effects = Vec::with_capacity(self.design.drawn.len());
        for way in &self.design.drawn {
            let (own, rest) = left.split_at(way.points.len());
            let responses: Vec<Option<f64>> = own.iter().map(|world| world.value(measure)).collect();
            effects.push(way.trajectory.effects(&responses));
            left = rest;
        }
        screen(&effects, seed)
    }

    fn parameters(&self, seed: u64) -> Vec<ParameterEffect> {
        let screenings: Vec<Screening> = self.plan.measures.iter().map(|m| self.screening(m, seed)).collect();
        let mut position = 0;
        let one = |(number, moved): (usize, &Moved<'_>)| {
            let positions = moved.ends.each_ref().map(|end| {
                end.as_ref().map(|_| {
                    position += 1;
                    position
                })
            });
            let effect = |(measure, screening): (&String, &Screening)| {
                let [low, high] =
                    positions.map(|position| position.and_then(|position| self.change(position, measure)));
                let elementary = screening.effects.get(number).cloned().flatten();
                MeasureEffect { measure: measure.clone(), low, high, elementary }
            };
            let Parameter { key, source, value, low, high, cut } = moved.parameter.clone();
            ParameterEffect {
                key,
                source,
                value,
                low,
                high,
                cut,
                named_share: screenings[0].named_share.get(number).copied(),
                effects: self.plan.measures.iter().zip(&screenings).map(effect).collect(),
            }
        };
        self.moved.iter().enumerate().map(one).collect()
    }
}
