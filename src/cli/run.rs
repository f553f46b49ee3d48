//! `yuefu run`: a scenario on the virtual clock, written to a run directory with its report.

use crate::cli::progress::Progress;
use crate::cli::{Exit, Failure, machine, summary};
use crate::experiment;
use crate::report;
use crate::results::{Phase, ResultsError, RunDirectory, RunRecord};
use crate::scenario::{self, Overrides, Scenario};
use crate::sim::Interrupted;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Run a scenario on the virtual clock and write its results and report
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Run {
    /// Scenario file
    scenario: PathBuf,
    #[command(flatten)]
    changes: Changes,
    #[command(flatten)]
    workers: Workers,
    /// Run directory [default: results/ and the name of the scenario]; a former run there is replaced
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Print result.json (the measures) and nothing else
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Results do not depend on the number of workers. Ctrl-C finishes the day, leaves nothing behind and exits with 130.

Examples:
  yuefu run scenarios/downturn.toml
  yuefu run scenarios/downturn.toml --users 1000000 --months 24 --workers 2 --out results/large
  yuefu run scenarios/downturn.toml --set product.limits.raise_factor=1.3 --seed 7 --json";

/// What the command line changes in a scenario.
#[derive(Debug, clap::Args)]
pub(crate) struct Changes {
    /// Users of the world
    #[arg(long, value_name = "N")]
    users: Option<u32>,
    /// Counted months, warm-up apart
    #[arg(long, value_name = "N")]
    months: Option<u16>,
    /// Seed of all luck
    #[arg(long, value_name = "S")]
    seed: Option<u64>,
    /// Replace a value of the scenario or its models, such as behaviour.repay.forget=0.02; may be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = key_and_value)]
    set: Vec<(String, String)>,
}

impl Changes {
    /// As the scenario reader takes them.
    pub(crate) fn overrides(&self) -> Overrides {
        Overrides { users: self.users, months: self.months, seed: self.seed, set: self.set.clone() }
    }
}

/// How many workers.
#[derive(Debug, clap::Args)]
pub(crate) struct Workers {
    /// Worker threads [default: the cores of the machine]
    #[arg(long = "workers", value_name = "W", value_parser = clap::value_parser!(u32).range(1..=1024))]
    count: Option<u32>,
}

impl Workers {
    /// The number asked for, or the machine's.
    pub(crate) fn count(&self) -> usize {
        self.count.unwrap_or_else(machine::cores) as usize
    }
}

/// `KEY=VALUE` of the command line.
pub(super) fn key_and_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => Ok((key.trim().to_string(), value.trim().to_string())),
        _ => Err("write KEY=VALUE, such as behaviour.repay.forget=0.02".to_string()),
    }
}

/// Reads a scenario; everything wrong with it is the user's to put right.
///
/// # Errors
/// All errors of the files and the changes, rendered.
pub(crate) fn load(path: &Path, overrides: &Overrides) -> Result<Scenario, Failure> {
    scenario::read_scenario(path, overrides).map_err(|errors| Failure::BadInput(errors.to_string()))
}

/// Starts a run directory.
///
/// # Errors
/// Bad input when something else is there; else what the file system says.
pub(super) fn new_directory(target: &Path) -> Result<RunDirectory, Failure> {
    RunDirectory::create(target).map_err(|error| match error {
        ResultsError::Occupied { .. } => Failure::BadInput(error.to_string()),
        _ => error.into(),
    })
}

/// Runs the command.
///
/// # Errors
/// Bad input when the scenario is wrong or the directory is taken; else what writing says.
#[expect(clippy::disallowed_methods, reason = "timing.json says how long the whole command took")]
pub(crate) fn run(args: &Run) -> Result<Exit, Failure> {
    let started = Instant::now();
    let scenario = load(&args.scenario, &args.changes.overrides())?;
    let target = args.out.clone().unwrap_or_else(|| Path::new("results").join(&scenario.name));
    let directory = new_directory(&target)?;
    let progress = Progress::start(args.json)?;
    let workers = args.workers.count();
    let manner = progress.manner(workers);
    let outcome = experiment::run(&scenario, &manner);
    progress.finish();
    let mut record = match outcome {
        Ok(record) => record,
        Err(Interrupted) => {
            drop(directory);
            eprintln!("interrupted; nothing was written to {}", target.display());
            return Ok(Exit::Interrupted);
        }
    };
    let simulated = started.elapsed().as_secs_f64();
    directory.write(&record)?;
    report::render_record(&record, directory.path())?;
    let seconds = started.elapsed().as_secs_f64();
    record.timing.phases.push(Phase { name: "write and report".to_string(), seconds: seconds - simulated });
    complete_timing(&mut record, seconds);
    directory.write_timing(&record)?;
    directory.commit()?;
    let answer = if args.json { record.result_json() } else { summary::text(&record, &target) };
    std::io::stdout().lock().write_all(answer.as_bytes())?;
    Ok(Exit::Ok)
}

/// What the simulation cannot know of itself.
fn complete_timing(record: &mut RunRecord, wall_seconds: f64) {
    record.timing.wall_seconds = wall_seconds;
    record.timing.peak_rss_bytes = machine::peak_rss_bytes();
    record.timing.machine = machine::machine();
    record.timing.versions = machine::versions();
}
