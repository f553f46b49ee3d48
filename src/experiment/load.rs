//! A load run: the virtual clock up to the moment of the hand-over, then the wall clock.

use crate::base::ids::Slot;
use crate::clock::fabric::Threads;
use crate::clock::journal::disk::{Disk, OsDisk};
use crate::clock::virtual_time::{self, HandOver, Interrupted, Options, Progress};
use crate::clock::wall::{self, LoadError, LoadSetup, Stamp};
use crate::credit::Engine;
use crate::experiment::capacity::Probe;
use crate::experiment::objectives::ObjectiveWatch;
use crate::measure::latency::{IntervalRecord, LoadObservations, ObjectiveOutcome, SecondRecord, quantile};
use crate::scenario::{Durability, LoadPlan, Placement, Scenario, Shape, UserLoop};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Requests that a user makes on a day at the least, for the number of days that a run needs.
const REQUESTS_A_USER_DAY_MIN: f64 = 0.1;

/// How a load run is to be made.
pub struct LoadManner<'a> {
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
pub struct Measured {
    /// What was observed.
    pub observations: LoadObservations,
    /// How the objectives stand.
    pub objectives: Vec<ObjectiveOutcome>,
}

/// Runs the world of a plan on the virtual clock up to the midnight before the hand-over.
///
/// # Errors
/// [`Interrupted`] when `cancel` was set.
pub fn hand_over(
    scenario: &Scenario,
    plan: &LoadPlan,
    workers: usize,
    progress: &dyn Progress,
    cancel: &AtomicBool,
) -> Result<HandOver, Interrupted> {
    let options = Options { progress, cancel, auditor: None };
    virtual_time::hand_over(scenario, &plan.world, plan.at.day(), &Threads::new(workers), &options)
}

/// Loads a world that was handed over, under the eyes of its objectives. `on_second` sees each second of the measured time.
///
/// # Errors
/// [`LoadError`]; nothing is left running.
pub fn measure(
    scenario: &Scenario,
    plan: &LoadPlan,
    from: &HandOver,
    manner: &LoadManner<'_>,
    on_second: &mut (dyn FnMut(&SecondRecord, &IntervalRecord) + Send),
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
        stamp: Stamp::Intended,
    };
    let mut watch = ObjectiveWatch::new(&plan.objectives);
    let observations = wall::run(&setup, &mut |row, sum| {
        let breaches = watch.second(row.at_ms, sum);
        if plan.abort_on_breach && !breaches.is_empty() {
            enough.store(true, Ordering::Relaxed);
        }
        on_second(row, sum);
    })?;
    let objectives = watch.finish(&observations.total, observations.measured_seconds);
    Ok(Measured { observations, objectives })
}

/// The plan of a short run against a service that decides nothing, at the highest rate of the real one: what generator,
/// mailboxes and queues carry by themselves.
pub fn null_plan(plan: &LoadPlan) -> LoadPlan {
    let shape = match plan.shape {
        Shape::Behaviour | Shape::Constant { .. } => plan.shape,
        _ => Shape::Constant { rate: highest_rate(plan) },
    };
    let (warmup_ms, duration_ms) = (500, 2_000);
    LoadPlan { shape, warmup_ms, duration_ms, objectives: Vec::new(), stalls: Vec::new(), ..plan.clone() }
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
pub fn months_needed(scenario: &Scenario, plan: &LoadPlan) -> u16 {
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
pub fn active_rate(from: &HandOver, plan: &LoadPlan) -> f64 {
    let month = match from.world.months.last() {
        Some(last) if from.world.running.days < 7 => last,
        _ => &from.world.running,
    };
    let slots = |engine: &Engine| (0..engine.len() as u32).filter(|slot| engine.account(Slot(*slot)).is_live()).count();
    let accounts: usize = from.cells.iter().map(|cell| slots(cell.engine())).sum();
    let requests: i64 = month.flows.commands.iter().sum();
    let hours = &month.people.sessions_by_hour;
    let sessions: i64 = hours.iter().sum();
    if month.days == 0 || accounts == 0 || sessions == 0 {
        return 0.0;
    }
    let a_day = requests as f64 / f64::from(month.days) / accounts as f64;
    let share = hours[plan.at.second_of_day() as usize / 3_600] as f64 / sessions as f64;
    a_day * share / 3_600.0
}

/// A probe of a capacity search, from the same world as every other.
///
/// # Errors
/// [`LoadError`].
pub fn probe(
    scenario: &Scenario,
    plan: &LoadPlan,
    from: &HandOver,
    cancel: &AtomicBool,
    (rate, wall_ms): (f64, u64),
) -> Result<(Probe, Measured), LoadError> {
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
    let measured = measure(scenario, &plan, from, &manner, &mut |_, _| {})?;
    let o = &measured.observations;
    let counts = o.total.all_counts();
    let latency = o.total.all_latency_ns();
    let drawings = o.total.drawing_counts();
    let seen = Probe {
        offered_rate: counts.offered as f64 / o.measured_seconds,
        decided_rate: counts.decided() as f64 / o.measured_seconds,
        p50_ns: quantile::quantile(&latency, 0.5),
        quantile_ns: quantile::quantile(&latency, plan.capacity.quantile),
        error_share: counts.errors() as f64 / (counts.offered as f64).max(1.0),
        approval_rate: (drawings.decided() > 0).then(|| drawings.approved as f64 / drawings.decided() as f64),
        balanced: o.ledger_balanced,
        invalid: o.invalid.clone(),
    };
    Ok((seen, measured))
}

/// Warm-up of a probe: queues and caches have found their level after it.
const PROBE_WARM_UP_MS: u64 = 500;
