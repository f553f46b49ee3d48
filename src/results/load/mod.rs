//! The directory of a load run: what the wall clock measured, written once, read back whole.
//!
//! | file | holds |
//! |---|---|
//! | `summary.json` | verdict first, then every number with its definition; the sums of the other files |
//! | `timeseries.csv` | a row a second and operation, and one for all requests with backlog, memory and CPU |
//! | `run.hlog` | HdrHistogram interval log: latency in nanoseconds, a line a second and operation (tag) |
//! | `totals.hlog` | the same format: the histograms of the whole run, which the report draws |
//! | `<operation>.hgrm` | percentile distribution in milliseconds, as HdrHistogram's tools print it |
//! | `junit.xml` | objectives as test cases |
//! | `scenario.toml` | the resolved input |
//!
//! Nothing in it is claimed to be reproducible; checksums only say that the files are those that were written.

mod capacity;
mod consistency;
mod definitions;
mod difference;
mod hlog;
mod junit;
mod percentiles;
mod plain;
mod reading;
mod series;
mod summary;
mod writing;

pub(crate) use capacity::{
    CapacityRecord, Estimate, LawPoint, OperationFigures, ProbeRecord, ProbeVerdict, ScalabilityLaw, ServiceDemand,
    WorldFigures,
};
pub(crate) use consistency::disagreements;
pub(crate) use difference::{Figure, WorldDifference};
pub(crate) use hlog::{IntervalHistogram, RunLog, read_log};
pub(crate) use junit::observed_words;
pub(crate) use percentiles::Percentiles;
pub(crate) use reading::read;
pub(crate) use writing::write_into;

use super::{Machine, Origin};
use crate::measure::latency::{LoadObservations, ObjectiveOutcome, Standing};
use crate::scenario::{Arrivals, Durability, LoadPlan, Placement, Scenario, Shape, UserLoop};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// What clock a load run was made by, in the words that results and charts carry.
pub(crate) const CLOCK: &str = "wall clock: measured, not reproducible";

/// Row name of all requests together.
pub(crate) const ALL: &str = "all";

/// What was run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct LoadProvenance {
    /// Short name of the scenario.
    pub name: String,
    /// One line for reports.
    pub title: String,
    /// Product in words.
    pub product_title: String,
    /// Users of the world.
    pub users: u32,
    /// Seed.
    pub seed: u64,
    /// Replication under the seed.
    pub replication: u32,
    /// How it was loaded, in words.
    pub plan: PlanWords,
    /// Start of the measured time, milliseconds since 1970.
    pub started_unix_ms: u64,
    /// The complete resolved input.
    #[serde(skip)]
    pub resolved_toml: String,
    /// Clock, seed, input, program and command.
    #[serde(skip)]
    pub origin: Origin,
}

/// A load plan as results show it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PlanWords {
    /// Shape of the load.
    pub shape: String,
    /// How arrivals lie in it.
    pub arrivals: String,
    /// What users do while an answer is outstanding.
    pub users: String,
    /// Where generator and service ran.
    pub placement: String,
    /// When an answer counts as safe.
    pub durability: String,
    /// Deadline, retries, patience, bound of queues.
    pub limits: String,
    /// Simulated moment of the hand-over and the speed of time.
    pub hand_over: String,
    /// Stalls put in on purpose.
    pub stalls: String,
}

