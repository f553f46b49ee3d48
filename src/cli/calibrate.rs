//! `yuefu calibrate`: fits the free parameters of a product; `--check` compares its targets with what the simulation gives.

use crate::cli::making::{Changes, Workers, announce, read};
use crate::cli::progress::Progress;
use crate::cli::summary::shown;
use crate::cli::{Exit, Failure, doors};
use crate::experiment::Manner;
use crate::experiment::calibrate::{self, Verdict};
use crate::experiment::fit;
use crate::measure::Unit;
use crate::report::numbers::interval;
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

/// Fits and writes, then checks what was written; the number of targets that are missed.
fn fit(args: &Calibrate, manner: &Manner<'_>, path: &Path) -> Result<usize, Failure> {
    let task = fit::task(&args.scenario, args.changes.overrides(), args.seeds);
    let fitted = fit::fit_and_write(&task, manner, path, |evaluation, measure, distance| {
        eprintln!("evaluation {evaluation}: farthest is {measure}, {distance:+.2} of the way to the edge of its band");
    })?;
    eprintln!("written to {}", path.display());
    print(&calibrate::check(&fitted, manner)?)
}

fn check(args: &Calibrate, manner: &Manner<'_>) -> Result<usize, Failure> {
    let task = calibrate::task(&args.scenario, args.changes.overrides(), args.seeds);
    print(&calibrate::check(&task, manner)?)
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
        let found = v.measure.as_ref().and_then(|m| m.interval);
        let ends = found.map_or("–".to_string(), |i| interval(&number(i.low), &number(i.high)));
        out += &format!(
            "{:28} {:>14} {:>29} {:>14} {ends:>29}  {:5}  {}\n",
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
