//! What charts and tables of a suite draw from.

use crate::report::numbers::grouped;
use crate::report::palette::series;
use crate::report::plot::{Key, Mark};
use crate::results::suite::{Distribution, KeptWorld, SuiteRecord};

/// What charts and tables draw from.
pub(super) struct SuiteView<'a> {
    pub record: &'a SuiteRecord,
    /// Below every chart's title: clock, size, seed.
    pub subtitle: String,
}

impl<'a> SuiteView<'a> {
    pub(super) fn new(record: &'a SuiteRecord) -> SuiteView<'a> {
        let p = &record.provenance;
        let subtitle = format!(
            "virtual clock · {} replications of {} users over {} months · seed {}",
            record.replications,
            grouped(p.users.into()),
            p.months,
            p.seed
        );
        SuiteView { record, subtitle }
    }

    /// The measure that is the loss.
    pub(super) fn loss(&self) -> &str {
        self.record.outcomes.first().map_or("", String::as_str)
    }

    pub(super) fn distribution(&self, path: &str, policy: &str, measure: &str) -> Option<&Distribution> {
        let all = self.record.distributions.iter();
        let found = all.filter(|o| o.path == path && o.policy == policy).find(|o| o.measure == measure);
        found.and_then(|o| o.distribution.as_ref())
    }

    /// The path with the highest mean loss under the first policy.
    pub(super) fn worst(&self) -> Option<(&str, &Distribution)> {
        let policy = self.record.policies.first()?;
        let all = self.record.paths.iter();
        let with = all.filter_map(|path| Some((path.as_str(), self.distribution(path, policy, self.loss())?)));
        with.max_by(|a, b| a.1.mean.value.total_cmp(&b.1.mean.value))
    }

    /// The worlds of one path and policy by replication.
    pub(super) fn worlds<'b>(&'b self, path: &'b str, policy: &'b str) -> impl Iterator<Item = &'b KeptWorld> {
        self.record.worlds.iter().filter(move |w| w.part == "suite" && w.path == path && w.policy == policy)
    }

    /// Every path with every policy, in order.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let policies = &self.record.policies;
        self.record.paths.iter().flat_map(move |path| policies.iter().map(move |p| (path.as_str(), p.as_str())))
    }
}

pub(super) fn policy_keys(view: &SuiteView<'_>) -> Vec<Key> {
    let policies = view.record.policies.iter().enumerate();
    Key::numbered(policies.map(|(i, name)| Key::new(name.as_str(), series(i), Mark::Square)).collect())
}
