//! Do the intervals hold the truth as often as they say?
//!
//! The suite of a scenario runs under many seeds. Each seed is a sample of its own: its replications give, as in any suite, the
//! mean of a measure with its t interval and the paired difference of two policies with its interval. The truth is the long-run
//! value: the same mean over far more replications, under a seed that is none of those. An interval at 95 % should hold it in
//! about 95 of 100 seeds.
//!
//! The long-run value has an error too. With n replications a seed and N behind the long-run value it is √(n/N) of that of a
//! seed; at 10 and 4,000, a twentieth, which takes about an eighth of a percentage point off the coverage.

use super::jobs::{Order, Ordered, ShardDone, Shop};
use super::{SuiteError, blank, paired, statistics};
use crate::results::Origin;
use crate::results::load::Estimate;
use crate::results::part::Shard;
use crate::results::suite::{CoverageRecord, Covered, KeptWorld, SeedInterval};
use crate::scenario::{Scenario, SuitePlan, SuiteWorld};
use std::sync::Arc;

/// How large the experiment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    /// Seeds, each a sample.
    pub seeds: u32,
    /// Replications behind the long-run values.
    pub long_run: u32,
}

/// One thing of which intervals are looked at.
#[derive(Clone, Copy)]
struct Question<'a> {
    measure: &'a str,
    path: usize,
    policy: usize,
    against: Option<usize>,
}

/// Runs the suite of the scenario under `size.seeds` seeds and looks at the mean of each outcome under the first policy and at
/// the paired difference of each other policy, path by path.
///
/// # Errors
/// As [`Shop::complete`].
pub(crate) fn run(shop: &Shop<'_>, size: Size) -> Result<CoverageRecord, SuiteError> {
    let plan = shop.scenario.suite.as_ref().ok_or(SuiteError::NoSuite)?;
    let worlds = shop.complete_of(orders(shop.scenario, plan, size))?;
    let each = plan.paths.len() * plan.policies.len();
    let (samples, pool) = worlds.split_at(size.seeds as usize * plan.replications as usize * each);
    let covered = questions(plan).into_iter().filter_map(|question| {
        let long_run = question.estimate(plan, pool)?;
        let interval = |(number, sample): (u32, &[KeptWorld])| {
            let estimate = question.estimate(plan, sample)?;
            Some(SeedInterval { number, seed: seed(shop.scenario, number), estimate })
        };
        let by_seed = (0..).zip(samples.chunks(plan.replications as usize * each));
        Some(question.judge(plan, long_run, by_seed.filter_map(interval).collect()))
    });
    Ok(CoverageRecord {
        scenario: shop.scenario.name.clone(),
        seed: shop.scenario.seed,
        users: shop.scenario.users,
        months: shop.scenario.months,
        replications: plan.replications,
        seeds: size.seeds,
        long_run_replications: size.long_run,
        covered: covered.collect(),
        origin: Origin::default(),
    })
}

/// Runs one shard of the worlds of an experiment.
///
/// # Errors
/// As [`run`].
pub(crate) fn run_shard(shop: &Shop<'_>, size: Size, shard: Shard) -> Result<ShardDone, SuiteError> {
    let plan = shop.scenario.suite.as_ref().ok_or(SuiteError::NoSuite)?;
    shop.complete_shard(orders(shop.scenario, plan, size), shard)
}

fn seed(scenario: &Scenario, number: u32) -> u64 {
    scenario.seed.wrapping_add(1 + u64::from(number))
}

/// The worlds of every seed, and after them those of the long run.
fn orders(scenario: &Scenario, plan: &SuitePlan, size: Size) -> Vec<Ordered> {
    let mut orders = Vec::new();
    for number in 0..=size.seeds {
        let replications = if number < size.seeds { plan.replications } else { size.long_run };
        let of_seed = Arc::new(Scenario { seed: seed(scenario, number), ..scenario.clone() });
        orders.extend(sample(&of_seed, plan, number, replications));
    }
    orders
}

