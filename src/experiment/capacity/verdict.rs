//! What a probe of a capacity search measured, and whether its rate was carried: the one place that judges. The search asks, `load`
//! measures.

use crate::results::load::WorldFigures;
use crate::scenario::CapacityPlan;

/// Share of the offered requests by which the backlog may grow before the service is said to fall behind. One that grows by less
/// passes in a probe; the longer run is there to find it.
const BEHIND: f64 = 0.01;
/// The generator must offer the rate within this share and four standard deviations of a Poisson count.
const OFFERED_SHORT: f64 = 0.05;

/// What a probe at one rate measured.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Probe {
    /// Rate that was asked for, requests a second.
    pub rate: f64,
    /// Requests a second that were started, with what follows from them and without retries.
    pub offered_per_s: f64,
    /// Requests a second that got a decision while load went on.
    pub decided_per_s: f64,
    /// Seconds over which the two were counted.
    pub counted_s: f64,
    /// By how much the backlog grew in every one of those seconds, at the least; requests a second. `None` when the probe was
    /// too short to see its backlog before it was drained.
    pub backlog_growth_per_s: Option<f64>,
    /// Median latency from the intended start, nanoseconds.
    pub p50_ns: Option<u64>,
    /// Latency from the intended start at the plan's quantile, nanoseconds; `None` when the samples are too few to know it.
    pub latency_ns: Option<u64>,
    /// Latencies that were recorded.
    pub samples: u64,
    /// Requests that the service left without a decision (shed, too late, unavailable, abandoned) over offered ones.
    pub error_share: Option<f64>,
    /// Approved over decided drawings; `None` without any.
    pub approval_rate: Option<f64>,
    /// The same of the whole simulated days that closed in the probe; `None` when none did.
    pub approval_of_days: Option<f64>,
    /// What the virtual clock approves on those days.
    pub virtual_approval_of_days: Option<f64>,
    /// The ledger balanced after the probe.
    pub ledger_balanced: bool,
    /// Seconds that are left out of latencies and errors, since the generator was late in them.
    pub late_seconds: u32,
    /// Why the probe measured its own generator instead of the service; empty when it did not.
    pub invalid: Vec<String>,
    /// What worlds are compared by.
    pub figures: WorldFigures,
}

/// Whether a probe's rate was carried. Reasons are in words, one a clause.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Verdict {
    /// Every clause held.
    Carried,
    /// The service failed these clauses.
    Broken(Vec<String>),
    /// Nothing failed, but the samples do not tell the quantile.
    TooFew(Vec<String>),
    /// The load generator gave way: no evidence about the service.
    Invalid(Vec<String>),
}

impl Verdict {
    /// Why the rate was not carried.
    pub(crate) fn reasons(&self) -> &[String] {
        match self {
            Verdict::Carried => &[],
            Verdict::Broken(reasons) | Verdict::TooFew(reasons) | Verdict::Invalid(reasons) => reasons,
        }
    }

    /// The verdict on a probe under a plan.
    ///
    /// Errors, latency and backlog under a generator that gave way say nothing, since they may be its own. A ledger that does
    /// not balance is the service's fault under any generator.
    pub(crate) fn of(probe: &Probe, plan: &CapacityPlan) -> Verdict {
        let invalid = generator(probe);
        let mut broken = Vec::new();
        if !probe.ledger_balanced {
            broken.push("the ledger does not balance".to_owned());
        }
        if !invalid.is_empty() {
            return if broken.is_empty() { Verdict::Invalid(invalid) } else { Verdict::Broken(broken) };
        }
        let quantile = quantile_words(plan.quantile);
        if let Some(latency_ns) = probe.latency_ns.filter(|latency_ns| *latency_ns >= plan.below_ns) {
            broken.push(format!("{quantile} was {}, not below {}", ns_words(latency_ns), ns_words(plan.below_ns)));
        }
        let borne = plan.error_rate.to_ratio_f64();
        if let Some(share) = probe.error_share.filter(|share| *share > borne) {
            let (share, borne) = (percent(share), percent(borne));
            broken.push(format!("{share} of the requests got no decision; {borne} is borne"));
        }
        broken.extend(approval(probe, plan));
        broken.extend(behind(probe, plan));
        if !broken.is_empty() {
            Verdict::Broken(broken)
        } else if probe.latency_ns.is_none() {
            Verdict::TooFew(vec![format!(
                "{} latencies are too few to know {quantile}: a longer probe knows it",
                probe.samples
            )])
        } else {
            Verdict::Carried
        }
    }
}

