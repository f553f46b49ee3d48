//! What a stress suite runs, resolved: paths, policies, replications, outcomes. Made from `raw::suite`; `experiment::suite` runs it.
//! No serde, no text.

use crate::base::money::Ppm;
use crate::economy::path::{self, PathSpec};
use crate::scenario::plan::sensitivity::SensitivityPlan;
use crate::scenario::{Appetite, EventKind, Rules, Scenario, WorldSpec};

/// Every path with every policy, many times.
///
/// The worlds of the scenario are the suite's: world `path × policies + policy` is that path with that policy.
#[derive(Clone, Debug, PartialEq)]
pub struct SuitePlan {
    /// Replications of every world: number r has the luck r and the common shocks r, whatever the path and policy.
    pub replications: u32,
    /// Paths in order.
    pub paths: Vec<SuitePath>,
    /// Names of the policies in order; the first is the one that others are compared with.
    pub policies: Vec<String>,
    /// Measures that are told, in order; the first is the loss.
    pub outcomes: Vec<String>,
    /// Where the variance of the outcomes is split.
    pub variance: Option<VariancePlan>,
    /// Reverse stresses.
    pub reverse: Vec<ReversePlan>,
    /// Which assumptions the answer hangs on.
    pub sensitivity: Option<SensitivityPlan>,
    /// Whose change of the loss is taken apart.
    pub attribution: Option<AttributionPlan>,
}

/// A path of a suite.
#[derive(Clone, Debug, PartialEq)]
pub struct SuitePath {
    /// Name.
    pub name: String,
    /// The economy on it.
    pub economy: PathSpec,
    /// Its weight where expected losses are weighted over the paths.
    pub weight: u32,
}

/// The change of the loss from the first path under the first policy to another path and policy is taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttributionPlan {
    /// Place of the path.
    pub path: usize,
    /// Place of the policy.
    pub policy: usize,
}

/// A part of a downturn that can be switched off while the others go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Factor {
    /// People lose work more often and find it less often.
    JobLoss,
    /// Incomes of those in work.
    Income,
    /// Spending, and the odds of lateness that move beside the mechanism (the residual channel).
    Behaviour,
    /// What lender, partners and law do: risk appetite, triggers, rules that the path and the policy change.
    Policy,
}

impl Factor {
    /// All factors in the order of tables.
    pub const ALL: [Factor; 4] = [Factor::JobLoss, Factor::Income, Factor::Behaviour, Factor::Policy];

    /// Its name in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Factor::JobLoss => "job_loss",
            Factor::Income => "income",
            Factor::Behaviour => "behaviour",
            Factor::Policy => "policy",
        }
    }
}

/// For one path under the first policy: further worlds with other luck at the same common shocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariancePlan {
    /// Place of the path.
    pub path: usize,
    /// Lucks for each draw of the shocks, the one of the suite among them.
    pub lucks: u32,
}

/// On which side of a limit it is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Breaks {
    /// Values above break it.
    Above,
    /// Values below break it.
    Below,
}

/// What mildest depth breaks a limit.
#[derive(Clone, Debug, PartialEq)]
pub struct ReversePlan {
    /// Name.
    pub name: String,
    /// Measure.
    pub measure: String,
    /// Side.
    pub breaks: Breaks,
    /// The limit, in the unit of the measure.
    pub limit: f64,
    /// Place of the path at depth 0.
    pub base: usize,
    /// Place of the path at depth 1.
    pub severe: usize,
    /// Place of the policy.
    pub policy: usize,
    /// Replications at each depth.
    pub replications: u32,
    /// Width of the last bracket.
    pub precision: f64,
}

impl Scenario {
    /// The same scenario with the luck of another replication: other people, and other things happen to them. Numbers count from
    /// the scenario's own replication.
    pub fn with_luck(&self, luck: u32) -> Scenario {
        Scenario { replication: self.replication + luck, ..self.clone() }
    }

    /// A world of the suite with the economy at `depth_milli` thousandths of the way from path `base` to path `severe` and the
    /// common shocks of number `shock`. Rules and events are those of the world of `severe` and `policy`.
    ///
    /// # Panics
    /// When the scenario has no suite, or no such path or policy in it.
    pub fn suite_world(
        &self,
        (base, severe): (usize, usize),
        depth_milli: i32,
        policy: usize,
        shock: u32,
    ) -> WorldSpec {
        let plan = self.suite.as_ref().expect("only a scenario with a suite is asked for its worlds");
        let of = |path: usize| &plan.paths[path].economy;
        let shock = self.replication + shock;
        let economy = path::between(of(base), of(severe), depth_milli, self.months, self.seed, shock);
        WorldSpec { economy, ..self.worlds[severe * plan.policies.len() + policy].clone() }
    }

    /// The world of a path and policy of the suite with one factor frozen at what it is on the first path under the first policy.
    /// Events of the path go on, except that without the factor policy partners do not withdraw.
    ///
    /// # Panics
    /// When the scenario has no suite, or no such path or policy in it.
    pub fn suite_world_without(&self, factor: Factor, path: usize, policy: usize, shock: u32) -> WorldSpec {
        let mut world = self.suite_world((path, path), 0, policy, shock);
        let base = self.suite_world((0, 0), 0, 0, shock);
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
