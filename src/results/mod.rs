//! The run directory: written once, read back whole, hashed.
//!
//! | file | holds | in the hash |
//! |---|---|---|
//! | `scenario.toml` | the resolved input; running it again gives the same result | no (its own sum is kept) |
//! | `provenance.json` | what was run, the worlds with the hash of their last state, calibration targets | yes, but titles and targets |
//! | `result.json` | the hash and the measures of each world | – |
//! | `monthly.csv` | every counter by world and month | yes |
//! | `declines.csv`, `transitions.csv`, `postings.csv` | the long counters of the month | yes |
//! | `vintages.csv`, `cohorts.csv`, `hosts.csv` | what is not by month | yes |
//! | `journal.csv`, `trial_balance.csv` | the books | yes |
//! | `groups.csv`, `ecl.csv` | the book by groups of people, expected loss by scenario and stage, month-ends | no |
//! | `funnel.csv` | a view of `monthly.csv` for people | no |
//! | `timing.json` | machine, wall time, rates: differs from run to run | no |
//! | `manifest.json` | every file with its length and hash ([`manifest`]) | – |
//!
//! Reading fills a [`RunRecord`] from the directory alone and compares the hash, so a damaged or edited directory is
//! refused. This module and `scenario::file` are the only homes of serde.

mod check;
mod columns;
mod directory;
mod error;
pub(crate) mod export;
mod hash;
mod json;
pub(crate) mod load;
mod lock;
mod manifest;
mod ownership;
mod place;
pub(crate) mod products;
mod reading;
pub(crate) mod risk;
pub(crate) mod scoring;
mod scratch;
pub(crate) mod suite;
mod table;
mod writing;

pub(crate) use crate::scenario::Target;
pub(crate) use check::{as_written, unlike};
pub(crate) use directory::{Former, RunDirectory};
pub(crate) use error::ResultsError;
pub(crate) use hash::record_hash;
pub(crate) use json::checksum as text_sum;
pub(crate) use json::{Machine, Phase, Timing};
pub(crate) use lock::Lock;
pub(crate) use manifest::{Kind, renew};
pub(crate) use ownership::{REPORT_SCRATCH, clear_report_scratch, kind_of};
pub(crate) use place::{beside, numbered};
pub(crate) use scratch::Scratch;
pub(crate) use writing::write_all as write_run;

use crate::base::time::Day;
use crate::measure::{WorldObservations, measures};
use crate::scenario::Scenario;
use std::path::Path;

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
    /// Where the scenario was read from; empty of what was run from resolved input.
    pub scenario_file: String,
    /// … and its models.
    pub models: String,
}

impl Provenance {
    /// Where a former run's input was read from: a run from its resolved input cannot know it.
    pub(crate) fn take_origin(&mut self, former: &Provenance) {
        self.scenario_file.clone_from(&former.scenario_file);
        self.models.clone_from(&former.models);
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
            scenario_file: String::new(),
            models: String::new(),
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

impl RunRecord {
    /// The text of `result.json`: the hash and each world's measures.
    pub(crate) fn result_json(&self) -> String {
        let all: Vec<_> = self.worlds.iter().map(|w| (w.name.as_str(), measures(w))).collect();
        json::result_text(&record_hash(self), &all)
    }
}

/// Reads a run directory back and checks its hash.
///
/// # Errors
/// Says which file, and which line of it, is missing or wrong.
pub(crate) fn read(dir: &Path) -> Result<RunRecord, ResultsError> {
    reading::read(dir)
}

#[cfg(test)]
pub(crate) mod tests;
