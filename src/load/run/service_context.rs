//! Terms, prices and calendar of a service that is recovered: from the scenario and the world that stand in its directory.

use crate::base::time::{CalendarDay, Day};
use crate::credit::totals::{CreditFlows, History, Tally};
use crate::credit::{Controls, Today};
use crate::journal::disk::OsDisk;
use crate::journal::{self, Context, Recovered, RecoveryError, Replayed, Start};
use crate::scenario::{self, Scenario};
use crate::world::{Frame, World};
use std::path::Path;
use std::sync::Arc;

/// What the engines of a service were given beside its journal.
#[derive(Clone, Debug)]
pub struct ServiceContext {
    frame: Arc<Frame>,
    world: Arc<World>,
}

impl ServiceContext {
    /// The context of a scenario's world, or `None` when it has no world of that name.
    pub fn new(scenario: &Scenario, world: &str) -> Option<ServiceContext> {
        let spec = scenario.worlds.iter().find(|spec| spec.name == world)?;
        let frame = Frame::new(scenario);
        let world = World::warm_up(scenario, &frame).fork(spec);
        Some(ServiceContext { frame: Arc::new(frame), world: Arc::new(world) })
    }

    /// The context of the service in a directory.
    fn of(dir: &Path) -> Result<ServiceContext, RecoveryError> {
        let service = journal::read_service(dir)?;
        let refused = |file: &str, why: String| RecoveryError::NoService { path: dir.join(file), why };
        let scenario = scenario::from_resolved_toml(&service.scenario)
            .map_err(|errors| refused("scenario.toml", errors.to_string()))?;
        ServiceContext::new(&scenario, &service.world)
            .ok_or_else(|| refused("service.json", "its world is not in scenario.toml".to_string()))
    }

    /// The date of a day of the run.
    fn date(&self, day: Day) -> Option<&CalendarDay> {
        let days = self.frame.calendar.days();
        let first = days.first()?.day;
        usize::try_from(day.since(first)).ok().and_then(|index| days.get(index))
    }
}

impl Context for ServiceContext {
    fn today<'a>(&'a self, day: Day, controls: &'a Controls) -> Option<Today<'a>> {
        Some(self.world.prepared_on(day).today(&self.frame, self.date(day)?, controls))
    }

    fn tally(&self) -> Tally {
        Tally { flows: CreditFlows::default(), history: History::new(self.frame.run_months) }
    }
}

/// Recovers a service, from its newest whole snapshot or from its first one: then all that ever happened is applied again.
///
/// # Errors
/// [`RecoveryError`] when no state can be vouched for.
pub(crate) fn recover(dir: &Path, start: Start) -> Result<Recovered, RecoveryError> {
    journal::recover(&OsDisk, dir, &ServiceContext::of(dir)?, start, None)
}

/// Recovers a service and shows every request on the way.
///
/// # Errors
/// [`RecoveryError`] when no state can be vouched for.
pub(crate) fn recover_observed(
    dir: &Path,
    start: Start,
    observe: &mut dyn FnMut(Replayed),
) -> Result<Recovered, RecoveryError> {
    journal::recover(&OsDisk, dir, &ServiceContext::of(dir)?, start, Some(observe))
}
