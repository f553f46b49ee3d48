//! What a capacity search found, as plain values.

use serde::{Deserialize, Serialize};

/// One search in one world.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CapacityRecord {
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
    /// Highest rate that was carried at every probe, requests a second.
    pub carried_rate: Option<f64>,
    /// Lowest rate that was not; `None` when the search ended before it found one.
    pub broken_rate: Option<f64>,
    /// Customers whose behaviour makes the carried rate.
    pub active_customers: Option<f64>,
    /// The longer run at the carried rate held, too; `None` when none was made.
    pub confirmed: Option<bool>,
    /// The fitted law of throughput.
    pub law: Option<ScalabilityLaw>,
    /// What gave way first, in words.
    pub limited_by: String,
}

/// One probe.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ProbeRecord {
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
    /// Requests without a decision over offered ones.
    pub error_share: f64,
    /// Approval rate of drawings; `None` without any.
    pub approval_rate: Option<f64>,
    /// Measured wall seconds.
    pub seconds: f64,
    /// The verdict.
    pub carried: bool,
    /// Why it was not carried.
    pub reasons: Vec<String>,
}

/// The Universal Scalability Law X(N) = λ N / (1 + σ (N − 1) + κ N (N − 1)) through the probes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ScalabilityLaw {
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
pub struct Estimate {
    /// The value.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// A point of the fitted curve, requests a second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LawPoint {
    /// Offered.
    pub offered_rate: f64,
    /// Decided, with its 95% interval.
    pub decided_rate: Estimate,
}
