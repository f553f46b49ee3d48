//! A stress suite: economy paths × policies × replications, and what is made of them.
//!
//! Replication r has the luck r (who the people are and what happens to each of them) and the common shocks r (the systematic
//! AR(1) noise on the default logit), whatever the path and the policy: common random numbers. All statistics are over
//! replications.
//!
//! | module | answers |
//! |---|---|
//! | [`jobs`] | how the worlds run on all cores, are kept, and go on after an interruption |
//! | [`statistics`] | how bad can it get, and how sure is that: mean, quantiles, shortfall |
//! | [`variance`] | how much of it is common to everybody |
//! | [`paired`] | what a policy changes |
//! | [`reverse`] | how deep must a downturn be to break a limit |
//! | [`sensitivity`], [`morris`] | which assumptions does it hang on |
//! | [`coverage`] | do the intervals hold the truth as often as they say |
//! | [`views`] | the risk views, every cell with its interval |
//! | [`early`] | which indicators led the loss, and by how many months |
//! | [`attribution`] | what a change of the loss is made of |

pub(crate) mod attribution;
pub(crate) mod coverage;
pub(crate) mod early;
mod error;
pub(crate) mod jobs;
pub(crate) mod morris;
pub(crate) mod paired;
pub(crate) mod reverse;
mod sample;
pub(crate) mod sensitivity;
pub(crate) mod statistics;
pub(crate) mod variance;
pub(crate) mod views;

pub(crate) use error::SuiteError;

use crate::experiment::Manner;
use crate::measure::words::SEGMENTS;
use crate::measure::{SEGMENT_MEASURES, segment_key};
use crate::results::part::Shard;
use crate::results::suite::views::{CellName, layout};
use crate::results::suite::{
    KeptWorld, OutcomeDifference, OutcomeDistribution, OutcomeVariance, PairedDifference, ReverseStress, RiskViews,
    SegmentDifference, SuiteRecord,
};
use crate::results::{Provenance, Timing, WorkArea};
use crate::scenario::{Breaks, Factor, ReversePlan, Scenario, SuitePlan, SuiteWorld};
use jobs::{Order, Ordered, ShardDone, Shop, blank};
use sample::View;

/// Part of the worlds that the distributions are made of.
const SUITE: &str = "suite";

/// Part of the worlds with further lucks under the same shocks.
const LUCK: &str = "luck";

/// Runs the suite of a scenario. Worlds that `area` holds already do not run again. The timing is left to the caller.
///
/// # Errors
/// [`SuiteError`]; whatever it is, finished worlds are kept in `area`.
pub(crate) fn run(scenario: &Scenario, manner: &Manner<'_>, area: &WorkArea) -> Result<SuiteRecord, SuiteError> {
    let plan = scenario.suite.as_ref().ok_or(SuiteError::NoSuite)?;
    let shop = Shop { scenario, manner, area };
    if manner.warm.is_some() {
        shop.announce(&known_orders(&shop, plan)?);
    }
    let mut worlds = shop.complete(orders(scenario, plan))?;
    let mut reverse = Vec::with_capacity(plan.reverse.len());
    for stress in &plan.reverse {
        reverse.push(reverse_stress(&shop, plan, stress, &mut worlds)?);
    }
    let sensitivity = plan.sensitivity.as_ref().map(|s| sensitivity::run(&shop, plan, s, &mut worlds)).transpose()?;
    let names: Vec<String> = plan.paths.iter().map(|path| path.name.clone()).collect();
    // Views are reported for the worlds of the suite itself.
    worlds.iter_mut().filter(|world| world.part != SUITE).for_each(|world| world.views.clear());
    let view = View { plan, worlds: &worlds, seed: scenario.seed };
    let risk = view.risk(layout(scenario.warmup_months, scenario.months));
    Ok(SuiteRecord {
        provenance: Provenance::of(scenario),
        distributions: view.distributions(),
        variances: view.variances(),
        differences: view.differences(),
        segments: view.segments(),
        paths: names,
        policies: plan.policies.clone(),
        outcomes: plan.outcomes.clone(),
        replications: plan.replications,
        reverse,
        sensitivity,
        risk,
        worlds,
        timing: Timing::default(),
    })
}

