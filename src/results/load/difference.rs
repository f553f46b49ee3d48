//! Capacity of one world against that of another, and what is known of the reason.
//!
//! Service time for each decision changes in two ways, which are told apart exactly (Kitagawa 1955): people ask for other
//! operations, and the same operation takes another time. With shares s and times t of an operation in the two worlds,
//!
//! ```text
//! Σ s₁t₁ − Σ s₀t₀ = Σ (s₁ − s₀)(t₀ + t₁)/2  +  Σ (t₁ − t₀)(s₀ + s₁)/2
//!                      the mix                     the same operations
//! ```
//! The rest of the service's CPU is messages, queues and the close of days.

use super::{CapacityRecord, Estimate, OperationFigures, ServiceDemand, WorldFigures};
use serde::Serialize;
use std::collections::BTreeMap;

/// Searches of one and the same world differ by up to this share, so a smaller difference of two worlds is none.
pub(super) const TOLD_APART: f64 = 0.10;

/// A change of a cost below this share explains nothing.
const COST_TOLD_APART: f64 = 0.02;

/// One world against the first of a record.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct WorldDifference {
    /// The world.
    pub world: String,
    /// The world that it is compared with.
    pub against: String,
    /// Change of the carried rate as a share; `None` when one of the worlds carried nothing.
    pub rate_change: Option<f64>,
    /// Change of the active customers as a share.
    pub customers_change: Option<f64>,
    /// One of the two rates is a lower bound.
    pub lower_bound: bool,
    /// Both rates are boundaries of the service, and they differ by more than searches of one world do.
    pub told_apart: bool,
    /// Time that the service works on a decision.
    pub service_time: Option<ServiceTimeChange>,
    /// Other figures, in the order in which people read them.
    pub figures: Vec<FigureChange>,
    /// The reason in words, as far as the figures tell one.
    pub reason: String,
}

/// Mean service time for each decision in two worlds, and where the change comes from; nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(crate) struct ServiceTimeChange {
    /// In the world that is compared with.
    pub from_ns: f64,
    /// In the world.
    pub to_ns: f64,
    /// Part of the change that other operations make.
    pub mix_ns: f64,
    /// Part of the change that the same operations make.
    pub operations_ns: f64,
}

/// One figure in two worlds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct FigureChange {
    /// What it is.
    pub name: &'static str,
    /// Its unit: `share`, `ns`, `/hour`, `/million`, `/thousand`.
    pub unit: &'static str,
    /// In the world that is compared with.
    pub from: Option<f64>,
    /// In the world.
    pub to: Option<f64>,
}

/// One figure of a world by name.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Figure {
    /// What it is.
    pub name: &'static str,
    /// Its unit: `share`, `ns`, `/hour`, `/million`, `/thousand`.
    pub unit: &'static str,
    /// Its value.
    pub value: Option<f64>,
}

impl Figure {
    /// All figures of a world but its operations, in the order in which people read them.
    pub(crate) fn all(world: &WorldFigures) -> Vec<Figure> {
        let of = |name, unit, value| Figure { name, unit, value };
        vec![
            of("drawings approved", "share", world.approval_rate),
            of("principal 30 or more days past due", "share", world.overdue_30_share),
            of("statements for a thousand requests", "/thousand", Some(world.statements_per_thousand)),
            of("requests of a live account in that hour", "/hour", Some(world.account_rate * 3_600.0)),
            of("days closed for a million decisions", "/million", Some(world.closes_per_million)),
            of("time in which a day was closing", "share", Some(world.closing_share)),
            of("CPU of the service for a decision", "ns", Some(world.cpu_ns_per_decision)),
            of("service time of a decision", "ns", Some(world.service_ns_mean)),
        ]
    }
}

impl WorldDifference {
    /// Every world of the searches against the first.
    pub(crate) fn all(searches: &[CapacityRecord]) -> Vec<WorldDifference> {
        let Some((first, others)) = searches.split_first() else { return Vec::new() };
        others.iter().map(|other| WorldDifference::of(first, other)).collect()
    }

