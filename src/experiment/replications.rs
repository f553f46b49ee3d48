//! One scenario under several seeds: the same question asked of other people with other luck.

use crate::experiment::{Manner, run};
use crate::measure::{Measures, WorldObservations, pool};
use crate::scenario::{Overrides, Scenario, ScenarioErrors, read_scenario};
use crate::sim::Interrupted;
use std::path::Path;

/// Reads a scenario once for each seed.
///
/// # Errors
/// Everything that is wrong with the files and the changes.
pub(crate) fn read_seeds(path: &Path, overrides: &Overrides, seeds: &[u64]) -> Result<Vec<Scenario>, ScenarioErrors> {
    seeds.iter().map(|&seed| read_scenario(path, &Overrides { seed: Some(seed), ..overrides.clone() })).collect()
}

/// Runs the first world of each scenario, one after the other; each run uses all workers.
///
/// # Errors
/// [`Interrupted`] when `manner.cancel` was set.
pub(crate) fn first_worlds(scenarios: &[Scenario], manner: &Manner<'_>) -> Result<Vec<WorldObservations>, Interrupted> {
    let mut worlds = Vec::with_capacity(scenarios.len());
    for scenario in scenarios {
        // Others than the first are compared with it, not with targets.
        let mut alone = scenario.clone();
        alone.worlds.truncate(1);
        worlds.extend(run(&alone, manner)?.worlds);
    }
    Ok(worlds)
}

/// The measures of the first worlds taken together.
///
/// # Errors
/// [`Interrupted`] when `manner.cancel` was set.
pub(crate) fn pooled_first_worlds(scenarios: &[Scenario], manner: &Manner<'_>) -> Result<Measures, Interrupted> {
    Ok(pool(&first_worlds(scenarios, manner)?.iter().collect::<Vec<_>>()))
}
