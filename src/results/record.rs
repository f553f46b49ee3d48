//! A run as it is written and read back: what was run, what was observed, how long it took.

use super::origin::Origin;
use super::timing::Timing;
use crate::base::time::Day;
use crate::measure::WorldObservations;
use crate::scenario::{Scenario, Target};

/// What was run.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Provenance {
    /// Short name of the scenario.
    pub name: String,
    /// One line for reports.
    pub title: String,
    /// Product in words.
    pub product_title: String,
    /// Users of the world.
    pub users: u32,
    /// Counted months.
    pub months: u16,
    /// Months before them.
    pub warmup_months: u16,
    /// Seed.
    pub seed: u64,
    /// Replication under the seed.
    pub replication: u32,
    /// First counted day.
    pub start: Day,
    /// Names of the funders, the platform's own lender first.
    pub funders: Vec<String>,
    /// Calibration targets of the product.
    pub targets: Vec<Target>,
    /// The complete resolved input.
    pub resolved_toml: String,
    /// Where it comes from; empty of what was run from resolved input.
    pub origin: Origin,
}

impl Provenance {
    /// Where a former run's input was read from: a run from its resolved input cannot know it.
    pub(crate) fn take_origin(&mut self, former: &Provenance) {
        self.origin.clone_from(&former.origin);
    }

    /// What a scenario says of itself.
    pub(crate) fn of(scenario: &Scenario) -> Provenance {
        let partners = scenario.base.terms.funding.partners.iter().map(|p| p.name.clone());
        Provenance {
            name: scenario.name.clone(),
            title: scenario.title.clone(),
            product_title: scenario.product_title.clone(),
            users: scenario.users,
            months: scenario.months,
            warmup_months: scenario.warmup_months,
            seed: scenario.seed,
            replication: scenario.replication,
            start: scenario.start,
            funders: std::iter::once("Platform".to_string()).chain(partners).collect(),
            targets: scenario.targets.clone(),
            resolved_toml: scenario.resolved_toml.clone(),
            origin: Origin::default(),
        }
    }
}

/// A whole run.
#[derive(Clone, Debug)]
pub(crate) struct RunRecord {
    /// What was run.
    pub provenance: Provenance,
    /// What was observed, in the order of the scenario; the first world is the one that others are compared with.
    pub worlds: Vec<WorldObservations>,
    /// How long it took and on what.
    pub timing: Timing,
}
