//! What the service has left where something else ended the search: how busy its threads are, and when they would be full.
//!
//! The utilisation law U = X·D (Denning and Buzen 1978) holds whatever the arrivals: D is the CPU that a decision costs, all
//! that goes with it included (messages, queues, the close of days). What it says of rates that nobody probed is an extrapolation: D
//! may change there, and latency gives way before threads are full.

use crate::experiment::capacity::{Capacity, Verdict};
use crate::experiment::suite::statistics;
use crate::results::load::{Estimate, ServiceDemand};

/// Probes at this share of the carried rate and above tell the cost of a decision: at lower rates a thread is woken more often.
const FROM_SHARE: f64 = 0.8;
/// Fewest of them.
const PROBES_MIN: usize = 3;

impl Capacity {
    /// What a decision costs the service's threads in the probes that were carried, at four fifths of the rate found and above. `None` where
    /// no thread is the service's alone, nothing was carried, or the probes are too few.
    pub fn demand(&self) -> Option<ServiceDemand> {
        let rate = self.rate?;
        let figures = self.figures.as_ref().filter(|figures| figures.service_threads > 0)?;
        let stands = self.probes.iter().rev().find(|t| t.probe.rate == rate && t.verdict == Verdict::Carried)?;
        let near = self.probes.iter().filter(|t| {
            t.verdict == Verdict::Carried
                && t.probe.rate >= FROM_SHARE * rate
                && t.probe.figures.cpu_ns_per_decision > 0.0
        });
        let costs: Vec<f64> = near.map(|tried| tried.probe.figures.cpu_ns_per_decision).collect();
        if costs.len() < PROBES_MIN {
            return None;
        }
        let cost = statistics::mean(&costs)?;
        // A cost is above zero, however much the probes differ.
        let low = cost.low.max(0.01 * cost.value);
        let cpu_ns_per_decision = Estimate { low, ..cost };
        let full_ns = f64::from(figures.service_threads) * 1e9;
        let each = |of: fn(f64, f64, f64) -> f64| {
            let at = |cost_ns| of(cost_ns * stands.probe.decided_per_s, full_ns, rate);
            let (one, other) = (at(cpu_ns_per_decision.low), at(cpu_ns_per_decision.high));
            Estimate { value: at(cpu_ns_per_decision.value), low: one.min(other), high: one.max(other) }
        };
        Some(ServiceDemand {
            threads: figures.service_threads,
            probes: costs.len() as u32,
            cpu_ns_per_decision,
            busy_share: each(|spent_ns, full_ns, _| spent_ns / full_ns),
            full_rate: each(|spent_ns, full_ns, rate| rate * full_ns / spent_ns),
        })
    }
}
