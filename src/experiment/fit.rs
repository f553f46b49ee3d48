//! Calibration by simulated moments (McFadden 1989): the free parameters of a product are chosen so that what the
//! simulation gives comes near its targets, all together.
//!
//! Each target is a residual, (simulated − target) / width of the accepted band on that side, so that one is its edge.
//! All evaluations meet the same people with the same luck; a parameter's effect is then seen with far fewer users than its
//! level needs. Nothing is overridden: the fit only turns knobs that [`parameters`] names.

pub(crate) mod least_squares;
pub(crate) mod parameters;

use crate::experiment::Manner;
use crate::experiment::replications::{Task, pooled_first_worlds};
use crate::measure::Measures;
use crate::scenario::{Overrides, ScenarioErrors, Target};
use crate::sim::Stopped;
use least_squares::{Found, Search, minimise};
use parameters::{FREE, Parameter, settings};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Seeds of the fit; the check uses others.
const FIT_SEEDS: [u64; 2] = [8_001, 8_002];

/// Users of a world of the fit unless asked otherwise.
const FIT_USERS: u32 = 40_000;

const SEARCH: Search = Search { difference: 0.3, stride_max: 1.0, pull_home: 0.02, steps: 8, enough: 0.25 };

/// Why a fit did not come to an end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FitError {
    /// The scenario or a model is wrong.
    #[error("{0}")]
    Scenario(#[from] ScenarioErrors),
    /// Stopped.
    #[error(transparent)]
    Stopped(#[from] Stopped),
    /// The values that were found cannot be written.
    #[error("{}: {source}", path.display())]
    Io {
        /// Where.
        path: PathBuf,
        /// What the file system said.
        source: std::io::Error,
    },
}

/// What a fit found.
#[derive(Clone, Debug)]
struct Fit {
    /// Keys and values in TOML.
    pub settings: Vec<(String, String)>,
    /// Largest residual: 1 is the edge of an accepted band.
    pub worst: f64,
    /// Evaluations made, each of all seeds.
    pub evaluations: usize,
    /// Users of a world.
    pub users: u32,
    /// Name of the product.
    pub product: String,
}

/// What a fit is asked, by seeds of its own (see [`Task::new`]) and with as many users as it needs.
pub(crate) fn task(scenario: &Path, mut overrides: Overrides, count: Option<u16>) -> Task<'_> {
    overrides.users.get_or_insert(FIT_USERS);
    Task::new(scenario, overrides, count, &FIT_SEEDS)
}

/// Fits all free parameters and writes them to a file that scenarios read. Returns what a check of them is asked: the same seeds
/// with the values that were found.
///
/// # Errors
/// What is wrong with the scenario, that it was stopped, or that the file cannot be written.
pub(crate) fn fit_and_write<'a>(
    task: &Task<'a>,
    manner: &Manner<'_>,
    path: &Path,
    on_evaluation: impl FnMut(usize, &str, f64),
) -> Result<Task<'a>, FitError> {
    let found = fit(task, manner, on_evaluation)?;
    let directory = path.parent().unwrap_or(Path::new(""));
    std::fs::create_dir_all(directory)
        .and_then(|()| replace_file(path, &file_text(&found, &task.seeds)))
        .map_err(|source| FitError::Io { path: path.to_path_buf(), source })?;
    let mut fitted = task.clone();
    fitted.overrides.set.extend(found.settings);
    Ok(fitted)
}

