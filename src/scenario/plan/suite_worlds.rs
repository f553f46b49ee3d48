//! The worlds of a stress suite: a path at a depth, with one factor switched off, with the luck of another replication.

use crate::base::money::Ppm;
use crate::economy::path;
use crate::scenario::plan::rules::Rules;
use crate::scenario::plan::scenario::Scenario;
use crate::scenario::plan::suite::Factor;
use crate::scenario::plan::world::{Appetite, EventKind, WorldSpec};

/// Which world of a suite is meant: paths and policies by their positions in the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SuiteWorld {
    /// Path at depth 0.
    pub base: usize,
    /// Path at depth 1,000; rules and events are those of this one.
    pub severe: usize,
    /// Thousandths of the way from one to the other.
    pub depth_milli: i32,
    /// Policy.
    pub policy: usize,
    /// Number of the common shocks.
    pub shock: u32,
}

impl SuiteWorld {
    /// A path as it is.
    pub const fn on(path: usize, policy: usize, shock: u32) -> SuiteWorld {
        SuiteWorld { base: path, severe: path, depth_milli: 0, policy, shock }
    }
}

impl Scenario {
    /// The same scenario with the luck of another replication: other people, and other things happen to them. Numbers count from
    /// the scenario's own replication.
    pub fn with_luck(&self, luck: u32) -> Scenario {
        Scenario { replication: self.replication + luck, ..self.clone() }
    }

    /// A world of the suite: the economy at its depth under its shocks, with the rules and events of its severe path and policy.
    ///
    /// # Panics
    /// When the scenario has no suite, or no such path or policy in it.
    pub fn suite_world(&self, world: SuiteWorld) -> WorldSpec {
        let SuiteWorld { base, severe, depth_milli, policy, shock } = world;
        let plan = self.suite.as_ref().expect("only a scenario with a suite is asked for its worlds");
        let of = |path: usize| &plan.paths[path].economy;
        let shock = self.replication + shock;
        let economy = path::between(of(base), of(severe), depth_milli, self.months, self.seed, shock);
        WorldSpec { economy, ..self.worlds[severe * plan.policies.len() + policy].clone() }
    }

    /// A world of the suite with one factor frozen at what it is on the first path under the first policy.
    /// Events of the path go on, except that without the factor policy partners do not withdraw.
    ///
    /// # Panics
    /// When the scenario has no suite, or no such path or policy in it.
    pub fn suite_world_without(&self, factor: Factor, world: SuiteWorld) -> WorldSpec {
        let base = self.suite_world(SuiteWorld::on(0, 0, world.shock));
        let mut world = self.suite_world(world);
        let months = world.economy.months.iter_mut().zip(&base.economy.months);
        match factor {
            Factor::JobLoss => months.for_each(|(month, base)| {
                month.separation_ppm = base.separation_ppm;
                month.finding_ppm = base.finding_ppm;
                month.band_unemployment_ppm = base.band_unemployment_ppm;
            }),
            Factor::Income => months.for_each(|(month, base)| month.income_index_ppm = base.income_index_ppm),
            Factor::Behaviour => {
                months.for_each(|(month, base)| {
                    month.spending_index_ppm = base.spending_index_ppm;
                    month.confidence_ppm = base.confidence_ppm;
                });
                self.change_rules(&mut world, |rules| rules.levers.repay.residual_logit_milli_per_pp = 0);
            }
            Factor::Policy => {
                months.for_each(|(month, base)| month.lpr_bp = base.lpr_bp);
                world.rule_changes.clone_from(&base.rule_changes);
                world.events.retain(|event| !matches!(event.what, EventKind::PartnerWithdrawal { .. }));
                self.change_rules(&mut world, |rules| {
                    rules.terms.funding.partners.iter_mut().for_each(|partner| partner.trigger_30 = Ppm(1_000_000));
                });
                world.appetite =
                    Some(Appetite { cutoff_per_pp: Ppm(0), raise_per_pp: Ppm(0), ..self.appetite.clone() });
            }
        }
        world
    }

    /// Changes all rules of a world, from the first counted day on.
    fn change_rules(&self, world: &mut WorldSpec, change: impl Fn(&mut Rules)) {
        if world.rule_changes.first().is_none_or(|(from, _)| *from > self.start) {
            world.rule_changes.insert(0, (self.start, self.base.clone()));
        }
        world.rule_changes.iter_mut().for_each(|(_, rules)| change(rules));
    }
}
