//! The directory of a stress suite, and the work area beside it while the suite runs.
//!
//! | file | holds | in the hash |
//! |---|---|---|
//! | `suite.json` | the hash; distributions, shares of variance, paired differences, reverse stress, each with intervals | – |
//! | `worlds.csv` | a row a world and replication: hash of its last state, every measure as numerator and denominator | yes |
//! | `monthly.csv` | a row a world, replication and month: the series of the fan charts | yes |
//! | `distributions.csv`, `variance.csv`, `comparisons.csv`, `segments.csv`, `reverse.csv`, `sensitivity.csv` | `suite.json` as tables | no, all follow from the worlds |
//! | `view_sums.csv` | a row a world: the cells of the risk views ([`views`]) as numerator and denominator | yes |
//! | `views.csv`, `early_warning.csv`, `attribution.csv` | the risk views with intervals ([`risk`], [`risk_table`]) | no, all follow from the worlds |
//! | `scenario.toml` | the resolved input | no (its own sum is kept) |
//! | `timing.json` | machine and wall time | no |
//!
//! `DIR.work/` keeps each finished world in a file of its own ([`super::WorkArea`]) until the suite is whole.

mod coverage;
mod hash;
mod kept;
mod reading;
pub(crate) mod risk;
mod risk_table;
mod sensitivity;
mod sensitivity_table;
pub(crate) mod views;
mod writing;

pub(crate) use coverage::{CoverageRecord, Covered, SeedInterval, WANTED_SHARE, read_coverage};
pub(crate) use hash::suite_hash;
pub(crate) use kept::{KeptWorld, SERIES, Series};
pub(crate) use reading::{is_suite, read};
pub(crate) use risk::{Attribution, AttributionPart, EarlyWarning, RiskViews, ViewEstimate};
pub(crate) use sensitivity::{ElementaryEffect, MeasureEffect, ParameterEffect, Sensitivity, UnmovedParameter};
pub(crate) use writing::write_into;

use super::load::Estimate;
use super::{Provenance, Timing};
use serde::{Deserialize, Serialize};

/// A statistic of the tail at a share of the sample, when the sample carries it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct TailEstimate {
    /// Share of the sample below (0.95 for P95).
    pub share: f64,
    /// The value with its 95 % interval; `None` when the sample is too small to carry it.
    pub estimate: Option<Estimate>,
}

/// The distribution of one outcome over the replications of one world.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Distribution {
    /// Sample size.
    pub replications: u32,
    /// Mean, t interval.
    pub mean: Estimate,
    /// Standard deviation over replications.
    pub deviation: f64,
    /// Smallest value.
    pub least: f64,
    /// Largest value.
    pub most: f64,
    /// Quantiles, intervals by order statistics.
    pub quantiles: Vec<TailEstimate>,
    /// Means beyond a quantile, intervals by bootstrap.
    pub shortfalls: Vec<TailEstimate>,
}

/// Shares of a variance: common shocks against everybody's own luck.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct VarianceSplit {
    /// Draws of the common shocks.
    pub shocks: u32,
    /// Draws of luck for each of them.
    pub lucks: u32,
    /// Variance between shocks (a negative estimate is stated as 0).
    pub systematic_variance: f64,
    /// Variance of luck at the same shocks.
    pub idiosyncratic_variance: f64,
    /// Systematic over both, bootstrap interval over shocks.
    pub systematic_share: Estimate,
}

/// What another policy changes in one outcome, by pairs of replications.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct PairedDifference {
    /// Pairs.
    pub replications: u32,
    /// Mean under the first policy.
    pub base: f64,
    /// Other less first, paired t interval.
    pub difference: Estimate,
    /// Half the width of the interval that unpaired samples of the same size would give (Welch).
    pub unpaired_half: f64,
    /// Width of the paired over that of the unpaired interval; `None` when nothing varies.
    pub ratio: Option<f64>,
    /// Two-sided p-value of the paired t test of no difference.
    pub p: f64,
    /// The same after Holm's correction over all differences of the table on one path; `None` of a difference that stands alone.
    pub p_holm: Option<f64>,
}

/// Chance of any false alarm in a family of differences.
const ALARM: f64 = 0.05;

