//! `yuefu calibrate --check`: the calibration targets of a product against what the simulation gives.

use crate::cli::progress::Progress;
use crate::cli::run::{Changes, Workers, load};
use crate::cli::summary::shown;
use crate::cli::{Exit, Failure};
use crate::clock::virtual_time::Interrupted;
use crate::experiment::Manner;
use crate::experiment::calibrate::{self, CHECK_SEEDS, Verdict};
use crate::measure::Unit;
use crate::scenario::Overrides;
use std::io::Write;
use std::path::PathBuf;

/// Compare the calibration targets of a product with what the simulation gives
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Calibrate {
    /// Scenario whose product, people and first world are meant
    #[arg(default_value = "scenarios/baseline.toml")]
    scenario: PathBuf,
    /// Print target, simulated value, interval, grade and verdict; exit 1 when one misses
    #[arg(long, required = true)]
    check: bool,
    #[command(flatten)]
    changes: Changes,
    #[command(flatten)]
    workers: Workers,
}

const EXAMPLES: &str = "\
Five seeds are pooled, or the one of --seed.

Examples:
  yuefu calibrate --check
  yuefu calibrate --check --users 20000 --set behaviour.repay.forget=0.04";

/// Runs the command.
///
/// # Errors
/// Bad input when the scenario is wrong; else what writing says.
pub fn run(args: &Calibrate) -> Result<Exit, Failure> {
    let asked = args.changes.overrides();
    let seeds = asked.seed.map_or(CHECK_SEEDS.to_vec(), |seed| vec![seed]);
    let scenarios = seeds
        .into_iter()
        .map(|seed| load(&args.scenario, &Overrides { seed: Some(seed), ..asked.clone() }))
        .collect::<Result<Vec<_>, Failure>>()?;
    let progress = Progress::start(false)?;
    let workers = args.workers.count();
    let manner = Manner { workers, progress: &progress, cancel: progress.cancel(), auditor: None };
    let outcome = calibrate::check(&scenarios, &manner);
    progress.finish();
    let verdicts = match outcome {
        Ok(verdicts) => verdicts,
        Err(Interrupted) => {
            eprintln!("interrupted");
            return Ok(Exit::Interrupted);
        }
    };
    let missed = verdicts.iter().filter(|v| !v.passes()).count();
    let mut out = std::io::stdout().lock();
    out.write_all(table(&verdicts).as_bytes())?;
    writeln!(out, "\n{} of {} targets met", verdicts.len() - missed, verdicts.len())?;
    Ok(if missed == 0 { Exit::Ok } else { Exit::Mismatch })
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
