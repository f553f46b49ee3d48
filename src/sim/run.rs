//! A run of all worlds of a scenario: warm-up once, then the worlds fork from it and are swept together.

use crate::measure::WorldObservations;
use crate::runtime::{Fabric, lock};
use crate::scenario::Scenario;
use crate::sim::observe::{balances, observe};
use crate::sim::options::{Options, Stopped};
use crate::sim::states::KeptStates;
use crate::sim::superstep::{Cells, KeptTally, Run, Work, now};
use crate::sim::warm::Warmed;
use crate::world::{Frame, World};
use hdrhistogram::Histogram;
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// What a run leaves.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// The worlds in the order of the scenario.
    pub worlds: Vec<WorldObservations>,
    /// How long its phases took.
    pub seconds: PhaseSeconds,
    /// What was done in it.
    pub work: Work,
    /// The states that were kept on the way.
    pub kept: KeptTally,
    /// Nanoseconds of a cell's day.
    pub cell_day_ns: Histogram<u64>,
}

/// Seconds of wall time by phase.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PhaseSeconds {
    /// Sampling the people.
    pub sampling: f64,
    /// Warm-up.
    pub warm_up: f64,
    /// Counted months.
    pub counted: f64,
    /// Putting the observations together, the state hash first of all.
    pub observing: f64,
}

/// Runs a scenario on a fabric. With checkpoints it goes on from the last one that there is.
///
/// # Errors
/// [`Stopped`] when `options.cancel` was set, another process of the run is gone, or a checkpoint could not be made or read.
pub(crate) fn run(
    scenario: &Scenario,
    fabric: &dyn Fabric,
    options: &Options<'_>,
    kept_states: KeptStates<'_>,
) -> Result<Outcome, Stopped> {
    let started = now();
    let frame = Arc::new(Frame::new(scenario));
    let days_total = frame.calendar.days().len();
    let warm_days = frame.calendar.months(0, scenario.warmup_months).to_vec();
    let mut run = Run::new(frame, fabric, options, usize::from(scenario.hosts.count), days_total);
    run.kept_states = kept_states;
    let earlier = match kept_states.checkpoints {
        Some(checkpoints) => run.restore(scenario, checkpoints)?,
        None => None,
    };
    let (populated, mut worlds, all_cells) = match earlier {
        Some(restored) if restored.opening_fen.is_some() => (now(), restored.worlds, restored.cells),
        earlier => {
            let Warmed { world: warm, cells, populated } = run.warmed(scenario, &warm_days, earlier)?;
            run.opening_fen = Some(balances(&cells, run.frame.last_of(run.days_done), fabric)?);
            let worlds: Vec<World> = scenario.worlds.iter().map(|spec| warm.fork(spec)).collect();
            let copy = |cells: &Cells| -> Cells { cells.iter().map(|cell| Mutex::new(lock(cell).clone())).collect() };
            let mut all_cells: Vec<Cells> = (1..worlds.len()).map(|_| copy(&cells)).collect();
            all_cells.push(cells);
            (populated, worlds, all_cells)
        }
    };
    let warmed = now();
    let days = run.frame.calendar.days()[run.days_done..].to_vec();
    run.days(&mut worlds, &all_cells, &days, scenario)?;
    let ran = now();
    let opening = run.opening_fen.take().unwrap_or_default();
    let observed =
        worlds.iter().zip(&all_cells).map(|(world, cells)| observe(&run.frame, world, cells, &opening, fabric));
    let observed = observed.collect::<Result<_, _>>()?;
    let seconds = |from: Instant, to: Instant| to.duration_since(from).as_secs_f64();
    Ok(Outcome {
        worlds: observed,
        seconds: PhaseSeconds {
            sampling: seconds(started, populated),
            warm_up: seconds(populated, warmed),
            counted: seconds(warmed, ran),
            observing: seconds(ran, now()),
        },
        work: run.work,
        kept: run.kept,
        cell_day_ns: run.cell_day_ns,
    })
}
