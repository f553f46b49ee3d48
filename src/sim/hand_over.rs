//! One world up to a midnight, for the wall clock to take over.

use crate::base::time::{CalendarDay, Day};
use crate::runtime::Fabric;
use crate::scenario::Scenario;
use crate::sim::options::{Options, Stopped};
use crate::sim::states::Checkpoints;
use crate::sim::superstep::{Run, unlocked};
use crate::sim::warm::Warmed;
use crate::world::{Cell, Frame, World};
use std::sync::Arc;

/// A world at a midnight, for the wall clock to take over: all days before `next` are closed.
#[derive(Debug)]
pub(crate) struct HandOver {
    /// What the worlds of the run share.
    pub frame: Arc<Frame>,
    /// The world after the last close.
    pub world: World,
    /// Its cells.
    pub cells: Vec<Cell>,
    /// The day that opens next.
    pub next: CalendarDay,
}

/// Runs one world of a scenario up to the midnight before `until`. `kept` may have its warm-up, and gets one that it has not.
///
/// # Errors
/// [`Stopped`] when `options.cancel` was set, or another process of the run is gone.
///
/// # Panics
/// When the scenario has no such world or the run no such day; `scenario::resolve` refuses that first.
pub(crate) fn hand_over(
    scenario: &Scenario,
    world: &str,
    until: Day,
    fabric: &dyn Fabric,
    options: &Options<'_>,
    kept: Option<&dyn Checkpoints>,
) -> Result<HandOver, Stopped> {
    let frame = Arc::new(Frame::new(scenario));
    let spec = scenario.worlds.iter().find(|spec| spec.name == world).expect("the scenario was checked for its worlds");
    let days = frame.calendar.days().to_vec();
    let index = days.iter().position(|day| day.day == until).expect("the scenario was checked for the day");
    let warm_days = frame.calendar.months(0, scenario.warmup_months).len();
    let mut run = Run::new(frame, fabric, options, usize::from(scenario.hosts.count), index);
    // What ends within the warm-up has no whole one to keep or to take over.
    run.kept_states.warm = kept.filter(|_| warm_days <= index);
    let warm_days = warm_days.min(index);
    let Warmed { world: warm, cells, .. } = run.warmed(scenario, &days[..warm_days], None)?;
    // In the warm-up there is no world of its own yet; the fork is made all the same, so that its rules begin in time.
    let mut worlds = [warm.fork(spec)];
    run.days(&mut worlds, std::slice::from_ref(&cells), &days[warm_days..index], scenario)?;
    let [world] = worlds;
    Ok(HandOver { world, cells: unlocked(cells).collect(), next: days[index], frame: run.frame })
}