/// Fits all free parameters. `on_evaluation` hears of every evaluation: its number and the largest residual with its measure.
///
/// # Errors
/// What is wrong with the scenario, or that it was stopped.
fn fit(task: &Task<'_>, manner: &Manner<'_>, mut on_evaluation: impl FnMut(usize, &str, f64)) -> Result<Fit, FitError> {
    let start: Vec<f64> = FREE.iter().map(|p| p.coordinate(p.start)).collect();
    let values = |at: &[f64]| -> Vec<f64> { FREE.iter().zip(at).map(|(p, x)| p.value(*x)).collect() };
    let mut evaluations = 0;
    let mut about = None;
    let found = minimise(&start, &SEARCH, |at| {
        let turned = Task { overrides: with(&task.overrides, FREE, &values(at)), ..task.clone() };
        let scenarios = turned.read()?;
        let pooled = pooled_first_worlds(&scenarios, manner)?;
        evaluations += 1;
        let Some(first) = scenarios.first() else { return Ok(Vec::new()) };
        let residuals = residuals(&first.targets, &pooled);
        let worst = worst(&first.targets, &residuals);
        on_evaluation(evaluations, worst.0, worst.1);
        about.get_or_insert_with(|| (first.users, first.product.clone()));
        Ok::<_, FitError>(residuals)
    })?;
    let Found { at, residuals, evaluations } = found;
    let (users, product) = about.unwrap_or_default();
    Ok(Fit {
        settings: settings(FREE, &values(&at)),
        worst: residuals.iter().fold(0.0, |worst: f64, r| worst.max(r.abs())),
        evaluations,
        users,
        product,
    })
}

/// The task's changes, and after them the parameters: a value of the command line does not hold a free parameter down.
fn with(overrides: &Overrides, parameters: &[Parameter], values: &[f64]) -> Overrides {
    let mut overrides = overrides.clone();
    overrides.set.extend(settings(parameters, values));
    overrides
}

/// Distances from the targets, 1 at the edge of the accepted band on that side (a side of no width counts like the other).
/// Targets of a single point have no band and are not fitted; neither is a measure without a value.
fn residuals(targets: &[Target], pooled: &Measures) -> Vec<f64> {
    let one = |target: &Target| {
        let value = pooled.value(&target.measure).unwrap_or(target.target);
        let (below, above) = (target.target - target.low, target.high - target.target);
        let (near, far) = if value < target.target { (below, above) } else { (above, below) };
        let width = if near > 0.0 { near } else { far };
        if width > 0.0 { (value - target.target) / width } else { 0.0 }
    };
    targets.iter().map(one).collect()
}

fn worst<'a>(targets: &'a [Target], residuals: &[f64]) -> (&'a str, f64) {
    let with_names = targets.iter().map(|t| t.measure.as_str()).zip(residuals.iter().copied());
    with_names.fold(("", 0.0), |worst: (&str, f64), (name, r)| if r.abs() > worst.1.abs() { (name, r) } else { worst })
}

/// The file of calibrated values that scenarios read: what it is, how it was made, and one key a line.
fn file_text(fit: &Fit, seeds: &[u64]) -> String {
    let mut text =
        String::from("# Written by `yuefu calibrate`: the values of grade L that a fit by simulated moments found.\n");
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "# Product {}, {} users a world, seeds {seeds:?}, {} evaluations.",
        fit.product, fit.users, fit.evaluations
    );
    let _ = writeln!(
        text,
        "# Largest distance from a target, as a part of the way to the edge of its accepted band: {:.2}.",
        fit.worst
    );
    for (key, value) in &fit.settings {
        let _ = writeln!(text, "\"{key}\" = {value}");
    }
    text
}

/// Where a fit of a product is written, by the directory of the models.
pub(crate) fn calibrated_file(models: &Path, product: &str) -> PathBuf {
    models.join("calibrated").join(format!("{product}.toml"))
}

