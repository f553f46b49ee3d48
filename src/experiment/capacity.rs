//! The capacity search: the highest rate that a service carries, by growing, bisecting, repeating and confirming.
//!
//! It knows no clocks: a probe is a function from a rate and a length to what was seen. Each probe starts from the same world
//! and ends with its backlog drained, so probes do not load each other. The verdict of a probe is joint: latency within the
//! objective AND requests decided AND approvals within the band AND books balanced. A probe whose generator fell short says
//! nothing about the service; the search then ends with "at least".

use crate::experiment::scalability;
use crate::results::load::{CapacityRecord, ProbeRecord};
use crate::scenario::CapacityPlan;

/// What a probe saw.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Probe {
    /// Requests of users offered a second, what follows from them included.
    pub offered_rate: f64,
    /// Decided a second.
    pub decided_rate: f64,
    /// Median latency.
    pub p50_ns: Option<u64>,
    /// Latency at the plan's quantile, `None` when too few samples carry it.
    pub quantile_ns: Option<u64>,
    /// Requests without a decision over offered ones.
    pub error_share: f64,
    /// Approval rate of drawings.
    pub approval_rate: Option<f64>,
    /// Every ledger balanced.
    pub balanced: bool,
    /// Why it is no measurement of the service, when it is none.
    pub invalid: Vec<String>,
}

/// Probes that grow at most: from one request a second this reaches any rate.
const GROWING_MAX: usize = 40;

/// Confirming runs at most; each failure steps back by one precision.
const CONFIRMING_MAX: usize = 4;

struct Search<'a, E> {
    plan: &'a CapacityPlan,
    probe: &'a mut dyn FnMut(f64, u64) -> Result<Probe, E>,
    probes: Vec<ProbeRecord>,
    approval_base: Option<f64>,
    /// A probe was no measurement.
    generator_fell_short: bool,
}

impl<E> Search<'_, E> {
    /// Makes one probe; true when it was carried.
    fn at(&mut self, phase: &str, rate: f64, wall_ms: u64) -> Result<bool, E> {
        let seen = (self.probe)(rate, wall_ms)?;
        if self.approval_base.is_none() {
            self.approval_base = seen.approval_rate;
        }
        self.generator_fell_short |= !seen.invalid.is_empty();
        let reasons = self.reasons(&seen);
        let carried = reasons.is_empty();
        self.probes.push(ProbeRecord {
            phase: phase.to_string(),
            rate,
            offered_rate: seen.offered_rate,
            decided_rate: seen.decided_rate,
            p50_ns: seen.p50_ns,
            quantile_ns: seen.quantile_ns,
            error_share: seen.error_share,
            approval_rate: seen.approval_rate,
            seconds: wall_ms as f64 / 1e3,
            carried,
            reasons,
        });
        Ok(carried)
    }

    /// Everything that speaks against a probe.
    fn reasons(&self, seen: &Probe) -> Vec<String> {
        let mut reasons: Vec<String> = seen.invalid.iter().map(|why| format!("no measurement: {why}")).collect();
        let percentile = self.plan.quantile * 100.0;
        let bound_ms = self.plan.below_ns as f64 / 1e6;
        match seen.quantile_ns {
            Some(ns) if ns < self.plan.below_ns => {}
            Some(ns) => reasons.push(format!("p{percentile} {:.2} ms, not below {bound_ms} ms", ns as f64 / 1e6)),
            None => reasons.push(format!("too few requests for p{percentile}: a longer probe")),
        }
        let borne = f64::from(self.plan.error_rate.0) / 1e6;
        if seen.error_share > borne {
            reasons.push(format!("{:.3} % of requests without a decision", seen.error_share * 100.0));
        }
        let band = f64::from(self.plan.approval_band.0) / 1e6;
        if let (Some(base), Some(rate)) = (self.approval_base, seen.approval_rate)
            && (rate - base).abs() > band
        {
            let (rate, base) = (rate * 100.0, base * 100.0);
            reasons.push(format!("{rate:.1} % of drawings approved, {base:.1} % at the first probe"));
        }
        if !seen.balanced {
            reasons.push("the books do not balance".to_string());
        }
        reasons
    }

    /// The majority of the plan's repeats at a rate.
    fn repeated(&mut self, rate: f64) -> Result<bool, E> {
        let repeats = usize::from(self.plan.repeats.max(1));
        let mut carried = 0;
        for made in 1..=repeats {
            carried += usize::from(self.at("boundary", rate, self.plan.probe_ms)?);
            // Decided when the rest cannot change it.
            if carried * 2 > repeats || (made - carried) * 2 > repeats {
                break;
            }
        }
        Ok(carried * 2 > repeats)
    }
}

