//! What a sensitivity analysis runs, resolved: which assumptions are moved, how far, and what is measured. `experiment::suite` runs it.

use std::collections::BTreeMap;

/// On one path under one policy: every assumption alone at the ends of its range, and all of them together on trajectories.
#[derive(Clone, Debug, PartialEq)]
pub struct SensitivityPlan {
    /// Index of the path.
    pub path: usize,
    /// Index of the policy.
    pub policy: usize,
    /// Measures that are reported; the first puts the assumptions in order.
    pub measures: Vec<String>,
    /// Relative step to either side.
    pub span: f64,
    /// Replications of each world when one assumption is moved.
    pub replications: u32,
    /// Trajectories on which all are moved.
    pub trajectories: u32,
    /// Users of its worlds; those of the scenario when `None`.
    pub users: Option<u32>,
    /// Keys or beginnings of keys that are moved; all when `None`.
    pub only: Option<Vec<String>>,
    /// Keys or beginnings of keys that are not moved.
    pub without: Vec<String>,
    /// Ranges in place of the step, by key: values of a number, factors or exponents of a list.
    pub ranges: BTreeMap<String, [f64; 2]>,
    /// Every number of grade L in the models.
    pub assumptions: Vec<Assumption>,
}

/// A number of grade L.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assumption {
    /// Dotted key in the document; `policies.NAME.KEY` of a policy file, `targets.MEASURE` of a target.
    pub key: String,
    /// Where it comes from.
    pub source: String,
}
