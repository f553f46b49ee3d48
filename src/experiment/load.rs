//! A load run: the virtual clock up to the moment of the hand-over, then the wall clock, then its observations as a record with a
//! verdict. It drives `sim` and `load` and knows neither files nor terminals.

use crate::experiment::Manner;
use crate::experiment::capacity::{OnTime, Probe, Probed};
use crate::experiment::objectives::ObjectiveJudge;
use crate::journal::disk::{Disk, OsDisk};
use crate::load::{self, LatencyFrom, LoadError, LoadSetup, SecondSeen};
use crate::measure::MonthObservations;
use crate::measure::latency::{
    IntervalRecord, Invalid, LoadObservations, ObjectiveOutcome, Operation, OperationCounts, SecondRecord, quantile,
};
use crate::results::load::{OperationFigures, WorldFigures};
use crate::runtime::Threads;
use crate::scenario::{
    Durability, LoadPlan, Overrides, Placement, Scenario, ScenarioErrors, Shape, UserLoop, read_scenario,
};
use crate::sim::{self, Checkpoints, Course, HandOver, Options, Stopped};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Requests that a user makes on a day at the least, for the number of days that a run needs.
const REQUESTS_A_USER_DAY_MIN: f64 = 0.1;

/// How a load run is to be made.
pub(crate) struct LoadManner<'a> {
    /// Set to end the run without a result.
    pub cancel: &'a AtomicBool,
    /// Where the journal of a durable service goes.
    pub journal: Option<PathBuf>,
    /// Where the answers that reached users are put down.
    pub acks: Option<PathBuf>,
    /// Answer without deciding.
    pub null_service: bool,
}

/// What a load run gave.
#[derive(Debug)]
pub(crate) struct Measured {
    /// What was observed.
    pub observations: LoadObservations,
    /// How the objectives stand.
    pub objectives: Vec<ObjectiveOutcome>,
}

/// A scenario with the load it asks for.
#[derive(Debug)]
pub(crate) struct Planned {
    /// With as many months as the load may need.
    pub scenario: Scenario,
    /// Its part `[load]`.
    pub plan: LoadPlan,
}

/// Why there is nothing to load.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PlanError {
    /// Everything that is wrong with the scenario.
    #[error("{0}")]
    Scenario(#[from] ScenarioErrors),
    /// It asks for no load.
    #[error("{0} has no part [load]; scenarios/evening-peak.toml shows one, docs/scenarios.md has its keys")]
    NoPlan(String),
}

/// Reads a scenario and its plan; months are added when the load would run through all of them, as `months_needed` says.
///
/// # Errors
/// [`PlanError`].
pub(crate) fn read(
    path: &Path,
    overrides: &Overrides,
    months_needed: fn(&Scenario, &LoadPlan) -> u16,
) -> Result<Planned, PlanError> {
    let planned = |overrides: &Overrides| -> Result<Planned, PlanError> {
        let scenario = read_scenario(path, overrides)?;
        let plan = scenario.load.clone().ok_or_else(|| PlanError::NoPlan(path.display().to_string()))?;
        Ok(Planned { scenario, plan })
    };
    let first = planned(overrides)?;
    let months = months_needed(&first.scenario, &first.plan);
    if months <= first.scenario.months {
        return Ok(first);
    }
    planned(&Overrides { months: Some(months), ..overrides.clone() })
}

/// Runs the world of a plan on the virtual clock up to the midnight before the hand-over.
///
/// # Errors
/// [`Stopped`] when `manner.cancel` was set.
pub(crate) fn hand_over(scenario: &Scenario, plan: &LoadPlan, manner: &Manner<'_>) -> Result<HandOver, Stopped> {
    let options = Options { progress: manner.progress, cancel: manner.cancel, auditor: None };
    let warm = manner.warm.map(|warm| warm.warm_up(scenario));
    let warm = warm.as_ref().map(|warm| warm as &dyn Checkpoints);
    sim::hand_over(scenario, &plan.world, plan.at.day(), &Threads::new(manner.workers), &options, warm)
}

