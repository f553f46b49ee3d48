//! Calibration targets against simulated moments, pooled over seeds: what `yuefu calibrate --check` shows. The fit itself is `fit`'s.

use crate::experiment::Manner;
use crate::experiment::fit::FitError;
use crate::experiment::replications::{Task, pooled_first_worlds};
use crate::measure::{Measure, definition};
use crate::scenario::{Overrides, Scenario, Target};
use crate::sim::Stopped;
use std::path::Path;

/// Seeds of the check. A fit must use others, so that it cannot fit the luck of the check.
const CHECK_SEEDS: [u64; 5] = [9_001, 9_002, 9_003, 9_004, 9_005];

/// A target with what the simulation gives.
#[derive(Clone, Debug)]
pub(crate) struct Verdict {
    /// The target.
    pub target: Target,
    /// The measure pooled over the seeds, with its interval; `None` when no measure has the target's key.
    pub measure: Option<Measure>,
}

impl Verdict {
    /// True when the pooled value lies in the accepted band.
    pub(crate) fn passes(&self) -> bool {
        let value = self.measure.as_ref().and_then(Measure::value);
        value.is_some_and(|v| (self.target.low..=self.target.high).contains(&v))
    }
}

/// What a check is asked, by seeds of its own (see [`Task::new`]).
pub(crate) fn task(scenario: &Path, overrides: Overrides, count: Option<u16>) -> Task<'_> {
    Task::new(scenario, overrides, count, &CHECK_SEEDS)
}

/// Runs the scenario of a task and compares its targets.
///
/// # Errors
/// What is wrong with the scenario, or that it was stopped.
pub(crate) fn check(task: &Task<'_>, manner: &Manner<'_>) -> Result<Vec<Verdict>, FitError> {
    Ok(judge(&task.read()?, manner)?)
}

/// The targets of a scenario that name no measure of ours.
pub(crate) fn unknown_targets(scenario: &Scenario) -> Vec<&Target> {
    scenario.targets.iter().filter(|target| definition(&target.measure).is_none()).collect()
}

/// Runs the scenarios (one a seed), pools their first worlds and compares them with the targets of the first scenario.
fn judge(scenarios: &[Scenario], manner: &Manner<'_>) -> Result<Vec<Verdict>, Stopped> {
    let pooled = pooled_first_worlds(scenarios, manner)?;
    let targets = scenarios.first().map_or(&[][..], |scenario| &scenario.targets);
    Ok(targets
        .iter()
        .map(|target| Verdict { target: target.clone(), measure: pooled.get(&target.measure).copied() })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::options::Silent;
    use crate::testing::fixture;
    use std::sync::atomic::AtomicBool;

    #[test]
    fn a_target_is_judged_by_its_band() {
        let target = |measure: &str, low: f64, high: f64| Target {
            measure: measure.to_string(),
            target: (low + high) / 2.0,
            low,
            high,
            grade: 'L',
            source: "a test".to_string(),
            place: format!("{measure}.toml:1"),
        };
        let mut scenario = fixture::scenario(300);
        scenario.targets = vec![
            target("authorisation_approval_rate", 0.0, 1.0),
            target("authorisation_approval_rate", 2.0, 3.0),
            target("no_such_measure", 0.0, 1.0),
        ];
        let cancel = AtomicBool::new(false);
        let manner = Manner { workers: 2, progress: &Silent, cancel: &cancel, auditor: None, warm: None };
        let second = Scenario { seed: scenario.seed + 1, ..scenario.clone() };
        let unknown: Vec<&str> = unknown_targets(&scenario).iter().map(|target| target.place.as_str()).collect();
        assert_eq!(unknown, ["no_such_measure.toml:1"]);
        let verdicts = judge(&[scenario, second], &manner).expect("not interrupted");
        assert_eq!(verdicts.iter().map(Verdict::passes).collect::<Vec<_>>(), [true, false, false]);
        let interval = verdicts[0].measure.and_then(|m| m.interval).expect("two seeds make an interval");
        assert_eq!(interval.seeds, 2);
    }
}
