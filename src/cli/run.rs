//! `yuefu run`: a scenario on the virtual clock, written to a run directory with its report.

use crate::cli::checkpoints::Checkpoints;
use crate::cli::making::{Changes, Making, Stopwatch, Warm, announce, command_line, read};
use crate::cli::members::{Children, Shared};
use crate::cli::output::Output;
use crate::cli::processes::Processes;
use crate::cli::{Exit, Failure, doors, machine, members, summary};
use crate::experiment;
use crate::experiment::states::RunCheckpoints;
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
    processes: Processes,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    warm: Warm,
    #[command(flatten)]
    checkpoints: Checkpoints,
}

const EXAMPLES: &str = "\
Results do not depend on the number of workers and processes. Ctrl-C finishes the day, leaves
nothing behind but a checkpoint, if they are asked for, and exits with 130. Checkpoints:
docs/checkpoints.md; processes on several machines: docs/cluster.md.

Examples:
  yuefu run downturn
  yuefu run downturn --users 1000000 --months 24 --workers 2 --out results/large
  yuefu run downturn --users 1000000 --processes 2 --workers 1
  yuefu run downturn --hosts hosts.txt --process 1 --key cluster.key
  yuefu run scenarios/downturn.toml --set product.limits.raise_factor=1.3 --seed 7 --json
  yuefu run downturn --users 1000000 --checkpoint-every 3 --resume
  sed 's/users = .*/users = 5_000/' mine.toml | yuefu run - --out results/small";

/// Runs the command.
///
/// # Errors
/// Bad input when the scenario is wrong or the directory is taken; else what writing says.
pub(crate) fn run(args: &Run) -> Result<Exit, Failure> {
    let clock = Stopwatch::start();
    let workers = args.output.workers.count();
    if let Some(number) = args.processes.started_as() {
        let (target, wish) = (args.output.out.as_deref(), args.checkpoints.wish());
        return members::follow_who_started(number, workers, args.processes.wait(), target, wish);
    }
    let scenario = read(&args.scenario, &args.changes.overrides())?;
    doors::no_suite(&args.scenario, &scenario)?;
    args.warm.of_one_process(args.processes.is_one())?;
    let setup = match args.processes.by_hosts()? {
        Some(setup) if setup.number > 0 => {
            // It makes nothing there itself.
            let target = results::same_place(&args.output.wanted(&scenario.name, Kind::Run).target());
            let shared = Shared { scenario: &scenario, target: &target, wish: args.checkpoints.wish() };
            return members::follow(&shared, workers, setup, args.output.json);
        }
        setup => setup,
    };
    let mut making = args.output.begin(&scenario.name, Kind::Run)?;
    making.use_warm_ups(&args.warm)?;
    let wish = args.checkpoints.wish();
    let checkpoints = RunCheckpoints::beside(making.target(), &scenario, wish, making.told())?;
    let origin = announce(&args.scenario, &args.changes.overrides())?;
    // Dropped last: those that were started here end before this one.
    let mut children = Children::default();
    let setup = match args.processes.to_start() {
        Some(of) => {
            let shared = Shared { scenario: &scenario, target: making.target(), wish: args.checkpoints.wish() };
            Some(children.start(of, &args.processes, &shared, workers)?)
        }
        None => setup,
    };
    let ran = making.run(|manner| match setup {
        Some(setup) => members::run(&scenario, manner, setup, &children, &checkpoints)
            .map(|(record, cluster)| (record, Some(cluster))),
        None => Ok((experiment::run_from(&scenario, manner, &checkpoints)?, None)),
    });
    let (mut record, cluster) = ran.map_err(|failure| with_checkpoint(failure, &checkpoints))?;
    let command = command_line("run", &args.scenario, &args.changes, &[]);
    record.provenance.origin = making.origin(&origin, scenario.seed, command);
    complete_timing(&mut record, clock.seconds());
    let written = write(&record, making).and_then(|()| Ok(checkpoints.end()?));
    members::tell(cluster, written)?;
    Ok(Exit::Ok)
}

/// Writes the directory, puts it in its place and prints the answer.
pub(super) fn write(record: &RunRecord, making: Making) -> Result<(), Failure> {
    making.directory().write(record)?;
    report::render_record(record, making.path())?;
    making.finish(|_| Ok(results::result_json(record)), |target| summary::text(record, target))
}

/// An interruption says what it has left.
fn with_checkpoint(failure: Failure, checkpoints: &RunCheckpoints<'_>) -> Failure {
    match (failure, checkpoints.left()) {
        (Failure::Interrupted(_), Some(left)) => Failure::Interrupted(Some(left)),
        (other, _) => other,
    }
}

/// What the simulation cannot know of itself. It is complete before the first file is written, so that page, workbook and
/// `timing.json` say the same, now and when they are drawn again.
pub(super) fn complete_timing(record: &mut RunRecord, wall_seconds: f64) {
    record.timing.wall_seconds = wall_seconds;
    record.timing.peak_rss_bytes = machine::peak_rss_bytes();
    record.timing.machine = machine::machine();
    record.timing.versions = machine::versions();
}