/// What is wrong with the load generator: what the run says, and a rate that was not offered.
fn generator(probe: &Probe) -> Vec<String> {
    let mut reasons = probe.invalid.clone();
    let asked = probe.rate * probe.counted_s;
    let short = 1.0 - OFFERED_SHORT - 4.0 / asked.max(1.0).sqrt();
    if probe.offered_per_s < short * probe.rate {
        let (offered, rate) = (rate_words(probe.offered_per_s), rate_words(probe.rate));
        reasons.push(format!("the generator offered {offered} when {rate} were asked for"));
    }
    reasons
}

fn approval(probe: &Probe, plan: &CapacityPlan) -> Option<String> {
    let (now, then) = (probe.approval_of_days?, probe.virtual_approval_of_days?);
    let band = plan.approval_band.to_ratio_f64();
    ((now - then).abs() > band).then(|| {
        let away = percent((now - then).abs());
        let (now, then, band) = (percent(now), percent(then), percent(band));
        format!("approval rate of closed days was {now}, {away} away from the {then} on the virtual clock; {band} is allowed")
    })
}

/// A backlog must not grow in every second: by no more than a hundredth of the load, and what may be under way within the latency
/// objective (Little's law). One second in which it grows is no sign, since a day may be closing when the second ends.
fn behind(probe: &Probe, plan: &CapacityPlan) -> Option<String> {
    let growth = probe.backlog_growth_per_s?;
    let under_way = probe.offered_per_s * plan.below_ns as f64 / 1e9 + 1.0;
    (growth > probe.offered_per_s * BEHIND + under_way).then(|| {
        let (decided, offered) = (rate_words(probe.decided_per_s), rate_words(probe.offered_per_s));
        let growth = rate_words(growth);
        format!("the service falls behind: {decided} decided of {offered} offered, a backlog that grows by {growth}")
    })
}

/// What counts as carried, in words.
pub(crate) fn objective_words(plan: &CapacityPlan) -> String {
    format!(
        "{} below {}, at most {} of the requests without a decision, approval rate of closed days within {} of \
         that on the virtual clock, the ledger balanced, no backlog that grows",
        quantile_words(plan.quantile),
        ns_words(plan.below_ns),
        percent(plan.error_rate.to_ratio_f64()),
        percent(plan.approval_band.to_ratio_f64()),
    )
}

fn quantile_words(quantile: f64) -> String {
    format!("p{}", rounded(quantile * 100.0, 4))
}

/// `0.1%`, with as many places as it takes to three significant digits.
fn percent(share: f64) -> String {
    let percent = share * 100.0;
    format!("{} %", rounded(percent, if percent >= 10.0 { 1 } else { 3 }))
}

fn ns_words(ns: u64) -> String {
    let ns = ns as f64;
    if ns < 1e6 {
        format!("{} µs", rounded(ns / 1e3, 1))
    } else if ns < 1e9 {
        format!("{} ms", rounded(ns / 1e6, 2))
    } else {
        format!("{} s", rounded(ns / 1e9, 2))
    }
}

/// `12500/s`.
fn rate_words(rate: f64) -> String {
    format!("{}/s", rounded(rate, if rate < 100.0 { 2 } else { 0 }))
}

/// At most `decimals` behind the point, and no zeros at the end.
fn rounded(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}