impl PairedDifference {
    /// True when it is told from nothing at 5 % over its whole family.
    pub(crate) fn differs(&self) -> bool {
        self.p_holm.unwrap_or(self.p) < ALARM
    }
}

/// An outcome of one world of the suite.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct OutcomeDistribution {
    /// Economy path.
    pub path: String,
    /// Policy.
    pub policy: String,
    /// Measure.
    pub measure: String,
    /// Its distribution; `None` when no replication has a value.
    pub distribution: Option<Distribution>,
}

/// The split of one outcome's variance on one path.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct OutcomeVariance {
    /// Economy path.
    pub path: String,
    /// Policy.
    pub policy: String,
    /// Measure.
    pub measure: String,
    /// The split; `None` when nothing varies or values are missing.
    pub split: Option<VarianceSplit>,
}

/// What a policy changes in one outcome on one path.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct OutcomeDifference {
    /// Economy path.
    pub path: String,
    /// The policy that is compared with the first one.
    pub policy: String,
    /// Measure.
    pub measure: String,
    /// The difference; `None` when values are missing.
    pub paired: Option<PairedDifference>,
}

/// What a policy changes in one measure of a segment of users on one path.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct SegmentDifference {
    /// Economy path.
    pub path: String,
    /// The policy that is compared with the first one.
    pub policy: String,
    /// Segment (`measure::words::SEGMENTS`).
    pub segment: String,
    /// Measure (`measure::SEGMENT_MEASURES`).
    pub measure: String,
    /// The difference; `None` when values are missing.
    pub paired: Option<PairedDifference>,
}

/// One depth of a reverse stress that was run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ReversePoint {
    /// Depth k of x(t, k) = base + k (severe − base).
    pub depth: f64,
    /// Mean of the measure over the replications.
    pub response: Estimate,
    /// The limit is broken there.
    pub broken: bool,
}

/// The mildest depth that breaks a limit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Crossing {
    /// The depth.
    pub depth: f64,
    /// Lower end of its 95 % interval.
    pub low: f64,
    /// Upper end; `None` when it lies beyond the largest depth that was tried.
    pub high: Option<f64>,
}

/// A reverse stress.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ReverseStress {
    /// Name.
    pub name: String,
    /// Measure.
    pub measure: String,
    /// `above` or `below`: on which side of the limit it is broken.
    pub breaks: String,
    /// The limit, in the unit of the measure.
    pub limit: f64,
    /// Path at depth 0.
    pub base: String,
    /// Path at depth 1.
    pub severe: String,
    /// Policy.
    pub policy: String,
    /// Replications at each depth.
    pub replications: u32,
    /// Everything that was run, by depth.
    pub points: Vec<ReversePoint>,
    /// First crossing; `None` when no depth breaks the limit.
    pub crossing: Option<Crossing>,
    /// The mean response is monotone over the depths that were run; else there are further crossings perhaps.
    pub monotone: bool,
    /// Share of the resamples in which no depth breaks the limit.
    pub never_share: f64,
    /// What was found, in a sentence.
    pub says: String,
}

/// A whole suite.
#[derive(Clone, Debug)]
pub(crate) struct SuiteRecord {
    /// What was run.
    pub provenance: Provenance,
    /// Paths in order.
    pub paths: Vec<String>,
    /// Policies in order; the first is the one that others are compared with.
    pub policies: Vec<String>,
    /// Measures that are reported, in order; the first is the loss.
    pub outcomes: Vec<String>,
    /// Replications.
    pub replications: u32,
    /// Every world that ran: those of the suite by replication, path and policy, then further lucks, then reverse
    /// stress, then sensitivity.
    pub worlds: Vec<KeptWorld>,
    /// Distributions.
    pub distributions: Vec<OutcomeDistribution>,
    /// Shares of variance.
    pub variances: Vec<OutcomeVariance>,
    /// Paired differences.
    pub differences: Vec<OutcomeDifference>,
    /// Paired differences by segment of users.
    pub segments: Vec<SegmentDifference>,
    /// Reverse stress.
    pub reverse: Vec<ReverseStress>,
    /// Which assumptions the answer hangs on, when it was asked for.
    pub sensitivity: Option<Sensitivity>,
    /// Risk views, early warning, attribution.
    pub risk: RiskViews,
    /// How long it took and on what.
    pub timing: Timing,
}

#[cfg(test)]
pub(crate) mod tests;