/// Runs one shard of the worlds that are known before any has run: a reverse stress has its first depths among them, and leaves
/// what it searches for then to [`run`].
///
/// # Errors
/// As [`run`].
pub(crate) fn run_shard(
    scenario: &Scenario,
    manner: &Manner<'_>,
    area: &WorkArea,
    shard: Shard,
) -> Result<ShardDone, SuiteError> {
    let plan = scenario.suite.as_ref().ok_or(SuiteError::NoSuite)?;
    let shop = Shop { scenario, manner, area };
    shop.complete_shard(known_orders(&shop, plan)?, shard)
}

/// The worlds that are known before any has run.
fn known_orders(shop: &Shop<'_>, plan: &SuitePlan) -> Result<Vec<Ordered>, SuiteError> {
    let mut own = orders(shop.scenario, plan);
    for stress in &plan.reverse {
        own.extend(reverse_orders(shop.scenario, plan, stress, &reverse::GRID_MILLI));
    }
    let mut all = shop.of_own(own);
    if let Some(sensitivity) = &plan.sensitivity {
        all.extend(sensitivity::orders(shop, plan, sensitivity)?);
    }
    Ok(all)
}

fn label(part: &str, plan: &SuitePlan, world: SuiteWorld, luck: u32) -> KeptWorld {
    blank(part, &plan.paths[world.severe].name, &plan.policies[world.policy], luck, world.shock)
}

/// Every world of the suite by replication, and after them the further lucks.
fn orders(scenario: &Scenario, plan: &SuitePlan) -> Vec<Order> {
    let order = |part: &str, world: SuiteWorld, luck: u32| Order {
        label: label(part, plan, world, luck),
        spec: scenario.suite_world(world),
    };
    let mut orders = Vec::new();
    for number in 0..plan.replications {
        for path in 0..plan.paths.len() {
            for policy in 0..plan.policies.len() {
                orders.push(order(SUITE, SuiteWorld::on(path, policy, number), number));
            }
        }
    }
    if let Some(variance) = &plan.variance {
        for further in 1..variance.lucks {
            for shock in 0..plan.replications {
                let world = SuiteWorld::on(variance.path, 0, shock);
                orders.push(order(LUCK, world, further * plan.replications + shock));
            }
        }
    }
    if let Some(plan_of) = &plan.attribution {
        for number in 0..plan.replications {
            for factor in Factor::ALL {
                let world = SuiteWorld::on(plan_of.path, plan_of.policy, number);
                let label = label(&attribution::part(factor), plan, world, number);
                let spec = scenario.suite_world_without(factor, world);
                orders.push(Order { label, spec });
            }
        }
    }
    orders
}

/// The worlds of a reverse stress at some depths, by replication.
fn reverse_orders(scenario: &Scenario, plan: &SuitePlan, stress: &ReversePlan, depths: &[i32]) -> Vec<Order> {
    let mut orders = Vec::with_capacity(depths.len() * stress.replications as usize);
    for number in 0..stress.replications {
        for &depth_milli in depths {
            let ReversePlan { base, severe, policy, .. } = *stress;
            let world = SuiteWorld { base, severe, depth_milli, policy, shock: number };
            let label = KeptWorld { depth_milli, ..label(&stress.name, plan, world, number) };
            orders.push(Order { label, spec: scenario.suite_world(world) });
        }
    }
    orders
}

fn reverse_stress(
    shop: &Shop<'_>,
    plan: &SuitePlan,
    stress: &ReversePlan,
    worlds: &mut Vec<KeptWorld>,
) -> Result<ReverseStress, SuiteError> {
    let question = reverse::Question {
        breaks: stress.breaks,
        limit: stress.limit,
        precision: stress.precision,
        seed: shop.scenario.seed,
    };
    let found = reverse::search(&question, |depths| {
        let ran = shop.complete(reverse_orders(shop.scenario, plan, stress, depths))?;
        let values = |position: usize| {
            let every = ran.iter().skip(position).step_by(depths.len());
            every.map(|world| world.value(&stress.measure)).collect()
        };
        let responses = (0..depths.len()).map(values).collect();
        worlds.extend(ran);
        Ok::<_, SuiteError>(responses)
    })?;
    let breaks = if stress.breaks == Breaks::Above { "above" } else { "below" };
    Ok(ReverseStress {
        name: stress.name.clone(),
        measure: stress.measure.clone(),
        breaks: breaks.to_string(),
        limit: stress.limit,
        base: plan.paths[stress.base].name.clone(),
        severe: plan.paths[stress.severe].name.clone(),
        policy: plan.policies[stress.policy].clone(),
        replications: stress.replications,
        says: found.says(),
        points: found.points,
        crossing: found.crossing,
        monotone: found.monotone,
        never_share: found.never_share,
    })
}