/// Loads a world that was handed over, judged by its objectives. `on_second` sees each second of the measured time.
///
/// # Errors
/// [`LoadError`]; nothing is left running.
pub(crate) fn measure(
    scenario: &Scenario,
    plan: &LoadPlan,
    from: &HandOver,
    manner: &LoadManner<'_>,
    on_second: &mut (dyn FnMut(&SecondSeen<'_>) + Send),
) -> Result<Measured, LoadError> {
    let enough = AtomicBool::new(false);
    let disk: Arc<dyn Disk> = Arc::new(OsDisk);
    let setup = LoadSetup {
        from,
        scenario,
        plan,
        seed: scenario.seed,
        null_service: manner.null_service,
        journal: manner.journal.clone().filter(|_| plan.durability != Durability::None).map(|dir| (dir, disk)),
        acks: manner.acks.clone(),
        cancel: manner.cancel,
        enough: &enough,
        latency_from: LatencyFrom::Intended,
    };
    let mut objectives = ObjectiveJudge::new(&plan.objectives);
    let observations = load::run(&setup, &mut |second| {
        let breaches = objectives.second(second.row.at_ms, second.sum);
        if plan.abort_on_breach && !breaches.is_empty() {
            enough.store(true, Ordering::Relaxed);
        }
        on_second(second);
    })?;
    let objectives = objectives.finish(&observations.total, observations.measured_seconds);
    Ok(Measured { observations, objectives })
}

/// A short run against a service that decides nothing, so that the generator's own limit is known. `None` when the load shows it by
/// itself: a null service makes the load itself, and at people's own speed the run shows its lag well enough. A generator that
/// could not even load such a service is held against `measured`.
///
/// # Errors
/// [`LoadError`].
pub(crate) fn null_run(
    scenario: &Scenario,
    plan: &LoadPlan,
    from: &HandOver,
    manner: &LoadManner<'_>,
    measured: &mut Measured,
) -> Result<Option<Measured>, LoadError> {
    if manner.null_service || plan.shape == Shape::Behaviour {
        return Ok(None);
    }
    let manner = LoadManner { cancel: manner.cancel, journal: None, acks: None, null_service: true };
    let null = measure(scenario, &null_plan(plan), from, &manner, &mut |_| {})?;
    let of = |reason: &str| Invalid::Other(format!("against a service that decides nothing: {reason}"));
    measured.observations.invalid.extend(null.observations.invalid_words().into_iter().map(of));
    Ok(Some(null))
}

/// The plan of a short run against a service that decides nothing, at the highest rate of the real one: what generator,
/// mailboxes and queues carry by themselves.
fn null_plan(plan: &LoadPlan) -> LoadPlan {
    let shape = match plan.shape {
        Shape::Behaviour | Shape::Constant { .. } => plan.shape,
        _ => Shape::Constant { rate: highest_rate(plan) },
    };
    let (warmup_ms, duration_ms) = (500, 2_000);
    let (objectives, stalls, durability) = (Vec::new(), Vec::new(), Durability::None);
    LoadPlan { shape, warmup_ms, duration_ms, objectives, stalls, durability, ..plan.clone() }
}

fn highest_rate(plan: &LoadPlan) -> f64 {
    match plan.shape {
        Shape::Behaviour => 0.0,
        Shape::Constant { rate } => rate,
        Shape::Ramp { from, to } | Shape::Stairs { from, to, .. } => from.max(to),
        Shape::Spike { base, peak, .. } => base.max(peak),
    }
}

/// Months that a scenario needs so that a load run does not run out of simulated days: where a rate sets the times, a world
/// lives through many days in a second.
pub(crate) fn months_needed(scenario: &Scenario, plan: &LoadPlan) -> u16 {
    let wall_s = (plan.warmup_ms + plan.duration_ms) as f64 / 1e3 + 15.0;
    let days = match (plan.shape, plan.users) {
        (Shape::Behaviour, UserLoop::PartlyOpen) => wall_s * plan.speed_milli as f64 / 1e3 / 86_400.0,
        (Shape::Behaviour, UserLoop::Closed { .. }) => {
            wall_s * closed_rate_max(plan.placement) * 10.0 / f64::from(scenario.users)
        }
        (_, UserLoop::Closed { .. }) => {
            wall_s * closed_rate_max(plan.placement) / (REQUESTS_A_USER_DAY_MIN * f64::from(scenario.users))
        }
        _ => wall_s * highest_rate(plan) / (REQUESTS_A_USER_DAY_MIN * f64::from(scenario.users)),
    };
    let until = f64::from(plan.at.day().since(scenario.start)).max(0.0) + days + 3.0;
    // The shortest month has 28 days.
    ((until / 28.0).ceil() as u16).clamp(scenario.months, 240)
}

/// Months that a scenario needs for the probes of a capacity search, whose rates nobody knows before.
pub(crate) fn months_needed_to_search(scenario: &Scenario, plan: &LoadPlan) -> u16 {
    let fastest = LoadPlan {
        shape: Shape::Constant { rate: closed_rate_max(plan.placement) },
        users: UserLoop::PartlyOpen,
        warmup_ms: PROBE_WARM_UP_MS,
        duration_ms: plan.capacity.probe_ms.max(plan.capacity.confirm_ms),
        ..plan.clone()
    };
    months_needed(scenario, &fastest)
}

/// A closed loop goes as fast as it can; more than this nobody has seen a thread do.
fn closed_rate_max(placement: Placement) -> f64 {
    let threads = match placement {
        Placement::Separate { services, .. } => services,
        Placement::SideBySide { threads } => threads,
    };
    1_000_000.0 * f64::from(threads)
}

/// Requests a second of one customer with a live account at the hour of the hand-over: what the month so far has seen, spread
/// over the day as watching is.
pub(crate) fn active_rate(from: &HandOver, plan: &LoadPlan) -> f64 {
    let month = month(from);
    let holders: i64 = from.cells.iter().map(|cell| cell.engines().holders()).sum();
    let requests: i64 = month.flows.commands.iter().sum();
    let hours = &month.people.sessions_by_hour;
    let sessions: i64 = hours.iter().sum();
    if month.days == 0 || holders == 0 || sessions == 0 {
        return 0.0;
    }
    let a_day = requests as f64 / f64::from(month.days) / holders as f64;
    let share = hours[plan.at.second_of_day() as usize / 3_600] as f64 / sessions as f64;
    a_day * share / 3_600.0
}

/// The month before a hand-over: the running one, or the last whole one in the first days of a month.
fn month(from: &HandOver) -> &MonthObservations {
    match from.world.months.last() {
        Some(last) if from.world.running.days < 7 => last,
        _ => &from.world.running,
    }
}

/// What a search asks of a probe.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ProbeOrder {
    /// Requests a second.
    pub rate: f64,
    /// Measured time.
    pub wall_ms: u64,
}

/// A probe of a capacity search, from the same world as every other. `course` tells what its days deserve. Seconds in which a generator
/// on threads of its own was late have no part in its verdicts, if one in four is left.
///
/// # Errors
/// [`LoadError`].
pub(crate) fn probe(
    scenario: &Scenario,
    plan: &LoadPlan,
    course: &mut Course<'_>,
    cancel: &AtomicBool,
    order: ProbeOrder,
) -> Result<Probed<Measured>, LoadError> {
    let ProbeOrder { rate, wall_ms } = order;
    let plan = LoadPlan {
        shape: Shape::Constant { rate },
        users: UserLoop::PartlyOpen,
        warmup_ms: PROBE_WARM_UP_MS,
        duration_ms: wall_ms,
        durability: Durability::None,
        stalls: Vec::new(),
        ..plan.clone()
    };
    let manner = LoadManner { cancel, journal: None, acks: None, null_service: false };
    let from = course.from();
    let (mut on_time, mut objectives) = (OnTime::default(), ObjectiveJudge::new(&plan.objectives));
    let mut measured = measure(scenario, &plan, from, &manner, &mut |second| {
        if on_time.second(second.sum) {
            objectives.second(second.row.at_ms, second.sum);
        }
    })?;
    // Where cells and people share their threads, lateness is the service's own.
    let separate = matches!(plan.placement, Placement::Separate { .. });
    let on_time = on_time.enough().filter(|(_, late)| separate && *late > 0);
    let seen = seen(&measured.observations, on_time.as_ref(), from, &plan);
    if let Some((record, late)) = on_time {
        measured.observations.invalid.retain(|reason| !matches!(reason, Invalid::Late(_)));
        measured.objectives = objectives.finish(&record, measured.observations.measured_seconds - f64::from(late));
    }
    let closes = &measured.observations.closes;
    let wall = closes.iter().map(|close| [close.approved, close.decided]);
    let approval_of_days = approval_rate(wall);
    let virtual_approval_of_days = approval_rate(closes.iter().filter_map(|close| course.drawings(close.day)));
    let probe = Probe { rate, approval_of_days, virtual_approval_of_days, ..seen };
    Ok(Probed { probe, run: measured })
}

/// Approved over decided drawings of some days; `None` without any.
fn approval_rate(days: impl Iterator<Item = [i64; 2]>) -> Option<f64> {
    let [approved, decided] = days.fold([0, 0], |sum, day| [sum[0] + day[0], sum[1] + day[1]]);
    (decided > 0).then(|| approved as f64 / decided as f64)
}

/// What a probe has measured, for its verdict.
fn seen(o: &LoadObservations, on_time: Option<&(IntervalRecord, u32)>, from: &HandOver, plan: &LoadPlan) -> Probe {
    let late_seconds = on_time.map_or(0, |(_, late)| *late);
    // Where late seconds are left out, lateness in them is no reason against the rest.
    let counts_against = |reason: &&Invalid| on_time.is_none() || !matches!(reason, Invalid::Late(_));
    let judged = on_time.map_or(&o.total, |(record, _)| record);
    let counts = judged.all_counts();
    let latency = judged.all_latency_ns();
    let drawings = judged.drawing_counts();
    let pace = pace(&o.seconds);
    let rates = pace.as_ref().map_or_else(
        || [(counts.offered - counts.unsent) as f64, counts.decided() as f64].map(|n| n / o.measured_seconds),
        |pace| [pace.offered_per_s, pace.decided_per_s],
    );
    Probe {
        rate: 0.0,
        offered_per_s: rates[0],
        decided_per_s: rates[1],
        counted_s: pace.as_ref().map_or(o.measured_seconds, |pace| pace.seconds),
        backlog_growth_per_s: pace.map(|pace| pace.backlog_growth_per_s),
        p50_ns: quantile::quantile(&latency, 0.5),
        latency_ns: quantile::quantile(&latency, plan.capacity.quantile),
        samples: latency.len(),
        // What was not sent is the generator's fault, and no answer of the service.
        error_share: (counts.offered > 0).then(|| (counts.errors() - counts.unsent) as f64 / counts.offered as f64),
        approval_rate: (drawings.decided() > 0).then(|| drawings.approved as f64 / drawings.decided() as f64),
        approval_of_days: None,
        virtual_approval_of_days: None,
        ledger_balanced: o.ledger_balanced,
        late_seconds,
        invalid: o.invalid.iter().filter(counts_against).map(|reason| reason.words().to_string()).collect(),
        figures: figures(o, from, plan),
    }
}

/// How the service kept pace while load went on.
struct Pace {
    seconds: f64,
    offered_per_s: f64,
    decided_per_s: f64,
    backlog_growth_per_s: f64,
}

/// The pace in whole seconds. The last one is left out, since it takes in the answers that come while the backlog is drained;
/// so is the first of three or more, since what waits from the warm-up is decided in it and not counted. `None` in one second.
fn pace(rows: &[SecondRecord]) -> Option<Pace> {
    let whole = rows.get(usize::from(rows.len() > 2)..rows.len().checked_sub(1)?)?;
    let seconds = whole.len() as f64;
    let counts: Vec<OperationCounts> = whole.iter().map(SecondRecord::all_counts).collect();
    let a_second = |of: fn(&OperationCounts) -> u64| counts.iter().map(of).sum::<u64>() as f64 / seconds;
    let growth = counts.iter().map(|of| of.offered as f64 - of.ended() as f64).reduce(f64::min)?;
    Some(Pace {
        seconds,
        offered_per_s: a_second(|of| of.offered - of.unsent),
        decided_per_s: a_second(OperationCounts::decided),
        backlog_growth_per_s: growth,
    })
}

/// What two worlds are compared by.
fn figures(o: &LoadObservations, from: &HandOver, plan: &LoadPlan) -> WorldFigures {
    let decided = o.total.all_counts().decided() as f64;
    let each = |sum: f64, of: f64| if of > 0.0 { sum / of } else { 0.0 };
    let operations = Operation::REQUESTS.iter().filter_map(|&operation| {
        let record = o.total.of(operation);
        (record.counts.decided() > 0).then(|| OperationFigures {
            operation: operation.name().to_owned(),
            share: record.counts.decided() as f64 / decided,
            service_ns_mean: record.service_ns.mean(),
        })
    });
    // Where generator and service share their threads, no thread tells their CPU apart.
    let threads = |kind| o.threads.iter().filter(move |thread| thread.name.starts_with(kind));
    let with_cells = threads("service").chain(threads("users-and-cells"));
    let cpu_ns = with_cells.map(|thread| thread.cpu_seconds).sum::<f64>() * 1e9;
    let service_threads = threads("service").count() as u32;
    let closing_ns: u64 = o.closes.iter().map(|close| close.total_ns).sum();
    let month = month(from);
    WorldFigures {
        approval_rate: o.credit.wall_approval_rate,
        service_ns_mean: o.total.all_service_ns().mean(),
        cpu_ns_per_decision: each(cpu_ns, decided),
        service_threads,
        operations: operations.collect(),
        closes_per_million: each(o.closes.len() as f64 * 1e6, decided),
        closing_share: each(closing_ns as f64 / 1e9, o.measured_seconds),
        account_rate: active_rate(from, plan),
        live_accounts: o.credit.accounts,
        overdue_30_share: o.credit.overdue_30_share,
        statements_per_thousand: each(
            month.flows.statements as f64 * 1e3,
            month.flows.commands.iter().sum::<i64>() as f64,
        ),
    }
}

/// Warm-up of a probe: queues and caches have found their level after it.
const PROBE_WARM_UP_MS: u64 = 500;

#[cfg(test)]
mod tests {
    use super::*;

    /// Seconds in which so many requests were offered, and so many of them decided.
    fn rows(seconds: &[(u64, u64)]) -> Vec<SecondRecord> {
        let row = |(offered, approved): &(u64, u64)| {
            let mut row = SecondRecord::default();
            row.counts[Operation::Tip as usize] =
                OperationCounts { offered: *offered, approved: *approved, ..OperationCounts::default() };
            row
        };
        seconds.iter().map(row).collect()
    }

    #[test]
    fn a_backlog_grows_when_it_does_so_in_every_second_of_load() {
        // The warm-up's backlog makes the first second look bad, and the draining makes the last one look good.
        let behind = pace(&rows(&[(1_000, 500), (1_000, 800), (1_000, 790), (1_000, 1_910)])).expect("four seconds");
        assert_eq!((behind.seconds, behind.offered_per_s, behind.decided_per_s), (2.0, 1_000.0, 795.0));
        assert_eq!(behind.backlog_growth_per_s, 200.0);
        // A day that closes when a second ends leaves its requests to the next one.
        let closing = pace(&rows(&[(1_000, 990), (1_000, 900), (1_000, 1_100), (1_000, 1_010)])).expect("four seconds");
        assert_eq!((closing.decided_per_s, closing.backlog_growth_per_s), (1_000.0, -100.0));
    }

    #[test]
    fn one_second_shows_no_backlog_and_two_show_the_first() {
        assert!(pace(&[]).is_none() && pace(&rows(&[(1_000, 1_000)])).is_none());
        let first = pace(&rows(&[(1_000, 700), (1_000, 1_300)])).expect("two seconds");
        assert_eq!((first.seconds, first.backlog_growth_per_s), (1.0, 300.0));
    }

    #[test]
    fn requests_that_were_never_sent_are_not_offered_by_a_probe() {
        let mut seconds = rows(&[(1_000, 1_000), (1_000, 900), (1_000, 1_000)]);
        seconds[1].counts[Operation::Tip as usize].unsent = 100;
        let pace = pace(&seconds).expect("three seconds");
        assert_eq!((pace.offered_per_s, pace.backlog_growth_per_s), (900.0, 0.0));
    }
}
