//! What the service has left where something else ended the search: how busy its threads are, and when they would be full.
//!
//! The utilisation law U = X·D (Denning and Buzen 1978) holds whatever the arrivals: D is the CPU that a decision costs, all
//! that goes with it included (messages, queues, the close of days). What it says of rates that nobody probed is an extrapolation: D
//! may change there, and latency gives way before threads are full.

use crate::experiment::capacity::{Capacity, Verdict, stands};
use crate::experiment::suite::statistics;
use crate::results::load::{Estimate, ServiceDemand};

/// Probes at this share of the carried rate and above tell the cost of a decision: at lower rates a thread is woken more often.
const FROM_SHARE: f64 = 0.8;
/// Fewest of them.
const PROBES_MIN: usize = 3;

impl Capacity {
    /// What a decision costs the service's threads in the probes that were carried, at four fifths of the rate found and above. `None` where
    /// no thread is the service's alone, nothing was carried, or the probes are too few.
    pub(crate) fn demand(&self) -> Option<ServiceDemand> {
        let rate = self.rate?;
        let stands = stands(&self.probes, rate)?;
        let threads = Some(stands.figures.service_threads).filter(|threads| *threads > 0)?;
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
        let busy = |cost_ns: f64| cost_ns * stands.decided_per_s / (f64::from(threads) * 1e9);
        let [value, low, high] = [cost.value, low, cost.high].map(busy);
        Some(ServiceDemand {
            threads,
            probes: costs.len() as u32,
            cpu_ns_per_decision,
            busy_share: Estimate { value, low, high },
            full_rate: Estimate { value: rate / value, low: rate / high, high: rate / low },
        })
    }
}
