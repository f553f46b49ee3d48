//! The worlds of a suite by path, policy and replication.

use crate::results::suite::KeptWorld;
use crate::scenario::SuitePlan;

/// The worlds of a suite as the statistics look at them.
pub(in crate::experiment::suite) struct View<'a> {
    pub plan: &'a SuitePlan,
    pub worlds: &'a [KeptWorld],
    pub seed: u64,
}

impl View<'_> {
    /// The worlds of a path and policy by replication.
    pub(in crate::experiment::suite) fn replications(
        &self,
        path: usize,
        policy: usize,
    ) -> impl Iterator<Item = &KeptWorld> {
        let (policies, each) = (self.plan.policies.len(), self.plan.paths.len() * self.plan.policies.len());
        let suite = &self.worlds[..each * self.plan.replications as usize];
        suite.iter().skip(path * policies + policy).step_by(each)
    }

    /// A measure of one world by replication.
    pub(in crate::experiment::suite) fn values(&self, path: usize, policy: usize, measure: &str) -> Vec<Option<f64>> {
        self.replications(path, policy).map(|world| world.value(measure)).collect()
    }
}
