//! `yuefu calibrate`: fits the free parameters of a product; `--check` compares its targets with what the simulation gives.

use crate::cli::making::{Changes, Workers, announce, read};
use crate::cli::progress::Progress;
use crate::cli::summary::shown;
use crate::cli::{Exit, Failure, doors};
use crate::experiment::Manner;
use crate::experiment::calibrate::{self, CHECK_SEEDS, Verdict};
use crate::experiment::fit::{self, FIT_SEEDS, FIT_USERS, Task};
use crate::experiment::replications;
use crate::measure::Unit;
use crate::scenario::origin;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Fit the free parameters of a product to its targets by simulated moments, or check them
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Calibrate {
    /// Scenario whose product, people and first world are meant
    #[arg(default_value = "scenarios/calibration.toml")]
    scenario: PathBuf,
    /// Fit nothing: print target, simulated value, interval, grade and verdict; exit 1 when one misses
    #[arg(long)]
    check: bool,
    /// Number of seeds that are pooled [default: 5 to check, 2 to fit]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=100), conflicts_with = "seed")]
    seeds: Option<u16>,
    #[command(flatten)]
    changes: Changes,
    #[command(flatten)]
    workers: Workers,
}

const EXAMPLES: &str = "\
The fit writes models/calibrated/PRODUCT.toml, which every scenario of the product reads. Fit and check use different seeds.

Examples:
  yuefu calibrate
  yuefu calibrate --check
  yuefu calibrate --check --users 20000 --seeds 2 --set behaviour.repay.forget=0.04";

/// Runs the command.
///
/// # Errors
/// Bad input when the scenario is wrong; else what writing says.
pub(crate) fn run(args: &Calibrate) -> Result<Exit, Failure> {
    let overrides = args.changes.overrides();
    let scenario = read(&args.scenario, &overrides)?;
    doors::no_suite(&args.scenario, &scenario)?;
    let origin = origin(&args.scenario, &overrides)?;
    let written = match origin.models_directory {
        Some(models) => fit::calibrated_file(&models, &scenario.product),
        None if args.check => PathBuf::new(),
        None => {
            let (models, remedy) = (origin.models, "`yuefu init DIR` writes models that a fit can change");
            return Err(Failure::BadInput(format!("a fit would change the models, which are {models}; {remedy}")));
        }
    };
    announce(&args.scenario, &overrides)?;
    let progress = Progress::start(false)?;
    let missed = progress.run(args.workers.count(), |manner| {
        if args.check { check(args, manner) } else { fit(args, manner, &written) }
    })?;
    Ok(if args.check && missed > 0 { Exit::Mismatch } else { Exit::Ok })
}

/// The seed asked for, or so many seeds from the first of a list on.
fn seeds(args: &Calibrate, usual: &[u64]) -> Vec<u64> {
    match (args.changes.overrides().seed, args.seeds) {
        (Some(seed), _) => vec![seed],
        (None, Some(count)) => (0..u64::from(count)).map(|i| usual[0] + i).collect(),
        (None, None) => usual.to_vec(),
    }
}

/// Fits and writes, then checks what was written by the same seeds; the number of targets that are missed.
fn fit(args: &Calibrate, manner: &Manner<'_>, path: &Path) -> Result<usize, Failure> {
    let seeds = seeds(args, &FIT_SEEDS);
    let mut overrides = args.changes.overrides();
    overrides.users.get_or_insert(FIT_USERS);
    let task = Task { scenario: &args.scenario, overrides: overrides.clone(), seeds: &seeds };
    let found = fit::fit(&task, manner, |evaluation, measure, distance| {
        eprintln!("evaluation {evaluation}: farthest is {measure}, {distance:+.2} of the way to the edge of its band");
    })?;
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    fit::replace_file(path, &fit::file_text(&found, &seeds))?;
    eprintln!("written to {}", path.display());
    overrides.set.extend(found.settings);
    let scenarios = replications::read_seeds(&args.scenario, &overrides, &seeds)?;
    print(&calibrate::check(&scenarios, manner)?)
}

fn check(args: &Calibrate, manner: &Manner<'_>) -> Result<usize, Failure> {
    let seeds = seeds(args, &CHECK_SEEDS);
    let scenarios = replications::read_seeds(&args.scenario, &args.changes.overrides(), &seeds)?;
    print(&calibrate::check(&scenarios, manner)?)
}

/// Prints the verdicts and returns the number of targets that are missed.
fn print(verdicts: &[Verdict]) -> Result<usize, Failure> {
    let missed = verdicts.iter().filter(|v| !v.passes()).count();
    let mut out = std::io::stdout().lock();
    out.write_all(table(verdicts).as_bytes())?;
    writeln!(out, "\n{} of {} targets met", verdicts.len() - missed, verdicts.len())?;
    Ok(missed)
}

fn table(verdicts: &[Verdict]) -> String {
    let mut out = format!(
        "{:28} {:>14} {:>29} {:>14} {:>29}  grade  verdict\n",
        "measure", "target", "accepted", "simulated", "95 % interval"
    );
    for v in verdicts {
        let unit = v.measure.as_ref().map_or(Unit::Share, |m| m.definition.unit);
        let number = |value: f64| shown(unit, Some(value), false);
        let interval = v.measure.as_ref().and_then(|m| m.interval);
        let interval = interval.map_or("-".to_string(), |i| format!("{} … {}", number(i.low), number(i.high)));
        out += &format!(
            "{:28} {:>14} {:>29} {:>14} {interval:>29}  {:5}  {}\n",
            v.target.measure,
            number(v.target.target),
            format!("{} … {}", number(v.target.low), number(v.target.high)),
            shown(unit, v.measure.as_ref().and_then(|m| m.value()), false),
            v.target.grade,
            if v.passes() { "ok" } else { "MISSED" },
        );
    }
    out
}
