//! `yuefu calibrate`: fits the free parameters of a product; `--check` compares its targets with what the simulation gives.

use crate::cli::making::{Changes, Workers, announce, read, whole};
use crate::cli::progress::Progress;
use crate::cli::summary::shown;
use crate::cli::{Exit, Failure, doors, streams};
use crate::experiment::Manner;
use crate::experiment::calibrate::{self, Verdict};
use crate::experiment::fit;
use crate::measure::Unit;
use crate::report::numbers::interval;
use crate::scenario::origin;
use std::path::{Path, PathBuf};

/// Fit the free parameters of a product to its targets, or check them
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Calibrate {
    /// Scenario (file, built-in name, or -) whose product, people and first world are meant
    #[arg(default_value = "scenarios/calibration.toml")]
    scenario: PathBuf,
    /// Fit nothing: print target, simulated value, interval, grade and verdict; exit 1 when one misses
    #[arg(long)]
    check: bool,
    /// Number of seeds that are pooled [default: 5 to check, 2 to fit]
    #[arg(long, value_name = "N", value_parser = whole::<u16>(1..=100), conflicts_with = "seed")]
    seeds: Option<u16>,
    #[command(flatten)]
    changes: Changes,
    #[command(flatten)]
    workers: Workers,
    /// Print one JSON document (the targets with their verdicts) and nothing else
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
The fit goes by simulated moments and writes models/calibrated/PRODUCT.toml, which every scenario
of the product reads. Fit and check use different seeds.

Examples:
  yuefu calibrate
  yuefu calibrate --check
  yuefu calibrate --check --users 20000 --seeds 2 --set behaviour.repay.forget=0.04
  yuefu calibrate --check --json";

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
    let progress = Progress::start(args.json)?;
    let verdicts = progress.run(args.workers.count(), |manner| {
        if args.check { check(args, manner) } else { fit(args, manner, &written) }
    })?;
    let missed = verdicts.iter().filter(|v| !v.passes()).count();
    if args.json {
        let written = (!args.check).then(|| written.display().to_string());
        streams::document(&document(&verdicts, missed, written.as_deref()))?;
    } else {
        let met = verdicts.len() - missed;
        streams::answer(&format!("{}\n{met} of {} targets met\n", table(&verdicts), verdicts.len()))?;
    }
    Ok(if args.check && missed > 0 { Exit::Mismatch } else { Exit::Ok })
}

/// Fits and writes, then checks what was written.
fn fit(args: &Calibrate, manner: &Manner<'_>, path: &Path) -> Result<Vec<Verdict>, Failure> {
    let task = fit::task(&args.scenario, args.changes.overrides(), args.seeds);
    let fitted = fit::fit_and_write(&task, manner, path, |evaluation, measure, distance| {
        streams::note(format_args!(
            "evaluation {evaluation}: farthest is {measure}, {distance:+.2} of the way to the edge of its band"
        ));
    })?;
    streams::note(format_args!("written to {}", path.display()));
    Ok(calibrate::check(&fitted, manner)?)
}

fn check(args: &Calibrate, manner: &Manner<'_>) -> Result<Vec<Verdict>, Failure> {
    let task = calibrate::task(&args.scenario, args.changes.overrides(), args.seeds);
    Ok(calibrate::check(&task, manner)?)
}

/// The verdicts for programs; `written` is the file of a fit.
fn document(verdicts: &[Verdict], missed: usize, written: Option<&str>) -> serde_json::Value {
    let targets = verdicts.iter().map(|v| {
        let interval = v.measure.as_ref().and_then(|m| m.interval);
        serde_json::json!({
            "measure": v.target.measure,
            "unit": v.measure.as_ref().map(|m| m.definition.unit.name()),
            "target": v.target.target,
            "accepted": [v.target.low, v.target.high],
            "simulated": v.measure.as_ref().and_then(|m| m.value()),
            "interval": interval.map(|i| [i.low, i.high]),
            "grade": v.target.grade,
            "source": v.target.source,
            "met": v.passes(),
        })
    });
    serde_json::json!({
        "met": missed == 0,
        "targets_met": verdicts.len() - missed,
        "targets": targets.collect::<Vec<_>>(),
        "written": written,
    })
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