/// Puts a text in the place of a file at once: a reader sees the old one or the new one.
///
/// # Errors
/// What the file system says.
fn replace_file(path: &Path, text: &str) -> std::io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new(""));
    let mut partial = tempfile::NamedTempFile::new_in(directory)?;
    partial.write_all(text.as_bytes())?;
    partial.as_file().sync_all()?;
    partial.persist(path).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::{fixture, measures};
    use crate::sim::options::Silent;
    use std::sync::atomic::{AtomicBool, Ordering};

    fn target(measure: &str, target: f64, low: f64, high: f64) -> Target {
        let (measure, source, place) = (measure.to_string(), "a test".to_string(), String::new());
        Target { measure, target, low, high, grade: 'L', source, place }
    }

    #[test]
    fn residuals_count_half_bands() {
        let pooled = measures(&fixture::world("normal", 0.0));
        let v = pooled.value("overdue_rate").expect("a balance");
        let targets = [
            target("overdue_rate", v, 0.5 * v, 1.5 * v),
            target("overdue_rate", 0.8 * v, 0.7 * v, 0.9 * v),
            target("overdue_rate", 0.8 * v, 0.7 * v, 2.0 * v),
            target("overdue_rate", 2.0 * v, v, 2.0 * v),
            target("overdue_rate", 2.0 * v, 2.0 * v, 2.0 * v),
            target("no_such_measure", 1.0, 0.0, 2.0),
        ];
        let residuals = residuals(&targets, &pooled);
        for (r, want) in residuals.iter().zip([0.0, 2.0, 0.2 / 1.2, -1.0, 0.0, 0.0]) {
            assert!((r - want).abs() < 1e-9, "{r} {want}");
        }
        assert_eq!(worst(&targets, &residuals).0, "overdue_rate");
    }

    #[test]
    fn fit_and_check_use_different_seeds() {
        let (path, as_read) = (Path::new("a.toml"), Overrides::default);
        let (fit, check) = (task(path, as_read(), None), crate::experiment::calibrate::task(path, as_read(), None));
        assert!(fit.seeds.iter().all(|seed| !check.seeds.contains(seed)), "{fit:?} {check:?}");
        assert_eq!((fit.overrides.users, check.overrides.users), (Some(FIT_USERS), None));
        let asked = Overrides { users: Some(9), ..Overrides::default() };
        assert_eq!(task(path, asked, None).overrides.users, Some(9));
    }

    #[test]
    fn every_free_parameter_is_a_key_of_the_models_and_stays_in_its_range() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/calibration.toml");
        let middle: Vec<f64> = FREE.iter().map(|p| (p.low + p.high) / 2.0).collect();
        for values in [FREE.iter().map(|p| p.low).collect(), FREE.iter().map(|p| p.high).collect(), middle] {
            let overrides = with(&Overrides::default(), FREE, &values);
            if let Err(errors) = Task::new(&path, overrides, Some(1), &FIT_SEEDS).read() {
                panic!("{errors}");
            }
        }
    }

    #[test]
    fn a_stopped_fit_says_so() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/calibration.toml");
        let overrides = Overrides { users: Some(200), months: Some(1), ..Overrides::default() };
        let task = Task { scenario: &path, overrides, seeds: vec![1] };
        let cancel = AtomicBool::new(false);
        let manner = Manner { workers: 1, progress: &Silent, cancel: &cancel, auditor: None, warm: None };
        let mut heard = 0;
        let result = fit(&task, &manner, |evaluation, _, _| {
            heard = evaluation;
            cancel.store(evaluation == 2, Ordering::Relaxed);
        });
        assert!(matches!(result, Err(FitError::Stopped(_))));
        assert_eq!(heard, 2);
    }

    #[test]
    fn the_file_is_read_by_scenarios_and_put_in_place_at_once() {
        let fit = Fit {
            settings: settings(FREE, &FREE.iter().map(|p| p.start).collect::<Vec<_>>()),
            worst: 0.5,
            evaluations: 9,
            users: 1_000,
            product: "p".to_string(),
        };
        let text = file_text(&fit, &[1, 2]);
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join("p.toml");
        std::fs::write(&path, "old").expect("written");
        replace_file(&path, &text).expect("replaced");
        assert_eq!(std::fs::read_to_string(&path).expect("read"), text);
        assert_eq!(std::fs::read_dir(directory.path()).expect("listed").count(), 1, "no partial file stays");
        let table: toml::Table = toml::from_str(&text).expect("TOML");
        assert_eq!(table["behaviour.repay.give_up"].as_array().map(Vec::len), Some(3));
    }
}
