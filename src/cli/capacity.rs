//! `yuefu capacity`: how much the credit service carries, in requests and in customers, world by world.

use crate::cli::load::{LoadChanges, finish_directory, take_over, unix_ms};
use crate::cli::progress::Progress;
use crate::cli::run::{Workers, new_directory};
use crate::cli::{Exit, Failure, machine};
use crate::experiment::capacity::{Verdict, search};
use crate::experiment::load::{self as loading, Measured};
use crate::experiment::scalability;
use crate::load::LoadError;
use crate::report;
use crate::results::load::{CapacityRecord, LoadProvenance, LoadRecord, RunLog};
use crate::runtime::Threads;
use crate::scenario::{LoadPlan, Scenario};
use crate::sim::Course;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Search for the load that the credit service carries, in requests a second and in active customers
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Capacity {
    #[allow(rustdoc::broken_intra_doc_links, reason = "text of the help, not a link")]
    /// Scenario file with a part [load]
    scenario: PathBuf,
    #[command(flatten)]
    changes: LoadChanges,
    #[command(flatten)]
    workers: Workers,
    /// Run directory [default: results/ and the name of the scenario with -capacity]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Print summary.json and nothing else
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Every world of the scenario is searched, or the one named with --world. Each probe starts from the same moment of the same world.

Examples:
  yuefu capacity scenarios/evening-peak.toml
  yuefu capacity scenarios/evening-peak.toml --world baseline --set load.capacity.probe=2s";

/// Runs the command.
///
/// # Errors
/// Bad input when the scenario is wrong or a directory is taken; else what a run or writing says.
pub(crate) fn run(args: &Capacity) -> Result<Exit, Failure> {
    let (scenario, plan) = args.changes.read(&args.scenario, loading::months_needed_to_search)?;
    let target = args.out.clone().unwrap_or_else(|| Path::new("results").join(format!("{}-capacity", scenario.name)));
    let directory = new_directory(&target)?;
    let worlds: Vec<String> = match args.changes.world() {
        Some(world) => vec![world.to_string()],
        None => scenario.worlds.iter().map(|world| world.name.clone()).collect(),
    };
    let started_unix_ms = unix_ms();
    let progress = Progress::start(args.json)?;
    let mut found = Vec::new();
    let mut last = None;
    for world in worlds {
        let plan = LoadPlan { world, ..plan.clone() };
        match search_world(args, &scenario, &plan, &progress)? {
            Some((record, measured)) => {
                found.push(record);
                last.get_or_insert((plan, measured));
            }
            None => {
                eprintln!("interrupted; nothing was written to {}", target.display());
                return Ok(Exit::Interrupted);
            }
        }
    }
    let Some((plan, measured)) = last else { return Ok(Exit::Mismatch) };
    RunLog::create(directory.path(), started_unix_ms)?.finish()?;
    let record = LoadRecord {
        provenance: LoadProvenance::of(&scenario, &plan, started_unix_ms),
        observations: measured.observations,
        objectives: measured.objectives,
        capacity: found,
        machine: machine::machine(),
        versions: machine::versions(),
    };
    finish_directory(directory, &record)?;
    let mut out = std::io::stdout().lock();
    if args.json {
        out.write_all(&std::fs::read(target.join("summary.json"))?)?;
    } else {
        for sentence in report::load::capacity_answer(&record.capacity) {
            writeln!(out, "{}", sentence.text)?;
        }
        writeln!(out, "report    {}", target.join("report.html").display())?;
    }
    let carried =
        record.capacity.iter().all(|capacity| capacity.carried_rate.is_some() && capacity.confirmed == Some(true));
    Ok(if carried { Exit::Ok } else { Exit::Mismatch })
}

/// Searches one world; `None` when interrupted.
fn search_world(
    args: &Capacity,
    scenario: &Scenario,
    plan: &LoadPlan,
    progress: &Progress,
) -> Result<Option<(CapacityRecord, Measured)>, Failure> {
    let from = take_over(scenario, plan, args.workers.count(), progress)?;
    progress.finish();
    let Some(from) = from else { return Ok(None) };
    let mut shown: Option<(u8, Measured)> = None;
    let active_rate = loading::active_rate(&from, plan);
    let fabric = Threads::new(args.workers.count());
    let mut course = Course::new(&from, scenario, &fabric);
    let found = search(&plan.capacity, active_rate, &mut |rate, wall_ms| {
        let (probe, measured) = loading::probe(scenario, plan, &mut course, progress.cancel(), (rate, wall_ms))?;
        if !args.json {
            let p = probe.latency_ns.map_or("not known".to_string(), |ns| format!("{:.2} ms", ns as f64 / 1e6));
            eprintln!(
                "{}: {rate:.0}/s asked, {:.0}/s decided, p{} {p}",
                plan.world,
                probe.decided_per_s,
                plan.capacity.quantile * 100.0
            );
        }
        // The page shows the run that stands for the answer: the last longer one that was carried, else the last carried, else any.
        let carried = Verdict::of(&probe, &plan.capacity) == Verdict::Carried;
        let rank = u8::from(carried) + u8::from(carried && wall_ms >= plan.capacity.confirm_ms);
        if shown.as_ref().is_none_or(|(before, _)| rank >= *before) {
            shown = Some((rank, measured));
        }
        Ok(probe)
    });
    let found = match found {
        Ok(found) => found,
        Err(LoadError::Interrupted) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let law = match scalability::fit(&found.throughput(), scenario.seed) {
        Ok(fitted) => Some(fitted.record()),
        Err(refused) => {
            if !args.json {
                eprintln!("{}: {refused}", plan.world);
            }
            None
        }
    };
    let record = found.record(&plan.world, &plan.capacity, law);
    Ok(shown.map(|(_, measured)| (record, measured)))
}
