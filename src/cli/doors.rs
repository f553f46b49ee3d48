//! Wrong doors: a scenario that is for another command is refused before any work, and the right command is named.

use crate::cli::Failure;
use crate::experiment::calibrate::unknown_targets;
use crate::experiment::products::known_facts;
use crate::scenario::{Overrides, Scenario, Target, read_comparison, scenario_name};
use std::path::Path;

/// `yuefu COMMAND PATH`, as it would be typed.
fn command(name: &str, path: &Path) -> String {
    format!("`yuefu {name} {}`", path.display())
}

/// The command that runs a scenario on the virtual clock.
fn own_command(path: &Path, scenario: &Scenario) -> String {
    let compared = || read_comparison(path, &Overrides::default(), None, &known_facts());
    command(
        match scenario.suite {
            Some(_) => "stress",
            None if matches!(compared(), Ok(Some(_))) => "compare-products",
            None => "run",
        },
        path,
    )
}

/// Refuses a suite where a scenario of single worlds is wanted.
///
/// # Errors
/// Bad input that names `stress`.
pub(crate) fn no_suite(path: &Path, scenario: &Scenario) -> Result<(), Failure> {
    if scenario.suite.is_none() {
        return Ok(());
    }
    let stress = command("stress", path);
    Err(Failure::BadInput(format!("{} is a suite, it has a part `[suite]`: {stress} runs it", scenario_name(path))))
}

/// Refuses a scenario of single worlds where a suite is wanted.
///
/// # Errors
/// Bad input that names `run`, or `compare-products` for a comparison.
pub(crate) fn a_suite(path: &Path, scenario: &Scenario) -> Result<(), Failure> {
    if scenario.suite.is_some() {
        return Ok(());
    }
    let own = own_command(path, scenario);
    Err(Failure::BadInput(format!(
        "{}: this scenario has no part `[suite]`: {own} runs its worlds",
        scenario_name(path)
    )))
}

/// That a scenario has no part `[load]`, and what can be done with it.
pub(crate) fn no_load(path: &Path, scenario: &Scenario) -> Failure {
    let other = own_command(path, scenario);
    Failure::BadInput(format!(
        "{} has no part [load]: {other} is its command; the scenario evening-peak shows one, docs/scenarios.md has its keys",
        scenario_name(path)
    ))
}

/// That a scenario has no part `[comparison]`, and what can be done with it.
pub(crate) fn no_comparison(path: &Path, scenario: &Scenario) -> Failure {
    let other = command(if scenario.suite.is_some() { "stress" } else { "run" }, path);
    Failure::BadInput(format!("{}: no part `[comparison]`: {other} is its command", scenario_name(path)))
}

/// Refuses targets of measures that do not exist.
///
/// # Errors
/// Bad input with the names, each with its file and line.
pub(crate) fn known_targets(scenario: &Scenario) -> Result<(), Failure> {
    let said = |target: &&Target| format!("`{}` ({})", target.measure, target.place);
    let unknown: Vec<String> = unknown_targets(scenario).iter().map(said).collect();
    if unknown.is_empty() {
        return Ok(());
    }
    Err(Failure::BadInput(format!(
        "the targets of {} name no measure of ours: {}; `yuefu list measures` has them all",
        scenario.product,
        unknown.join(", ")
    )))
}
