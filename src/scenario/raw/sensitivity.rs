//! `[suite.sensitivity]` as it is written.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::scenario::plan::sensitivity::{Assumption, SensitivityPlan};

/// `[suite.sensitivity]`: what the answer hangs on. Every number of grade L is moved alone, and all of them together.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct SensitivityFile {
    /// Name of the path (the first when absent).
    #[serde(default)]
    path: Option<String>,
    /// Name of the policy (the first when absent).
    #[serde(default)]
    policy: Option<String>,
    /// Measures that are reported; the first puts the assumptions in order (the suite's when absent).
    #[serde(default)]
    #[schemars(with = "Vec<String>", length(min = 1, max = 18))]
    measures: Option<Vec<String>>,
    /// Relative step to either side (0.2 when absent).
    #[serde(default)]
    #[schemars(range(min = 0.01, max = 0.9))]
    span: Option<f64>,
    /// Replications of each world when one assumption is moved (those of the suite when absent).
    #[serde(default)]
    #[schemars(range(min = 2, max = 10_000))]
    replications: Option<u32>,
    /// Trajectories on which all assumptions are moved one after the other; 0 is none (8 when absent).
    #[serde(default)]
    #[schemars(range(max = 1_000))]
    trajectories: Option<u32>,
    /// Users of its worlds (those of the scenario when absent).
    #[serde(default)]
    #[schemars(range(min = 100, max = 10_000_000))]
    users: Option<u32>,
    /// Keys, or beginnings of keys, that are moved (all when absent).
    #[serde(default)]
    only: Option<Vec<String>>,
    /// Keys, or beginnings of keys, that are not moved.
    #[serde(default)]
    without: Vec<String>,
    /// Ranges of some keys in place of the relative step: values of a number, factors (or exponents) of a list.
    #[serde(default)]
    ranges: BTreeMap<String, [f64; 2]>,
    /// Every assumption of the models; filled in by the reader.
    #[serde(default)]
    assumptions: Vec<AssumptionFile>,
}

/// A number of grade L.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AssumptionFile {
    /// Dotted key.
    key: String,
    /// Where it comes from.
    source: String,
}

/// Finds the positions of names in the plan of a suite.
pub(in crate::scenario) struct Positions<'a> {
    /// Of a path.
    pub(in crate::scenario) path: &'a dyn Fn(&String) -> usize,
    /// Of a policy.
    pub(in crate::scenario) policy: &'a dyn Fn(&String) -> usize,
}

impl SensitivityFile {
    /// The plan; the rules have checked the names that are to be found.
    pub(in crate::scenario) fn plan(
        &self,
        found: &Positions<'_>,
        outcomes: &[String],
        replications: u32,
    ) -> SensitivityPlan {
        let assumption = |a: &AssumptionFile| Assumption { key: a.key.clone(), source: a.source.clone() };
        SensitivityPlan {
            path: self.path.as_ref().map_or(0, found.path),
            policy: self.policy.as_ref().map_or(0, found.policy),
            measures: self.measures.clone().unwrap_or_else(|| outcomes.to_vec()),
            span: self.span.unwrap_or(0.2),
            replications: self.replications.unwrap_or(replications),
            trajectories: self.trajectories.unwrap_or(8),
            users: self.users,
            only: self.only.clone(),
            without: self.without.clone(),
            ranges: self.ranges.clone(),
            assumptions: self.assumptions.iter().map(assumption).collect(),
        }
    }
}