/// Searches a world. `active_rate` is the requests a second of one active customer at the scenario's hour.
///
/// # Errors
/// The first error of `probe`, unchanged.
pub fn search<E>(
    world: &str,
    plan: &CapacityPlan,
    active_rate: f64,
    probe: &mut dyn FnMut(f64, u64) -> Result<Probe, E>,
) -> Result<CapacityRecord, E> {
    let mut search = Search { plan, probe, probes: Vec::new(), approval_base: None, generator_fell_short: false };
    let (mut carried, mut broken) = (None, None);
    let mut rate = plan.start_rate;
    for _ in 0..GROWING_MAX {
        if !search.at("grow", rate, plan.probe_ms)? {
            broken = Some(rate);
            break;
        }
        carried = Some(rate);
        rate *= plan.growth;
    }
    // The first probe may be too much already: then the search goes down as it went up.
    while let (None, Some(too_much)) = (carried, broken) {
        let rate = too_much / plan.growth;
        if rate < 1.0 {
            break;
        }
        if search.at("grow", rate, plan.probe_ms)? {
            carried = Some(rate);
        } else {
            broken = Some(rate);
        }
    }
    while let (Some(low), Some(high)) = (carried, broken)
        && (high - low) / ((high + low) / 2.0) > plan.precision
    {
        let middle = (low * high).sqrt();
        if search.at("bisect", middle, plan.probe_ms)? {
            carried = Some(middle);
        } else {
            broken = Some(middle);
        }
    }
    // The boundary is noisy: what carries must carry more often than not.
    while let Some(low) = carried
        && broken.is_some()
        && !search.repeated(low)?
    {
        broken = Some(low);
        carried = (low > 1.0).then_some(low * (1.0 - plan.precision));
    }
    let mut confirmed = None;
    for _ in 0..CONFIRMING_MAX {
        let Some(low) = carried else { break };
        let held = search.at("confirm", low, plan.confirm_ms)?;
        confirmed = Some(held);
        if held {
            break;
        }
        broken = Some(low);
        carried = Some(low * (1.0 - plan.precision));
    }
    Ok(record(world, plan, active_rate, search, (carried, broken, confirmed)))
}

