//! What a capacity search found, as plain values: probes, brackets, the answer and why. `experiment::capacity` makes them, `report` and
//! `summary` state them.

use serde::{Deserialize, Serialize};

/// One search in one world.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct CapacityRecord {
    /// The world.
    pub world: String,
    /// What counts as carried, in words.
    pub objective: String,
    /// Quantile of the latency objective.
    pub quantile: f64,
    /// … and its bound, nanoseconds.
    pub below_ns: u64,
    /// All probes in the order in which they were made.
    pub probes: Vec<ProbeRecord>,
    /// Highest rate that the majority of its probes carried, below all that were not; requests that people start a second.
    pub carried_rate: Option<f64>,
    /// Lowest rate above it at which the service failed; `None` when it failed at none.
    pub broken_rate: Option<f64>,
    /// Something other than the service ended the search from above: the carried rate is a lower bound.
    #[serde(default)]
    pub at_least: bool,
    /// Customers whose behaviour makes the carried rate.
    pub active_customers: Option<f64>,
    /// The longer run at the carried rate held, too; `None` when none was made, or none that says anything about the service.
    pub confirmed: Option<bool>,
    /// What the service did at the carried rate; `None` when nothing was carried.
    #[serde(default)]
    pub figures: Option<WorldFigures>,
    /// What a decision costs the service's threads, and when they would be full.
    #[serde(default)]
    pub demand: Option<ServiceDemand>,
    /// The fitted law of throughput.
    pub law: Option<ScalabilityLaw>,
    /// What gave way first, in words.
    pub limited_by: String,
}

impl CapacityRecord {
    /// A rate was carried, and a longer run held it.
    pub(crate) fn is_confirmed(&self) -> bool {
        self.carried_rate.is_some() && self.confirmed == Some(true)
    }
}

/// One probe.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct ProbeRecord {
    /// What it was for: `grow`, `bisect`, `boundary`, `confirm`.
    pub phase: String,
    /// Rate that was asked for, requests a second.
    pub rate: f64,
    /// Rate that was offered.
    pub offered_rate: f64,
    /// Rate that was decided.
    pub decided_rate: f64,
    /// Median latency, nanoseconds.
    pub p50_ns: Option<u64>,
    /// Latency at the objective's quantile, nanoseconds.
    pub quantile_ns: Option<u64>,
    /// Requests without a decision over offered ones; `None` when none was offered.
    pub error_share: Option<f64>,
    /// Approval rate of drawings; `None` without any.
    pub approval_rate: Option<f64>,
    /// The same of the whole simulated days that closed in the probe; `None` when none did.
    #[serde(default)]
    pub approval_of_days: Option<f64>,
    /// What the virtual clock approves on those days.
    #[serde(default)]
    pub virtual_approval_of_days: Option<f64>,
    /// Measured wall seconds.
    pub seconds: f64,
    /// Seconds that are left out of latencies and errors, since the generator was late in them.
    #[serde(default)]
    pub late_seconds: u32,
    /// The verdict.
    pub verdict: ProbeVerdict,
    /// Why it was not carried.
    pub reasons: Vec<String>,
}

/// What a probe says about its rate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ProbeVerdict {
    /// Every clause held.
    #[default]
    Carried,
    /// The service failed a clause.
    Broken,
    /// Nothing failed, but too few samples tell the quantile.
    TooFew,
    /// The load generator gave way: no evidence about the service.
    Invalid,
}

/// What the service did in the probe that stands for the answer of a search (the confirming run that held, else the last
/// carried one at the rate), and the world that it had before it. These are what two worlds are compared by.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct WorldFigures {
    /// Approval rate of drawings; `None` without any.
    pub approval_rate: Option<f64>,
    /// Time that the service worked on a decided request, mean, nanoseconds.
    pub service_ns_mean: f64,
    /// CPU of the threads that hold the cells for each decided request, nanoseconds: messages, queues and the close of days
    /// beside the service time.
    pub cpu_ns_per_decision: f64,
    /// Threads that hold cells and nothing else; 0 where they hold people too, and their CPU is not the service's alone.
    #[serde(default)]
    pub service_threads: u32,
    /// Operations of users that were decided at all.
    pub operations: Vec<OperationFigures>,
    /// Simulated days closed for each million of decided requests.
    pub closes_per_million: f64,
    /// Share of the measured time in which a simulated day was closing.
    pub closing_share: f64,
    /// Requests a second of one live account at the hour of the hand-over, on the virtual clock.
    pub account_rate: f64,
    /// Live accounts at the hand-over.
    pub live_accounts: i64,
    /// Share of principal 30 or more days past due at the hand-over; `None` without principal.
    pub overdue_30_share: Option<f64>,
    /// Statements for each thousand of requests, in the month up to the hand-over on the virtual clock.
    pub statements_per_thousand: f64,
}

/// What a decision costs the threads of the service, by the probes that were carried near the rate found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct ServiceDemand {
    /// Threads of the service.
    pub threads: u32,
    /// Probes that tell it.
    pub probes: u32,
    /// CPU of a decision, nanoseconds.
    pub cpu_ns_per_decision: Estimate,
    /// Busy share of the threads at the carried rate.
    pub busy_share: Estimate,
    /// Rate at which they would be full if a decision went on to cost as much, in the unit of the carried rate: an extrapolation
    /// wherever it lies beyond that.
    pub full_rate: Estimate,
}

/// One operation in the mix.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct OperationFigures {
    /// Its name.
    pub operation: String,
    /// Share of the decided requests.
    pub share: f64,
    /// Time that the service worked on one, mean, nanoseconds.
    pub service_ns_mean: f64,
}

/// The Universal Scalability Law X(N) = λ N / (1 + σ (N − 1) + κ N (N − 1)) through the probes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct ScalabilityLaw {
    /// λ: throughput without contention, for each unit of N.
    pub lambda: Estimate,
    /// σ: contention.
    pub sigma: Estimate,
    /// κ: coherence.
    pub kappa: Estimate,
    /// The curve by offered rate.
    pub curve: Vec<LawPoint>,
    /// Offered rate beyond which no probe lies.
    pub extrapolated_from: f64,
}

/// A value with its 95% interval.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Estimate {
    /// The value.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// A point of the fitted curve, requests a second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct LawPoint {
    /// Offered.
    pub offered_rate: f64,
    /// Decided, with its 95% interval.
    pub decided_rate: Estimate,
}
