//! One scenario under several seeds: the same question asked of other people with other luck.

use crate::experiment::{Manner, run};
use crate::measure::{Measures, WorldObservations, pool};
use crate::scenario::{Overrides, Scenario, ScenarioErrors, read_scenario};
use crate::sim::Stopped;
use std::path::Path;

/// A scenario, what is changed in it, and the seeds that are pooled.
#[derive(Clone, Debug)]
pub(crate) struct Task<'a> {
    /// The scenario; its first world is meant.
    pub scenario: &'a Path,
    /// What is changed in it.
    pub overrides: Overrides,
    /// The seeds.
    pub seeds: Vec<u64>,
}

impl<'a> Task<'a> {
    /// Under the seed that the changes ask for; else under `count` seeds from the first of the `usual` ones on; else under those.
    pub(crate) fn new(scenario: &'a Path, overrides: Overrides, count: Option<u16>, usual: &[u64]) -> Task<'a> {
        let seeds = match (overrides.seed, count) {
            (Some(seed), _) => vec![seed],
            (None, Some(count)) => usual.first().map_or(Vec::new(), |first| (*first..).take(count.into()).collect()),
            (None, None) => usual.to_vec(),
        };
        Task { scenario, overrides, seeds }
    }

    /// Reads the scenario once for each seed.
    ///
    /// # Errors
    /// Everything that is wrong with the files and the changes.
    pub(crate) fn read(&self) -> Result<Vec<Scenario>, ScenarioErrors> {
        let under = |seed: u64| Overrides { seed: Some(seed), ..self.overrides.clone() };
        self.seeds.iter().map(|&seed| read_scenario(self.scenario, &under(seed))).collect()
    }
}

/// Runs the first world of each scenario, one after the other; each run uses all workers.
///
/// # Errors
/// [`Stopped`] when `manner.cancel` was set.
pub(crate) fn first_worlds(scenarios: &[Scenario], manner: &Manner<'_>) -> Result<Vec<WorldObservations>, Stopped> {
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
/// [`Stopped`] when `manner.cancel` was set.
pub(crate) fn pooled_first_worlds(scenarios: &[Scenario], manner: &Manner<'_>) -> Result<Measures, Stopped> {
    Ok(pool(&first_worlds(scenarios, manner)?.iter().collect::<Vec<_>>()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_so_many_or_the_usual_ones() {
        let seeds = |seed: Option<u64>, count: Option<u16>| {
            Task::new(Path::new("a.toml"), Overrides { seed, ..Overrides::default() }, count, &[7, 9]).seeds
        };
        assert_eq!(seeds(None, None), [7, 9]);
        assert_eq!(seeds(None, Some(3)), [7, 8, 9]);
        assert_eq!(seeds(Some(4), None), [4]);
    }
}
