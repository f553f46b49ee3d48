//! A world after its warm-up, kept, so that worlds fork from it one after the other and on any thread.
//!
//! [`fn@crate::sim::run`] forks all worlds of a scenario at once and sweeps them together; this is for those who have more worlds than
//! they want in memory. Both give the same observations: a world depends on its warm-up and on its own specification alone.

use crate::base::time::CalendarDay;
use crate::measure::WorldObservations;
use crate::runtime::Fabric;
use crate::scenario::{Scenario, WorldSpec};
use crate::sim::checkpoint::Restored;
use crate::sim::observe::{balances, observe};
use crate::sim::options::{Options, Stopped};
use crate::sim::states::Checkpoints;
use crate::sim::superstep::{Cells, Run, now, unlocked};
use crate::world::{Cell, Frame, World};
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// The common past of the worlds of one scenario and replication.
#[derive(Debug)]
pub(crate) struct Warm {
    frame: Arc<Frame>,
    world: World,
    cells: Vec<Cell>,
    opening_fen: Vec<i64>,
}

/// Samples the people of a scenario and runs its warm-up, or takes over one that `kept` has; `kept` gets one that it has not.
///
/// # Errors
/// [`Stopped`] when `options.cancel` was set, or another process of the run is gone.
pub(crate) fn warm_up(
    scenario: &Scenario,
    fabric: &dyn Fabric,
    options: &Options<'_>,
    kept: Option<&dyn Checkpoints>,
) -> Result<Warm, Stopped> {
    let frame = Arc::new(Frame::new(scenario));
    let days = frame.calendar.months(0, scenario.warmup_months).to_vec();
    let mut run = Run::new(frame, fabric, options, usize::from(scenario.hosts.count), days.len());
    run.kept_states.warm = kept;
    let Warmed { world, cells, .. } = run.warmed(scenario, &days, None)?;
    let opening_fen = balances(&cells, run.frame.last_of(run.days_done), fabric)?;
    Ok(Warm { cells: unlocked(cells).collect(), frame: run.frame, world, opening_fen })
}

/// The world of a warm-up and its cells.
pub(super) struct Warmed {
    pub(super) world: World,
    pub(super) cells: Cells,
    /// When its people were there.
    pub(super) populated: Instant,
}

impl Run<'_> {
    /// The world after `days`, those of its warm-up: from a checkpoint within it, from one that is kept, or from its people on.
    pub(super) fn warmed(
        &mut self,
        scenario: &Scenario,
        days: &[CalendarDay],
        earlier: Option<Restored>,
    ) -> Result<Warmed, Stopped> {
        // Without a day nothing is worth kept_states.
        let kept = self.kept_states.warm.filter(|_| !days.is_empty());
        let restored = match (earlier, kept) {
            (Some(restored), _) => Some(restored),
            (None, Some(kept)) => self.restore(scenario, kept)?,
            (None, None) => None,
        };
        let from = restored.and_then(|mut restored| Some((restored.worlds.pop()?, restored.cells.pop()?)));
        let (mut world, cells) = match from {
            Some(restored) => restored,
            None => (World::warm_up(scenario, &self.frame), self.populate(scenario)),
        };
        let populated = now();
        if self.days_done < days.len() {
            let left = &days[self.days_done..];
            self.days(std::slice::from_mut(&mut world), std::slice::from_ref(&cells), left, scenario)?;
            if let Some(kept) = kept {
                self.keep(kept, std::slice::from_ref(&world), std::slice::from_ref(&cells))?;
            }
        }
        Ok(Warmed { world, cells, populated })
    }
}

impl Warm {
    /// Runs one world from here to the end of the counted months. `scenario` is the one that was warmed up.
    ///
    /// # Errors
    /// [`Stopped`] when `options.cancel` was set, or another process of the run is gone.
    pub(crate) fn run_world(
        &self,
        scenario: &Scenario,
        spec: &WorldSpec,
        fabric: &dyn Fabric,
        options: &Options<'_>,
    ) -> Result<WorldObservations, Stopped> {
        let mut world = self.world.fork(spec);
        let cells = [self.cells.iter().cloned().map(Mutex::new).collect()];
        let days = self.frame.calendar.months(self.frame.warmup_months, self.frame.run_months).to_vec();
        let mut run = Run::new(Arc::clone(&self.frame), fabric, options, world.hosts(), days.len());
        // The first day of all pays in the capital; it lies behind when there was a warm-up.
        run.capital_paid = self.frame.warmup_months > 0;
        run.days(std::slice::from_mut(&mut world), &cells, &days, scenario)?;
        observe(&run.frame, &world, &cells[0], &self.opening_fen, fabric)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::Threads;
    use crate::sim::options::Silent;
    use crate::sim::{KeptStates, run};
    use crate::testing::fixture;
    use std::sync::atomic::{AtomicBool, Ordering};

    #[test]
    fn worlds_that_fork_one_by_one_are_those_that_run_together() {
        for warmup_months in [0, 2] {
            let mut scenario = fixture::scenario(600);
            (scenario.warmup_months, scenario.months, scenario.cell_users) = (warmup_months, 2, 200);
            scenario.warmup_economy.months.truncate(usize::from(warmup_months));
            let cancel = AtomicBool::new(false);
            let options = Options { progress: &Silent, cancel: &cancel, auditor: None };
            let together = run(&scenario, &Threads::new(2), &options, KeptStates::default()).expect("not interrupted");
            let warm = warm_up(&scenario, &Threads::new(1), &options, None).expect("not interrupted");
            for (spec, expected) in scenario.worlds.iter().zip(&together.worlds) {
                let alone = warm.run_world(&scenario, spec, &Threads::new(1), &options).expect("not interrupted");
                assert_eq!(format!("{alone:?}"), format!("{expected:?}"), "{} after {warmup_months}", spec.name);
            }
            cancel.store(true, Ordering::Relaxed);
            assert!(warm.run_world(&scenario, &scenario.worlds[0], &Threads::new(1), &options).is_err());
        }
    }
}
