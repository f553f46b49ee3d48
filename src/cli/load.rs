//! `yuefu load`: a world of a scenario, taken over by the wall clock and measured. It reads arguments, calls `experiment::load`, and
//! writes the directory and its report; verdicts are `experiment`'s.

use crate::cli::progress::Progress;
use crate::cli::run::{Workers, key_and_value, load, new_directory};
use crate::cli::{Exit, Failure, machine};
use crate::experiment::load::{self as loading, LoadManner, Measured};
use crate::load::LoadError;
use crate::measure::latency::SecondRecord;
use crate::report;
use crate::results::RunDirectory;
use crate::results::load::{LoadProvenance, LoadRecord, RunLog, Verdict, write_into};
use crate::scenario::{Durability, LoadPlan, Overrides, Scenario, Shape};
use crate::sim::{HandOver, Interrupted};
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Load the credit service on the wall clock with the people of a scenario, and measure it
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Load {
    /// Scenario file with a part [load]
    scenario: PathBuf,
    #[command(flatten)]
    changes: LoadChanges,
    #[command(flatten)]
    workers: Workers,
    /// Run directory [default: results/ and the name of the scenario with -load]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Print summary.json and nothing else
    #[arg(long)]
    json: bool,
    /// Load a service that decides nothing: what all but the engine costs
    #[arg(long)]
    null: bool,
    /// Directory of the journal of a durable service [default: journal/ in the run directory]
    #[arg(long, value_name = "DIR")]
    journal: Option<PathBuf>,
    /// Put the answers that reached users down in a file, for `yuefu recover --acks`; several generator threads write a file each,
    /// FILE with their number for its extension
    #[arg(long, value_name = "FILE")]
    acks: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Exit codes beside the general ones: 99 an objective is broken, 1 the run is no measurement (INVALID).

Examples:
  yuefu load scenarios/evening-peak.toml
  yuefu load scenarios/evening-peak.toml -r 100000 -d 30s -w 5s --set load.durability=group
  yuefu load scenarios/load-quick.toml --json";

/// What the command line changes in a scenario with a load part.
#[derive(Debug, clap::Args)]
pub(crate) struct LoadChanges {
    /// Requests a second, at a constant rate
    #[arg(short, long, value_name = "N")]
    rate: Option<f64>,
    /// Measured time, such as 30s or 5m
    #[arg(short, long, value_name = "TIME")]
    duration: Option<String>,
    /// Users of the world
    #[arg(short = 'c', long, value_name = "N")]
    users: Option<u32>,
    /// Time before anything is measured
    #[arg(short, long, value_name = "TIME")]
    warmup: Option<String>,
    /// World that is taken over
    #[arg(long, value_name = "NAME")]
    world: Option<String>,
    /// Seed of all luck
    #[arg(long, value_name = "S")]
    seed: Option<u64>,
    /// Replace a value of the scenario or its models, such as load.queue_limit=100; may be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = key_and_value)]
    set: Vec<(String, String)>,
}

impl LoadChanges {
    /// The world that was asked for.
    pub(crate) fn world(&self) -> Option<&str> {
        self.world.as_deref()
    }

    fn overrides(&self) -> Overrides {
        let mut set = Vec::new();
        let mut put = |key: &str, value: String| set.push((key.to_string(), value));
        if let Some(rate) = self.rate {
            put("load.shape", "constant".to_string());
            put("load.rate", rate.to_string());
        }
        for (key, value) in
            [("load.duration", &self.duration), ("load.warmup", &self.warmup), ("load.world", &self.world)]
        {
            if let Some(value) = value {
                put(key, value.clone());
            }
        }
        set.extend(self.set.iter().cloned());
        Overrides { users: self.users, months: None, seed: self.seed, set }
    }

    /// The scenario and its plan; months are added when the load would run through all of them, as `months_needed` says.
    ///
    /// # Errors
    /// Everything that is wrong with the scenario, or that it has no load part.
    pub(crate) fn read(
        &self,
        path: &Path,
        months_needed: fn(&Scenario, &LoadPlan) -> u16,
    ) -> Result<(Scenario, LoadPlan), Failure> {
        let mut overrides = self.overrides();
        let no_plan = || {
            Failure::BadInput(format!(
                "{} has no part [load]; scenarios/evening-peak.toml shows one, docs/scenarios.md has its keys",
                path.display()
            ))
        };
        let scenario = load(path, &overrides)?;
        let plan = scenario.load.clone().ok_or_else(no_plan)?;
        let months = months_needed(&scenario, &plan);
        if months <= scenario.months {
            return Ok((scenario, plan));
        }
        overrides.months = Some(months);
        let scenario = load(path, &overrides)?;
        let plan = scenario.load.clone().ok_or_else(no_plan)?;
        Ok((scenario, plan))
    }
}

/// A line a second on a terminal.
struct LiveLine {
    on: bool,
    seconds: u64,
}

impl LiveLine {
    fn show(&self, row: &SecondRecord) {
        if !self.on {
            return;
        }
        let ms = |ns: Option<u64>| ns.map_or("–".to_string(), |ns| format!("{:.2} ms", ns as f64 / 1e6));
        let counts = row.all_counts();
        let second = row.at_ms / 1_000 + 1;
        eprintln!(
            "{second:>5} s  {:>9} decided/s  p50 {:>9}  p99 {:>9}  backlog {:>6}  errors {:>5}  {:>4} s to go",
            counts.decided(),
            ms(row.all_latency_ns[0]),
            ms(row.all_latency_ns[2]),
            row.backlog,
            counts.errors(),
            self.seconds.saturating_sub(second)
        );
    }
}

/// Runs the virtual clock up to the hand-over, with a progress bar.
///
/// # Errors
/// From the terminal; `Ok(None)` when interrupted.
pub(crate) fn take_over(
    scenario: &Scenario,
    plan: &LoadPlan,
    workers: usize,
    progress: &Progress,
) -> Result<Option<HandOver>, Failure> {
    match loading::hand_over(scenario, plan, workers, progress, progress.cancel()) {
        Ok(from) => Ok(Some(from)),
        Err(Interrupted) => Ok(None),
    }
}

/// Runs the command.
///
/// # Errors
/// Bad input when the scenario is wrong or a directory is taken; else what the run or writing says.
pub(crate) fn run(args: &Load) -> Result<Exit, Failure> {
    let (scenario, plan) = args.changes.read(&args.scenario, loading::months_needed)?;
    let target = args.out.clone().unwrap_or_else(|| Path::new("results").join(format!("{}-load", scenario.name)));
    let directory = new_directory(&target)?;
    let progress = Progress::start(args.json)?;
    let from = take_over(&scenario, &plan, args.workers.count(), &progress)?;
    progress.finish();
    let interrupted = || {
        eprintln!("interrupted; nothing was written to {}", target.display());
        Ok(Exit::Interrupted)
    };
    let Some(from) = from else { return interrupted() };
    let started_unix_ms = unix_ms();
    let mut log = RunLog::create(directory.path(), started_unix_ms)?;
    let mut log_error = None;
    let live = LiveLine { on: !args.json && std::io::stderr().is_terminal(), seconds: plan.duration_ms / 1_000 };
    let manner = LoadManner {
        cancel: progress.cancel(),
        journal: Some(args.journal.clone().unwrap_or_else(|| directory.path().join("journal"))),
        acks: args.acks.clone(),
        null_service: args.null,
    };
    let measured = loading::measure(&scenario, &plan, &from, &manner, &mut |row, sum| {
        live.show(row);
        if let Err(error) = log.second(row.at_ms, 1_000, sum) {
            log_error.get_or_insert(error);
        }
    });
    let mut measured = match measured {
        Ok(measured) => measured,
        Err(LoadError::Interrupted) => return interrupted(),
        Err(error) => return Err(error.into()),
    };
    if let Some(error) = log_error {
        return Err(error.into());
    }
    log.finish()?;
    // Second: what its actors leave would be taken for memory that the run does not need.
    let null = null_run(args, &scenario, &plan, &from, &progress)?;
    if let Some(null) = &null {
        measured.observations.invalid.extend(generator_fell_short(null));
    }
    let record = LoadRecord {
        provenance: LoadProvenance::of(&scenario, &plan, started_unix_ms),
        observations: measured.observations,
        objectives: measured.objectives,
        capacity: Vec::new(),
        machine: machine::machine(),
        versions: machine::versions(),
    };
    finish_directory(directory, &record)?;
    say_result(args, &record, null.as_ref(), &target)?;
    Ok(match record.verdict() {
        Verdict::Invalid => Exit::Mismatch,
        Verdict::Broken => Exit::Breach,
        Verdict::NotKnown | Verdict::Holds | Verdict::Measured => Exit::Ok,
    })
}

/// Writes a record with its report and puts the directory in its place.
///
/// # Errors
/// From the file system or the drawing.
pub(super) fn finish_directory(directory: RunDirectory, record: &LoadRecord) -> Result<(), Failure> {
    write_into(directory.path(), record)?;
    report::load::render_record(record, directory.path())?;
    directory.commit()?;
    Ok(())
}

/// A short run against a service that decides nothing, so that the generator's own limit is known.
fn null_run(
    args: &Load,
    scenario: &Scenario,
    plan: &LoadPlan,
    from: &HandOver,
    progress: &Progress,
) -> Result<Option<Measured>, Failure> {
    if args.null || plan.shape == Shape::Behaviour {
        // A null service makes the load itself; at people's own speed the run shows its lag well enough.
        return Ok(None);
    }
    let plan = LoadPlan { durability: Durability::None, ..loading::null_plan(plan) };
    let manner = LoadManner { cancel: progress.cancel(), journal: None, acks: None, null_service: true };
    Ok(Some(loading::measure(scenario, &plan, from, &manner, &mut |_, _| {})?))
}

/// Reasons against a run whose generator could not even load a service that decides nothing.
fn generator_fell_short(null: &Measured) -> Vec<String> {
    let of = |reason: &String| format!("against a service that decides nothing: {reason}");
    null.observations.invalid.iter().map(of).collect()
}

fn say_result(args: &Load, record: &LoadRecord, null: Option<&Measured>, target: &Path) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    if args.json {
        let path = target.join("summary.json");
        out.write_all(&std::fs::read(&path)?)?;
        return Ok(());
    }
    for sentence in report::load::answer(record) {
        writeln!(out, "{}", sentence.text)?;
    }
    if let Some(null) = null {
        let o = &null.observations;
        let decided = o.total.all_counts().decided() as f64 / o.measured_seconds;
        let p99 = o.total.all_latency_ns().value_at_quantile(0.99) as f64 / 1e6;
        writeln!(out, "A service that decides nothing answers {decided:.0} requests/s here, p99 {p99:.2} ms.")?;
    }
    writeln!(out, "report    {}", target.join("report.html").display())?;
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "a log of the wall clock says when it was made")]
pub(super) fn unix_ms() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}