impl View<'_> {
    fn risk(&self, layout: Vec<CellName>) -> RiskViews {
        RiskViews {
            estimates: views::estimates(self, &layout),
            early: early::warnings(self),
            attributions: attribution::attributions(self),
            layout,
        }
    }

    fn each<T>(&self, policies: std::ops::Range<usize>, of: impl Fn(usize, usize, &str) -> T) -> Vec<T> {
        let mut all = Vec::new();
        for path in 0..self.plan.paths.len() {
            for measure in &self.plan.outcomes {
                all.extend(policies.clone().map(|policy| of(path, policy, measure)));
            }
        }
        all
    }

    fn distributions(&self) -> Vec<OutcomeDistribution> {
        self.each(0..self.plan.policies.len(), |path, policy, measure| {
            let values: Vec<f64> = self.values(path, policy, measure).into_iter().flatten().collect();
            OutcomeDistribution {
                path: self.plan.paths[path].name.clone(),
                policy: self.plan.policies[policy].clone(),
                measure: measure.to_string(),
                distribution: statistics::distribution(&values, self.seed),
            }
        })
    }

    fn differences(&self) -> Vec<OutcomeDifference> {
        let mut all = self.each(1..self.plan.policies.len(), |path, policy, measure| OutcomeDifference {
            path: self.plan.paths[path].name.clone(),
            policy: self.plan.policies[policy].clone(),
            measure: measure.to_string(),
            paired: self.paired(path, policy, measure),
        });
        for path in &self.plan.paths {
            paired::correct(all.iter_mut().filter(|d| d.path == path.name).filter_map(|d| d.paired.as_mut()));
        }
        all
    }

    /// A policy less the first one on a path, over the replications in which both have a value.
    fn paired(&self, path: usize, policy: usize, measure: &str) -> Option<PairedDifference> {
        let pairs = self.values(path, 0, measure).into_iter().zip(self.values(path, policy, measure));
        let (base, other): (Vec<f64>, Vec<f64>) = pairs.filter_map(|(base, other)| base.zip(other)).unzip();
        paired::difference(&base, &other)
    }

    /// The differences again, by segment of users.
    fn segments(&self) -> Vec<SegmentDifference> {
        let mut all = Vec::new();
        for (path, spec) in self.plan.paths.iter().enumerate() {
            for (policy, name) in self.plan.policies.iter().enumerate().skip(1) {
                for segment in SEGMENTS {
                    all.extend(SEGMENT_MEASURES.map(|measure| SegmentDifference {
                        path: spec.name.clone(),
                        policy: name.clone(),
                        segment: segment.to_string(),
                        measure: measure.to_string(),
                        paired: self.paired(path, policy, &segment_key(measure, segment)),
                    }));
                }
            }
            paired::correct(all.iter_mut().filter(|s| s.path == spec.name).filter_map(|s| s.paired.as_mut()));
        }
        all
    }

    fn variances(&self) -> Vec<OutcomeVariance> {
        let Some(variance) = &self.plan.variance else { return Vec::new() };
        let further: Vec<&KeptWorld> = self.worlds.iter().filter(|world| world.part == LUCK).collect();
        let split = |measure: &String| {
            let groups: Option<Vec<Vec<f64>>> = self
                .values(variance.path, 0, measure)
                .into_iter()
                .zip(0..)
                .map(|(first, shock)| {
                    let others = further.iter().filter(|world| world.shock == shock).map(|world| world.value(measure));
                    std::iter::once(first).chain(others).collect()
                })
                .collect();
            OutcomeVariance {
                path: self.plan.paths[variance.path].name.clone(),
                policy: self.plan.policies[0].clone(),
                measure: measure.clone(),
                split: groups.and_then(|groups| variance::split(&groups, self.seed)),
            }
        };
        self.plan.outcomes.iter().map(split).collect()
    }
}

#[cfg(test)]
mod tests;
