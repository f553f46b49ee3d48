//! `yuefu run`: a scenario on the virtual clock, written to a run directory with its report.

use crate::cli::making::{Changes, Making, Replacing, Stopwatch, Wanted, Workers, announce, command_line, read};
use crate::cli::{Exit, Failure, doors, machine, summary};
use crate::experiment;
use crate::report;
use crate::results::{self, Kind, RunRecord};
use std::path::PathBuf;

/// Run a scenario on the virtual clock and write its results and report
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Run {
    /// Scenario file, the name of a built-in one (yuefu list scenarios), or - for standard input
    scenario: PathBuf,
    #[command(flatten)]
    changes: Changes,
    #[command(flatten)]
    workers: Workers,
    /// Run directory [default: results/ and the name of the scenario]; a former run there is replaced, if nothing in it was changed
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    replacing: Replacing,
    /// Print result.json (the measures) and nothing else
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Results do not depend on the number of workers. Ctrl-C finishes the day, leaves nothing behind and
exits with 130.

Examples:
  yuefu run downturn
  yuefu run downturn --users 1000000 --months 24 --workers 2 --out results/large
  yuefu run scenarios/downturn.toml --set product.limits.raise_factor=1.3 --seed 7 --json
  sed 's/users = .*/users = 5_000/' mine.toml | yuefu run - --out results/small";

/// Runs the command.
///
/// # Errors
/// Bad input when the scenario is wrong or the directory is taken; else what writing says.
pub(crate) fn run(args: &Run) -> Result<Exit, Failure> {
    let clock = Stopwatch::start();
    let scenario = read(&args.scenario, &args.changes.overrides())?;
    doors::no_suite(&args.scenario, &scenario)?;
    let wanted =
        Wanted { out: args.out.as_deref(), usual_name: &scenario.name, kind: Kind::Run, replacing: &args.replacing };
    let mut making = Making::begin(&wanted, &args.workers, args.json)?;
    let origin = announce(&args.scenario, &args.changes.overrides())?;
    let mut record = making.run(|manner| experiment::run(&scenario, manner))?;
    let command = command_line("run", &args.scenario, &args.changes, &[]);
    record.provenance.origin = making.origin(&origin, scenario.seed, command);
    complete_timing(&mut record, clock.seconds());
    making.directory().write(&record)?;
    report::render_record(&record, making.path())?;
    making.finish(|_| Ok(results::result_json(&record)), |target| summary::text(&record, target))?;
    Ok(Exit::Ok)
}

/// What the simulation cannot know of itself. It is complete before the first file is written, so that page, workbook and
/// `timing.json` say the same, now and when they are drawn again.
fn complete_timing(record: &mut RunRecord, wall_seconds: f64) {
    record.timing.wall_seconds = wall_seconds;
    record.timing.peak_rss_bytes = machine::peak_rss_bytes();
    record.timing.machine = machine::machine();
    record.timing.versions = machine::versions();
}
