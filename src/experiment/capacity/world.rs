//! The search of one world: its people are taken over once, and every probe starts from the same moment.

use super::{Probe, Probed, search};
use crate::experiment::Manner;
use crate::experiment::load::{self as loading, Measured, ProbeOrder};
use crate::experiment::scalability::{self, NoLaw};
use crate::load::LoadError;
use crate::results::load::CapacityRecord;
use crate::runtime::Threads;
use crate::scenario::{LoadPlan, Scenario};
use crate::sim::{Course, HandOver};

/// What the search of a world gave.
#[derive(Debug)]
pub(crate) struct WorldSearch {
    /// The answer with all its probes.
    pub record: CapacityRecord,
    /// The run of the probe that stands for the answer.
    pub measured: Option<Measured>,
    /// Why no law of throughput goes through the probes.
    pub no_law: Option<NoLaw>,
}

/// What the searches of several worlds gave.
#[derive(Debug, Default)]
pub(crate) struct Searched {
    /// The answers in the order of the worlds.
    pub records: Vec<CapacityRecord>,
    /// The world whose run heads the record: the first of which there is a run to show.
    pub head: Option<(LoadPlan, Measured)>,
}

impl Searched {
    /// Adds the world of a plan.
    pub(crate) fn add(&mut self, plan: LoadPlan, search: WorldSearch) {
        self.records.push(search.record);
        if let Some(measured) = search.measured {
            self.head.get_or_insert((plan, measured));
        }
    }
}

/// A plan for each world that is searched: the one that was asked for, or all.
pub(crate) fn plans(scenario: &Scenario, plan: &LoadPlan, world: Option<&str>) -> Vec<LoadPlan> {
    let of = |world: &str| LoadPlan { world: world.to_string(), ..plan.clone() };
    match world {
        Some(world) => vec![of(world)],
        None => scenario.worlds.iter().map(|world| of(&world.name)).collect(),
    }
}

/// Searches the world of a plan, handed over at `from`. `on_probe` sees each probe.
///
/// # Errors
/// [`LoadError`] of the first run that fails.
pub(crate) fn search_world(
    scenario: &Scenario,
    plan: &LoadPlan,
    from: &HandOver,
    manner: &Manner<'_>,
    on_probe: &mut dyn FnMut(&Probe),
) -> Result<WorldSearch, LoadError> {
    let active_rate = loading::active_rate(from, plan);
    let fabric = Threads::new(manner.workers);
    let mut course = Course::new(from, scenario, &fabric);
    let found = search(&plan.capacity, active_rate, &mut |rate, wall_ms| -> Result<Probed<Measured>, LoadError> {
        let probed = loading::probe(scenario, plan, &mut course, manner.cancel, ProbeOrder { rate, wall_ms })?;
        on_probe(&probed.probe);
        Ok(probed)
    })?;
    let (law, no_law) = match scalability::fit(&found.capacity.throughput(), scenario.seed) {
        Ok(fitted) => (Some(fitted.record()), None),
        Err(refused) => (None, Some(refused)),
    };
    let record = found.capacity.record(&plan.world, &plan.capacity, law);
    Ok(WorldSearch { record, measured: found.run, no_law })
}