    /// A world against another.
    pub(crate) fn of(against: &CapacityRecord, world: &CapacityRecord) -> WorldDifference {
        let rate_change = change(against.carried_rate, world.carried_rate);
        let lower_bound = against.at_least || world.at_least;
        let both = against.figures.as_ref().zip(world.figures.as_ref());
        let told_apart = !lower_bound && rate_change.is_some_and(|change| change.abs() > TOLD_APART);
        let mut difference = WorldDifference {
            world: world.world.clone(),
            against: against.world.clone(),
            rate_change,
            customers_change: change(against.active_customers, world.active_customers),
            lower_bound,
            told_apart,
            service_time: both.map(|(from, to)| service_time(&from.operations, &to.operations)),
            figures: both.map(|(from, to)| figures(from, to)).unwrap_or_default(),
            reason: String::new(),
        };
        difference.reason = difference.why(against, world, both);
        difference
    }

    fn why(
        &self,
        against: &CapacityRecord,
        world: &CapacityRecord,
        both: Option<(&WorldFigures, &WorldFigures)>,
    ) -> String {
        let (Some(rate_change), Some((from, to))) = (self.rate_change, both) else {
            let nothing = if against.carried_rate.is_none() { against } else { world };
            return format!("{} carries no rate: {}", nothing.world, nothing.limited_by);
        };
        let mut parts = Vec::new();
        if self.lower_bound {
            let bounded = if against.at_least { against } else { world };
            parts.push(format!(
                "not known: the rate of {} is a lower bound, since the service did not end its search ({})",
                bounded.world, bounded.limited_by
            ));
            let demands = against.demand.zip(world.demand);
            parts.extend(demands.map(|demands| by_cost(demands, from, to, self.service_time.unwrap_or_default())));
        } else if self.told_apart {
            parts.push(cost(rate_change, from, to, self.service_time.unwrap_or_default()));
        } else {
            parts.push(format!("none in rate: searches of one world differ by up to {:.0} %", TOLD_APART * 100.0));
        }
        parts.push(people(from, to));
        parts.extend(customers(self.customers_change, from, to));
        parts.join("; ")
    }
}

fn change(from: Option<f64>, to: Option<f64>) -> Option<f64> {
    let (from, to) = (from.filter(|from| *from > 0.0)?, to?);
    Some(to / from - 1.0)
}

/// `+3.1%`.
fn signed(change: f64) -> String {
    let sign = if change < 0.0 { "−" } else { "+" };
    format!("{sign}{:.1} %", (change * 100.0).abs())
}

fn service_time(from: &[OperationFigures], to: &[OperationFigures]) -> ServiceTimeChange {
    let mut sides: BTreeMap<&str, [Option<&OperationFigures>; 2]> = BTreeMap::new();
    for (side, list) in [from, to].into_iter().enumerate() {
        list.iter().for_each(|of| sides.entry(&of.operation).or_default()[side] = Some(of));
    }
    let mut sum = ServiceTimeChange::default();
    for [from, to] in sides.into_values() {
        let [s0, s1] = [from, to].map(|of| of.map_or(0.0, |of| of.share));
        // An operation that only one world has takes the same time in the other: it is a matter of the mix alone.
        let either = from.or(to).map_or(0.0, |of| of.service_ns_mean);
        let [t0, t1] = [from, to].map(|of| of.map_or(either, |of| of.service_ns_mean));
        sum.from_ns += s0 * t0;
        sum.to_ns += s1 * t1;
        sum.mix_ns += (s1 - s0) * (t0 + t1) / 2.0;
        sum.operations_ns += (t1 - t0) * (s0 + s1) / 2.0;
    }
    sum
}

/// Where the rates are not known: at which the CPU of a decision would fill the service's threads, if the probes tell the worlds apart.
fn by_cost(
    demands: (ServiceDemand, ServiceDemand),
    from: &WorldFigures,
    to: &WorldFigures,
    time: ServiceTimeChange,
) -> String {
    let [before, now] = [demands.0, demands.1].map(|of| of.cpu_ns_per_decision);
    let words = |of: Estimate| format!("{:.0} ns ({:.0} to {:.0})", of.value, of.low, of.high);
    if before.low <= now.high && now.low <= before.high {
        return format!(
            "a decision costs the service as much in both: {} of CPU, against {}",
            words(now),
            words(before)
        );
    }
    let full_change = demands.1.full_rate.value / demands.0.full_rate.value - 1.0;
    format!(
        "but by the CPU of its decisions, {} against {}, its service would be full at a rate that differs by {}, which is an \
         extrapolation; {}",
        words(now),
        words(before),
        signed(full_change),
        cost(full_change, from, to, time)
    )
}