impl PlanWords {
    /// A plan in words.
    pub(crate) fn of(plan: &LoadPlan) -> PlanWords {
        let speed = plan.speed_milli as f64 / 1e3;
        let shape = match plan.shape {
            Shape::Behaviour => format!("behaviour: people act as they would, {speed} simulated seconds a second"),
            Shape::Constant { rate } => format!("constant, {rate} requests/s"),
            Shape::Ramp { from, to } => format!("ramp from {from} to {to} requests/s"),
            Shape::Stairs { from, to, steps } => format!("{steps} stairs from {from} to {to} requests/s"),
            Shape::Spike { base, peak, at_ms, for_ms } => {
                format!("spike: {base} requests/s, {peak} from {} s for {} s", at_ms as f64 / 1e3, for_ms as f64 / 1e3)
            }
        };
        let users = match plan.users {
            UserLoop::PartlyOpen => "partly open: visits arrive as they come, steps inside a visit wait".to_string(),
            UserLoop::Closed { users, think_ms } => format!(
                "CLOSED: {users} users wait for each answer and think {think_ms} ms; latency under overload is understated"
            ),
        };
        let placement = match plan.placement {
            Placement::Separate { generators, services } => {
                format!("separate: {generators} generator and {services} service threads")
            }
            Placement::SideBySide { threads } => {
                format!("side by side on {threads} threads: the generator competes with the service")
            }
        };
        let durability = match plan.durability {
            Durability::None => "none: nothing is written".to_string(),
            Durability::Buffered => "buffered: survives the process, not the machine".to_string(),
            Durability::Group { max_us, max_records } => {
                format!("group(max_us = {max_us}, max_records = {max_records})")
            }
        };
        let stalls: Vec<String> =
            plan.stalls.iter().map(|s| format!("{} ms at {} s", s.for_ms, s.at_ms as f64 / 1e3)).collect();
        PlanWords {
            shape,
            arrivals: match plan.arrivals {
                Arrivals::Even => "evenly spaced".to_string(),
                Arrivals::Poisson => "Poisson".to_string(),
            },
            users,
            placement,
            durability,
            limits: format!(
                "queue of a cell {}, deadline {} ms, {} retries from {} ms on, patience {} ms",
                plan.queue_limit, plan.deadline_ms, plan.retry.times, plan.retry.backoff_ms, plan.retry.patience_ms
            ),
            hand_over: format!("{}, speed {speed}", plan.at),
            stalls: if stalls.is_empty() { "none".to_string() } else { stalls.join(", ") },
        }
    }
}

impl LoadProvenance {
    /// What a scenario and its plan say of themselves.
    pub(crate) fn of(scenario: &Scenario, plan: &LoadPlan, started_unix_ms: u64) -> LoadProvenance {
        LoadProvenance {
            name: scenario.name.clone(),
            title: scenario.title.clone(),
            product_title: scenario.product_title.clone(),
            users: scenario.users,
            seed: scenario.seed,
            replication: scenario.replication,
            plan: PlanWords::of(plan),
            started_unix_ms,
            resolved_toml: scenario.resolved_toml.clone(),
            origin: Origin::default(),
        }
    }
}

/// A whole load run.
#[derive(Clone, Debug)]
pub(crate) struct LoadRecord {
    /// What was run.
    pub provenance: LoadProvenance,
    /// What was observed; for a capacity search the confirming run.
    pub observations: LoadObservations,
    /// How the objectives stand.
    pub objectives: Vec<ObjectiveOutcome>,
    /// Capacity searches, one a world; empty for a plain load run.
    pub capacity: Vec<CapacityRecord>,
    /// On what.
    pub machine: Machine,
    /// Versions of the program and what built it.
    pub versions: BTreeMap<String, String>,
}

/// The answer of a load run in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// No measurement of the service.
    Invalid,
    /// An objective is broken, or the books do not balance.
    Broken,
    /// None is broken, but for some there were too few samples.
    NotKnown,
    /// All objectives hold.
    Holds,
    /// The run only measures: it has no objectives.
    Measured,
}

impl Verdict {
    /// Its name in files and tables.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Verdict::Invalid => "INVALID",
            Verdict::Broken => "broken",
            Verdict::NotKnown => "not known",
            Verdict::Holds => "holds",
            Verdict::Measured => "measured",
        }
    }
}

impl LoadRecord {
    /// The answer in a word: validity first, then the books, then the objectives.
    pub(crate) fn verdict(&self) -> Verdict {
        let any = |standing| self.objectives.iter().any(|o| o.standing == standing);
        if !self.observations.invalid.is_empty() {
            Verdict::Invalid
        } else if !self.observations.ledger_balanced || any(Standing::Broken) {
            Verdict::Broken
        } else if any(Standing::NotKnown) {
            Verdict::NotKnown
        } else if self.objectives.is_empty() {
            Verdict::Measured
        } else {
            Verdict::Holds
        }
    }
}

/// True for the directory of a load run.
pub(crate) fn is_load_run(dir: &Path) -> bool {
    dir.join("summary.json").is_file() && dir.join("timeseries.csv").is_file()
}

#[cfg(test)]
pub(crate) mod tests;
