//! `yuefu run`: a scenario on the virtual clock, written to a run directory with its report.

use crate::cli::making::{Changes, Making, Replacing, Stopwatch, Wanted, Workers, announce, command_line, read};
use crate::cli::members::Children;
use crate::cli::processes::Processes;
use crate::cli::{Exit, Failure, doors, machine, members, summary};
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
    #[command(flatten)]
    processes: Processes,
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
Results do not depend on the number of workers and processes. Ctrl-C finishes the day, leaves
nothing behind and exits with 130. Processes on several machines: docs/cluster.md.

Examples:
  yuefu run downturn
  yuefu run downturn --users 1000000 --months 24 --workers 2 --out results/large
  yuefu run downturn --users 1000000 --processes 2 --workers 1
  yuefu run downturn --hosts hosts.txt --process 1 --key cluster.key
  yuefu run scenarios/downturn.toml --set product.limits.raise_factor=1.3 --seed 7 --json
  sed 's/users = .*/users = 5_000/' mine.toml | yuefu run - --out results/small";

/// Runs the command.
///
/// # Errors
/// Bad input when the scenario is wrong or the directory is taken; else what writing says.
pub(crate) fn run(args: &Run) -> Result<Exit, Failure> {
    let clock = Stopwatch::start();
    let workers = args.workers.count();
    if let Some(number) = args.processes.started_as() {
        return members::follow_who_started(number, workers, args.processes.wait());
    }
    let scenario = read(&args.scenario, &args.changes.overrides())?;
    doors::no_suite(&args.scenario, &scenario)?;
    let place = match args.processes.place()? {
        Some(place) if place.number > 0 => return members::follow(&scenario, workers, place, args.json),
        place => place,
    };
    let wanted =
        Wanted { out: args.out.as_deref(), usual_name: &scenario.name, kind: Kind::Run, replacing: &args.replacing };
    let mut making = Making::begin(&wanted, &args.workers, args.json)?;
    let origin = announce(&args.scenario, &args.changes.overrides())?;
    // Dropped last: those that were started here end before this one.
    let mut children = Children::default();
    let place = match args.processes.to_start() {
        Some(of) => Some(children.start(of, &args.processes, &scenario, workers)?),
        None => place,
    };
    let (mut record, cluster) = making.run(|manner| match place {
        Some(place) => {
            members::run(&scenario, manner, place, &children).map(|(record, cluster)| (record, Some(cluster)))
        }
        None => Ok((experiment::run(&scenario, manner)?, None)),
    })?;
    let command = command_line("run", &args.scenario, &args.changes, &[]);
    record.provenance.origin = making.origin(&origin, scenario.seed, command);
    complete_timing(&mut record, clock.seconds());
    members::tell(cluster, write(&record, making))?;
    Ok(Exit::Ok)
}

/// Writes the directory, puts it in its place and prints the answer.
fn write(record: &RunRecord, making: Making) -> Result<(), Failure> {
    making.directory().write(record)?;
    report::render_record(record, making.path())?;
    making.finish(|_| Ok(results::result_json(record)), |target| summary::text(record, target))
}

/// What the simulation cannot know of itself. It is complete before the first file is written, so that page, workbook and
/// `timing.json` say the same, now and when they are drawn again.
fn complete_timing(record: &mut RunRecord, wall_seconds: f64) {
    record.timing.wall_seconds = wall_seconds;
    record.timing.peak_rss_bytes = machine::peak_rss_bytes();
    record.timing.machine = machine::machine();
    record.timing.versions = machine::versions();
}