/// What the service spends on a decision, and which part of that changed most.
fn cost(rate_change: f64, from: &WorldFigures, to: &WorldFigures, time: ServiceTimeChange) -> String {
    let (cpu0, cpu1) = (from.cpu_ns_per_decision, to.cpu_ns_per_decision);
    if cpu0 <= 0.0 || cpu1 <= 0.0 {
        return "not known: no CPU of the service was measured".to_owned();
    }
    let alone = cpu0 / cpu1 - 1.0;
    let spends = format!("a decision costs the service's threads {cpu1:.0} ns of CPU, against {cpu0:.0} ns");
    if alone.abs() < COST_TOLD_APART || alone.signum() != rate_change.signum() {
        return format!("{spends}, which does not explain it: see what gave way first in each world");
    }
    let rest_ns = (cpu1 - cpu0) - (time.to_ns - time.from_ns);
    let mut parts = [
        ("the mix of operations", time.mix_ns),
        ("the same operations taking another time", time.operations_ns),
        ("messages, queues and the close of days", rest_ns),
    ];
    // What went most in the direction of the whole comes first.
    parts.sort_by(|a, b| (b.1 * (cpu1 - cpu0)).total_cmp(&(a.1 * (cpu1 - cpu0))));
    let words = parts.map(|(what, ns)| format!("{} ns {what}", whole(ns)));
    let shift = shifted(&from.operations, &to.operations);
    format!("{spends}, which alone makes {} (mostly {}){shift}", signed(alone), words.join(", "))
}

/// `+12` or `−3`.
fn whole(ns: f64) -> String {
    format!("{}{:.0}", if ns < 0.0 { "−" } else { "+" }, ns.abs())
}

/// The operation whose share changed most, when one did by a hundredth of the decisions.
fn shifted(from: &[OperationFigures], to: &[OperationFigures]) -> String {
    let share = |list: &[OperationFigures], name: &str| {
        list.iter().find(|of| of.operation == name).map_or(0.0, |of| of.share * 100.0)
    };
    let names = from.iter().chain(to).map(|of| of.operation.as_str());
    let moved = |name: &&str| (share(to, name) - share(from, name)).abs();
    match names.max_by(|a, b| moved(a).total_cmp(&moved(b))) {
        Some(name) if moved(&name) >= 1.0 => {
            format!(", {name} being {:.1} % of the decisions against {:.1} %", share(to, name), share(from, name))
        }
        _ => String::new(),
    }
}

/// What is different about the people, whether or not it explains anything.
fn people(from: &WorldFigures, to: &WorldFigures) -> String {
    let percent = |of: Option<f64>| of.map_or_else(|| "–".to_owned(), |of| format!("{:.1} %", of * 100.0));
    format!(
        "of drawings {} are approved against {}, of principal {} is 30 or more days past due against {}, and a thousand requests \
         bring {:.1} statements against {:.1}",
        percent(to.approval_rate),
        percent(from.approval_rate),
        percent(to.overdue_30_share),
        percent(from.overdue_30_share),
        to.statements_per_thousand,
        from.statements_per_thousand
    )
}

fn customers(change: Option<f64>, from: &WorldFigures, to: &WorldFigures) -> Option<String> {
    let [before, now] = [from, to].map(|of| of.account_rate * 3_600.0);
    Some(format!(
        "in customers {}; a live account asks for {now:.2} requests in that hour, against {before:.2}",
        signed(change?)
    ))
}

fn figures(from: &WorldFigures, to: &WorldFigures) -> Vec<FigureChange> {
    let pairs = Figure::all(from).into_iter().zip(Figure::all(to));
    pairs.map(|(from, to)| FigureChange { name: from.name, unit: from.unit, from: from.value, to: to.value }).collect()
}

#[cfg(test)]
mod tests;