fn record<E>(
    world: &str,
    plan: &CapacityPlan,
    active_rate: f64,
    search: Search<'_, E>,
    (carried, broken, confirmed): (Option<f64>, Option<f64>, Option<bool>),
) -> CapacityRecord {
    let last_broken = search.probes.iter().rev().find(|probe| !probe.carried);
    let limited_by = match last_broken {
        None => "nothing gave way: the search ended before".to_string(),
        Some(probe) if search.generator_fell_short => {
            format!("the generator, not the service: at least this is carried ({})", probe.reasons.join("; "))
        }
        Some(probe) => probe.reasons.join("; "),
    };
    CapacityRecord {
        world: world.to_string(),
        objective: format!("p{} < {} ms", plan.quantile * 100.0, plan.below_ns as f64 / 1e6),
        quantile: plan.quantile,
        below_ns: plan.below_ns,
        law: scalability::fit(&search.probes),
        carried_rate: carried,
        // A probe that was no measurement says nothing about the service.
        broken_rate: broken.filter(|_| !search.generator_fell_short),
        active_customers: carried.filter(|_| active_rate > 0.0).map(|rate| rate / active_rate),
        confirmed,
        limited_by,
        probes: search.probes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::random::{Purpose, RunKey, Stream};
    use crate::testing::load::plan as load_plan;

    fn plan() -> CapacityPlan {
        CapacityPlan { start_rate: 1_000.0, growth: 1.7, ..load_plan().capacity }
    }

    /// A queue whose latency rises without bound towards `capacity`; `noise` moves each probe's capacity.
    fn queue(capacity: f64, rate: f64) -> Probe {
        let free = (1.0 - rate / capacity).max(1e-6);
        Probe {
            offered_rate: rate,
            decided_rate: rate.min(capacity),
            p50_ns: Some((50_000.0 / free) as u64),
            quantile_ns: Some((250_000.0 / free) as u64),
            error_share: 0.0,
            approval_rate: Some(0.8),
            balanced: true,
            invalid: Vec::new(),
        }
    }

    fn found(mut probe: impl FnMut(f64, u64) -> Probe) -> CapacityRecord {
        search("base", &plan(), 0.001, &mut |rate, ms| Ok::<_, ()>(probe(rate, ms))).expect("probes do not fail")
    }

    /// p99 = 0.25 ms / (1 − ρ) reaches 5 ms at ρ = 0.95.
    #[test]
    fn a_planted_capacity_is_found() {
        for capacity in [3_000.0, 47_000.0, 600_000.0] {
            let record = found(|rate, _| queue(capacity, rate));
            let carried = record.carried_rate.expect("something is carried");
            assert!((carried / (0.95 * capacity) - 1.0).abs() < 0.05, "{capacity}: {carried}");
            assert!(record.broken_rate.is_some_and(|broken| broken > carried));
            assert_eq!(record.confirmed, Some(true));
            assert!(record.active_customers.is_some_and(|n| (n * 0.001 / carried - 1.0).abs() < 1e-9));
            assert!(record.limited_by.contains("p99"), "{}", record.limited_by);
        }
    }

    #[test]
    fn three_noisy_searches_agree_within_a_tenth() {
        let search = |seed| {
            let mut draws: Stream = RunKey::new(seed, 0).stream(0, Purpose::Service);
            let record = found(move |rate, _| queue(100_000.0 * (0.97 + 0.06 * draws.unit()), rate));
            record.carried_rate.expect("something is carried")
        };
        for seed in 0..50 {
            let three = [search(3 * seed), search(3 * seed + 1), search(3 * seed + 2)];
            let (low, high) = three.iter().fold((f64::MAX, 0.0_f64), |(l, h), x| (l.min(*x), h.max(*x)));
            assert!(high / low < 1.10, "seed {seed}: {three:?}");
        }
    }

    #[test]
    fn too_high_a_start_goes_down() {
        let record = found(|rate, _| queue(120.0, rate));
        assert!(record.carried_rate.is_some_and(|rate| (100.0..120.0).contains(&rate)), "{record:?}");
    }

    #[test]
    fn errors_approvals_and_books_count_as_much_as_latency() {
        type Spoil = fn(&mut Probe);
        let cases: [(Spoil, &str); 3] = [
            (|probe| probe.error_share = 0.01, "without a decision"),
            (|probe| probe.approval_rate = Some(0.7), "of drawings approved"),
            (|probe| probe.balanced = false, "books do not balance"),
        ];
        for (spoil, words) in cases {
            let record = found(|rate, _| {
                let mut probe = queue(1e9, rate);
                if rate > 20_000.0 {
                    spoil(&mut probe);
                }
                probe
            });
            let carried = record.carried_rate.expect("something is carried");
            assert!((18_000.0..=20_000.0).contains(&carried), "{words}: {carried}");
            assert!(record.limited_by.contains(words), "{}", record.limited_by);
        }
    }

    #[test]
    fn a_generator_that_falls_short_proves_at_least() {
        let record = found(|rate, _| {
            let invalid = if rate > 50_000.0 { vec!["lag".to_string()] } else { Vec::new() };
            Probe { invalid, ..queue(1e9, rate) }
        });
        assert!(record.limited_by.contains("the generator, not the service"), "{}", record.limited_by);
        assert!(record.broken_rate.is_none() && record.carried_rate.is_some_and(|rate| rate > 45_000.0));
    }

    #[test]
    fn a_service_that_never_gives_way_ends_the_search() {
        let record = found(|rate, _| queue(f64::INFINITY, rate));
        assert_eq!((record.broken_rate, record.confirmed), (None, Some(true)));
        assert!(record.limited_by.contains("nothing gave way"));
    }
}
