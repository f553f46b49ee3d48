//! Runs, and what is made of several of them: replications, repetitions, calibration, suites, products, load, capacity and recovery. It drives `sim` and
//! `load`, hands records to `results` and prints nothing.

pub(crate) mod audited;
pub(crate) mod calibrate;
pub(crate) mod capacity;
pub(crate) mod compare;
pub(crate) mod fit;
pub(crate) mod load;
pub(crate) mod load_paths;
pub(crate) mod objectives;
pub(crate) mod products;
pub(crate) mod recovery;
pub(crate) mod repetition;
pub(crate) mod replications;
pub(crate) mod scalability;
pub(crate) mod scoring;
mod significance;
pub(crate) mod states;
pub(crate) mod suite;

use crate::credit::totals::{COMMAND_NAMES, MONEY_COMMANDS};
use crate::experiment::states::WarmUps;
use crate::results::{Phase, Provenance, RunRecord, Timing};
use crate::runtime::{Fabric, Threads};
use crate::scenario::Scenario;
use crate::sim::{self, Auditor, Checkpoints, KeptStates, Options, Outcome, PhaseSeconds, Progress, Stopped};
use std::sync::atomic::AtomicBool;

/// How a run is to be made. None of it can change a result.
pub(crate) struct Manner<'a> {
    /// Worker threads.
    pub workers: usize,
    /// Receives how far it is.
    pub progress: &'a dyn Progress,
    /// Set to end after the running day.
    pub cancel: &'a AtomicBool,
    /// Who reads the requests, if anybody.
    pub auditor: Option<&'a dyn Auditor>,
    /// Warm-ups that are kept, if any.
    pub warm: Option<&'a WarmUps<'a>>,
}

/// Runs a scenario on the virtual clock. The timing holds what the run knows of itself: counts, rates and phases.
///
/// # Errors
/// [`Stopped`] when `manner.cancel` was set; nothing is left of the run.
pub(crate) fn run(scenario: &Scenario, manner: &Manner<'_>) -> Result<RunRecord, Stopped> {
    run_on(scenario, manner, &Threads::new(manner.workers), None)
}

/// The same, from the last of its checkpoints on; an interrupted run leaves one.
///
/// # Errors
/// [`Stopped`] when `manner.cancel` was set, or a checkpoint could not be made or read.
pub(crate) fn run_from(
    scenario: &Scenario,
    manner: &Manner<'_>,
    checkpoints: &dyn Checkpoints,
) -> Result<RunRecord, Stopped> {
    run_on(scenario, manner, &Threads::new(manner.workers), Some(checkpoints))
}

/// The same on a fabric of one's own: as one of the processes that share the worlds.
///
/// # Errors
/// [`Stopped`] when any of them was asked to stop, or is gone.
pub(crate) fn run_on(
    scenario: &Scenario,
    manner: &Manner<'_>,
    fabric: &dyn Fabric,
    checkpoints: Option<&dyn Checkpoints>,
) -> Result<RunRecord, Stopped> {
    let options = Options { progress: manner.progress, cancel: manner.cancel, auditor: manner.auditor };
    // Who reads along reads the warm-up, too.
    let warm = manner.warm.filter(|_| manner.auditor.is_none()).map(|warm| warm.warm_up(scenario));
    let warm = warm.as_ref().map(|warm| warm as &dyn Checkpoints);
    let outcome = sim::run(scenario, fabric, &options, KeptStates { checkpoints, warm })?;
    let timing = timing(scenario, fabric, &outcome);
    Ok(RunRecord { provenance: Provenance::of(scenario), worlds: outcome.worlds, timing })
}

/// An event is a command applied by the engine or a stream session with its intents; impressions, draws and visits at the
/// close of day are none. Rates are over the seconds in which days were swept: warm-up and counted months.
fn timing(scenario: &Scenario, fabric: &dyn Fabric, outcome: &Outcome) -> Timing {
    let sum = |counted: &dyn Fn(usize) -> bool| -> i64 {
        outcome.work.commands.iter().enumerate().filter(|(kind, _)| counted(*kind)).map(|(_, n)| n).sum()
    };
    let events = sum(&|_| true) + outcome.work.sessions;
    let PhaseSeconds { sampling, warm_up, counted, observing } = outcome.seconds;
    // A run without a day has no rate; the smallest double keeps it from being a division by zero.
    let seconds = (warm_up + counted).max(f64::MIN_POSITIVE);
    let waited = fabric.waited().as_secs_f64();
    let by_kind = COMMAND_NAMES.iter().zip(outcome.work.commands).chain([(&"session", outcome.work.sessions)]);
    let phases = [("sampling", sampling), ("warm-up", warm_up), ("counted months", counted), ("observing", observing)];
    Timing {
        users: u64::from(scenario.users),
        events: events.unsigned_abs(),
        events_by_kind: by_kind.map(|(name, n)| (name.to_string(), n.unsigned_abs())).collect(),
        events_per_second: events as f64 / seconds,
        money_commands_per_second: sum(&|kind| MONEY_COMMANDS[kind]) as f64 / seconds,
        user_days_per_second: outcome.work.user_days as f64 / seconds,
        cell_day_ns_p50: outcome.cell_day_ns.value_at_quantile(0.5),
        cell_day_ns_p99: outcome.cell_day_ns.value_at_quantile(0.99),
        cell_day_ns_max: outcome.cell_day_ns.max(),
        workers: fabric.workers() as u32,
        processes: fabric.member().of as u32,
        waiting_seconds: waited,
        waiting_share: waited / seconds,
        checkpoints: outcome.kept.states,
        checkpoint_bytes: outcome.kept.bytes,
        checkpoint_seconds: outcome.kept.seconds,
        phases: phases.map(|(name, seconds)| Phase { name: name.to_string(), seconds }).into(),
        ..Timing::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::options::Silent;
    use crate::testing::fixture;
    use std::sync::atomic::Ordering;

    fn manner(workers: usize, cancel: &AtomicBool) -> Manner<'_> {
        Manner { workers, progress: &Silent, cancel, auditor: None, warm: None }
    }

    #[test]
    fn timing_counts_commands_and_sessions() {
        let cancel = AtomicBool::new(false);
        let record = run(&fixture::scenario(300), &manner(2, &cancel)).expect("not interrupted");
        let t = &record.timing;
        assert_eq!(t.events, t.events_by_kind.values().sum::<u64>());
        assert!(t.events_by_kind["session"] > 0 && t.events_by_kind["authorise"] > 0, "{:?}", t.events_by_kind);
        assert!(t.events_per_second > t.money_commands_per_second && t.money_commands_per_second > 0.0);
        assert_eq!((t.users, t.workers, t.phases.len()), (300, 2, 4));
    }

    #[test]
    fn an_interrupted_run_leaves_nothing() {
        let cancel = AtomicBool::new(false);
        cancel.store(true, Ordering::Relaxed);
        assert!(run(&fixture::scenario(300), &manner(1, &cancel)).is_err());
    }
}
