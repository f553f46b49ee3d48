//! How often intervals hold the truth: the record of a coverage experiment and its files.

use super::super::json;
use super::super::table::field;
use crate::results::load::Estimate;
use crate::results::{Origin, ResultsError};
use serde::{Deserialize, Serialize};
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// The interval of one seed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct SeedInterval {
    /// Number of the seed, from 0.
    pub number: u32,
    /// The seed.
    pub seed: u64,
    /// What its replications say.
    pub estimate: Estimate,
}

/// One mean or difference over all seeds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Covered {
    /// Measure.
    pub measure: String,
    /// Path.
    pub path: String,
    /// Policy.
    pub policy: String,
    /// The policy that it is set against, of a paired difference; `None` of a mean.
    pub against: Option<String>,
    /// The long-run value, with the interval of its own sample.
    pub long_run: Estimate,
    /// Intervals that were looked at.
    pub intervals: u32,
    /// Of them: the long-run value is inside.
    pub held: u32,
    /// … below.
    pub below: u32,
    /// … above.
    pub above: u32,
    /// `held` over `intervals`, with the binomial interval of Clopper and Pearson (95 %).
    pub share: Estimate,
    /// Mean half width of the intervals over the half width of the long-run value's.
    pub width_to_long_run: f64,
    /// By seed.
    pub seeds: Vec<SeedInterval>,
}

/// The share of intervals at 95 % that must hold the truth.
pub(crate) const WANTED_SHARE: (f64, f64) = (0.90, 0.99);

/// Fewer intervals than these are not judged: of 20 good ones all hold in a third of all cases.
const JUDGED_MIN: u32 = 100;

impl Covered {
    /// Whether the share lies where that of a 95 % interval should; `None` of too few intervals.
    pub(crate) fn is_right(&self) -> Option<bool> {
        let (low, high) = WANTED_SHARE;
        (self.intervals >= JUDGED_MIN).then(|| (low..=high).contains(&self.share.value))
    }

    /// `mean` or `difference`, in words.
    pub(crate) fn what(&self) -> String {
        match &self.against {
            None => format!("mean of {} on {}, {}", self.measure, self.path, self.policy),
            Some(first) => format!("{} on {}: {} less {first}", self.measure, self.path, self.policy),
        }
    }
}

/// A coverage experiment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct CoverageRecord {
    /// Name of the scenario.
    pub scenario: String,
    /// Its seed; those of the experiment count from it.
    pub seed: u64,
    /// Users of a world.
    pub users: u32,
    /// Counted months.
    pub months: u16,
    /// Replications of each seed: the sample of one interval.
    pub replications: u32,
    /// Seeds, each a sample.
    pub seeds: u32,
    /// Replications behind the long-run values, under a seed of their own.
    pub long_run_replications: u32,
    /// What was looked at.
    pub covered: Vec<Covered>,
    /// Where it comes from.
    #[serde(default)]
    pub origin: Origin,
}

/// Reads the record of a coverage experiment back.
///
/// # Errors
/// When `coverage.json` is missing or holds something else.
pub(crate) fn read_coverage(dir: &Path) -> Result<CoverageRecord, ResultsError> {
    super::super::reading::json(dir, "coverage.json")
}

impl CoverageRecord {
    /// A share of intervals lies where it should not.
    pub(crate) fn is_wrong(&self) -> bool {
        self.covered.iter().any(|covered| covered.is_right() == Some(false))
    }

    /// The text of `coverage.json`.
    pub(crate) fn json(&self) -> String {
        json::text(self)
    }

    /// Writes `coverage.json`, `coverage.csv` (a row an interval) and the scenario into a directory that exists.
    ///
    /// # Errors
    /// From the file system.
    pub(crate) fn write_into(&self, dir: &Path, resolved_toml: &str) -> Result<(), ResultsError> {
        let files = [
            ("scenario.toml", resolved_toml.to_string()),
            ("coverage.csv", self.csv()),
            ("coverage.json", self.json()),
        ];
        for (name, text) in files {
            let path = dir.join(name);
            fs::write(&path, text).map_err(|e| ResultsError::io(&path, e))?;
        }
        Ok(())
    }

    fn csv(&self) -> String {
        let mut out = String::from("measure,path,policy,against,seed,value,low_95,high_95,long_run,holds\n");
        for c in &self.covered {
            let (path, policy) = (field(&c.path), field(&c.policy));
            let against = field(c.against.as_deref().unwrap_or_default());
            for s in &c.seeds {
                let (e, truth) = (s.estimate, c.long_run.value);
                let holds = i32::from(e.low <= truth && truth <= e.high);
                let values = format!("{},{},{},{truth},{holds}", e.value, e.low, e.high);
                // Writing to a `String` cannot fail.
                let _ = writeln!(out, "{},{path},{policy},{against},{},{values}", c.measure, s.seed);
            }
        }
        out
    }
}