/// All worlds of one seed by replication, path and policy.
fn sample(scenario: &Arc<Scenario>, plan: &SuitePlan, number: u32, replications: u32) -> Vec<Ordered> {
    let mut orders = Vec::new();
    for replication in 0..replications {
        for (path, named) in plan.paths.iter().enumerate() {
            for (policy, name) in plan.policies.iter().enumerate() {
                let label = blank(format!("seed {number}"), &named.name, name, replication, replication);
                let spec = scenario.suite_world(SuiteWorld::on(path, policy, replication));
                orders.push((Arc::clone(scenario), Order { label, spec }));
            }
        }
    }
    orders
}

fn questions(plan: &SuitePlan) -> Vec<Question<'_>> {
    let mut all = Vec::new();
    for path in 0..plan.paths.len() {
        for measure in &plan.outcomes {
            all.push(Question { measure, path, policy: 0, against: None });
            let others = 1..plan.policies.len();
            all.extend(others.map(|policy| Question { measure, path, policy, against: Some(0) }));
        }
    }
    all
}

impl Question<'_> {
    /// What a sample of worlds says.
    fn estimate(&self, plan: &SuitePlan, worlds: &[KeptWorld]) -> Option<Estimate> {
        let (policies, each) = (plan.policies.len(), plan.paths.len() * plan.policies.len());
        let values = |policy: usize| {
            let every = worlds.iter().skip(self.path * policies + policy).step_by(each);
            every.map(|world| world.value(self.measure)).collect::<Option<Vec<f64>>>()
        };
        match self.against {
            None => statistics::mean(&values(self.policy)?),
            Some(first) => paired::difference(&values(first)?, &values(self.policy)?).map(|paired| paired.difference),
        }
    }

    fn judge(&self, plan: &SuitePlan, long_run: Estimate, seeds: Vec<SeedInterval>) -> Covered {
        let truth = long_run.value;
        let count = |of: &dyn Fn(&Estimate) -> bool| seeds.iter().filter(|seed| of(&seed.estimate)).count() as u32;
        let intervals = seeds.len() as u32;
        let (below, above) = (count(&|e| truth < e.low), count(&|e| truth > e.high));
        let held = intervals - below - above;
        let half = |e: &Estimate| (e.high - e.low) / 2.0;
        let widths: f64 = seeds.iter().map(|seed| half(&seed.estimate)).sum();
        Covered {
            measure: self.measure.to_string(),
            path: plan.paths[self.path].name.clone(),
            policy: plan.policies[self.policy].clone(),
            against: self.against.map(|first| plan.policies[first].clone()),
            long_run,
            intervals,
            held,
            below,
            above,
            share: binomial_share(held, intervals),
            width_to_long_run: widths / f64::from(intervals.max(1)) / half(&long_run).max(f64::MIN_POSITIVE),
            seeds,
        }
    }
}

/// `held` of `n` as a share with the exact interval of Clopper and Pearson (1934) at 95 %: the shares under which so few, or so
/// many, would come up in one of forty.
pub(crate) fn binomial_share(held: u32, n: u32) -> Estimate {
    const TAIL: f64 = 0.025;
    if n == 0 {
        return Estimate { value: 0.0, low: 0.0, high: 1.0 };
    }
    // P(K ≤ k) falls with p.
    let share_at = |k: u32, wanted: f64| {
        let (mut low, mut high) = (0.0, 1.0);
        for _ in 0..60 {
            let middle = (low + high) / 2.0;
            if at_most(k, n, middle) > wanted { low = middle } else { high = middle }
        }
        (low + high) / 2.0
    };
    let low = if held == 0 { 0.0 } else { share_at(held - 1, 1.0 - TAIL) };
    let high = if held == n { 1.0 } else { share_at(held, TAIL) };
    Estimate { value: f64::from(held) / f64::from(n), low, high }
}

/// P(K ≤ k) of the binomial distribution (n, p), 0 < p < 1.
fn at_most(k: u32, n: u32, p: f64) -> f64 {
    let log_factorial = |m: u32| libm::lgamma(f64::from(m) + 1.0);
    let term = |i: u32| {
        let choose = log_factorial(n) - log_factorial(i) - log_factorial(n - i);
        libm::exp(choose + f64::from(i) * libm::log(p) + f64::from(n - i) * libm::log1p(-p))
    };
    (0..=k).map(term).sum()
}

#[cfg(test)]
mod tests;
