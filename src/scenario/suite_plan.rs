//! What a stress suite runs, resolved.

use super::sensitivity_plan::SensitivityPlan;
use super::{Scenario, WorldSpec};
use crate::economy::path::{self, PathSpec};

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
}

/// A path of a suite.
#[derive(Clone, Debug, PartialEq)]
pub struct SuitePath {
    /// Name.
    pub name: String,
    /// The economy on it.
    pub economy: PathSpec,
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
}
