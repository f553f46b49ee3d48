//! What a stress suite runs, resolved: paths, policies, replications, outcomes. Made from `raw::suite`; `experiment::suite` runs it.
//! No serde, no text.

use crate::economy::path::PathSpec;
use crate::scenario::plan::sensitivity::SensitivityPlan;

/// Measures that a suite knows.
pub(crate) const SUITE_MEASURES: &[&str] = &[
    "gross_loss_rate_annual",
    "net_loss_rate_annual",
    "overdue_rate",
    "overdue_30_rate",
    "overdue_90_rate",
    "d1_entry_rate",
    "cure_30d_rate",
    "application_approval_rate",
    "authorisation_approval_rate",
    "captured_yuan",
    "profit_yuan",
    "complaint_rate",
    "mean_limit_yuan",
    "purchases_per_month",
    "allowance_share",
    "partner_funded_share",
    "partner_closed_share",
    "first_loss_covered_share",
];

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
    /// Measures that are reported, in order; the first is the loss.
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
    /// Index of the path.
    pub path: usize,
    /// Index of the policy.
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
    /// Index of the path.
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
    /// Index of the path at depth 0.
    pub base: usize,
    /// Index of the path at depth 1.
    pub severe: usize,
    /// Index of the policy.
    pub policy: usize,
    /// Replications at each depth.
    pub replications: u32,
    /// Width of the last bracket.
    pub precision: f64,
}
