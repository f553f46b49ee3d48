//! `yuefu capacity`: how much the credit service carries, in requests and in customers, world by world.

use crate::cli::load::{LoadChanges, finish};
use crate::cli::making::{Making, Replacing, Wanted, Warm, Workers, announce, in_a_shell};
use crate::cli::{Exit, Failure, machine, streams};
use crate::experiment::capacity::{self, Probe, Searched};
use crate::experiment::load::{self as loading, Planned};
use crate::report;
use crate::report::numbers::grouped;
use crate::results::Kind;
use crate::results::load::{CLOCK, CapacityRecord, LoadProvenance, LoadRecord, RunLog};
use crate::scenario::LoadPlan;
use std::path::PathBuf;

/// Search for the load that the credit service carries, in requests and customers
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Capacity {
    #[allow(rustdoc::broken_intra_doc_links, reason = "text of the help, not a link")]
    /// Scenario with a part [load]: a file, the name of a built-in one, or - for standard input
    scenario: PathBuf,
    #[command(flatten)]
    changes: LoadChanges,
    #[command(flatten)]
    workers: Workers,
    /// Run directory [default: results/ and the name of the scenario with -capacity]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    replacing: Replacing,
    #[command(flatten)]
    warm: Warm,
    /// Print summary.json and nothing else
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Every world of the scenario is searched, or the one named with --world. Each probe starts from the
same moment of the same world.

Examples:
  yuefu capacity evening-peak
  yuefu capacity evening-peak --world baseline --set load.capacity.probe=2s";

/// Runs the command.
///
/// # Errors
/// Bad input when the scenario is wrong or a directory is taken; else what a run or writing says.
pub(crate) fn run(args: &Capacity) -> Result<Exit, Failure> {
    if let Some(option) = args.changes.of_a_single_run() {
        return Err(Failure::BadInput(format!(
            "{option} is of a single run: `yuefu load {0} {option} …`; a search sets rates and times itself, \
             `--set load.capacity.probe=2s` the time of a probe",
            args.scenario.display()
        )));
    }
    let Planned { scenario, plan } = args.changes.read(&args.scenario, loading::months_needed_to_search)?;
    let usual_name = format!("{}-capacity", scenario.name);
    let wanted =
        Wanted { out: args.out.as_deref(), usual_name: &usual_name, kind: Kind::Load, replacing: &args.replacing };
    let mut making = Making::begin(&wanted, &args.workers, args.json)?;
    making.use_warm_ups(&args.warm)?;
    let read_from = announce(&args.scenario, &args.changes.overrides())?;
    let command = in_a_shell("capacity", &args.scenario, args.changes.words());
    let origin = making.origin_by(CLOCK, &read_from, scenario.seed, command);
    let mut searched = Searched::default();
    for plan in capacity::plans(&scenario, &plan, args.changes.world()) {
        let from = making.run(|manner| loading::hand_over(&scenario, &plan, manner))?;
        let search = making.run(|manner| {
            capacity::search_world(&scenario, &plan, &from, manner, &mut |probe| print_probe(&making, &plan, probe))
        })?;
        if let Some(refused) = search.no_law.as_ref().filter(|_| !making.is_quiet()) {
            streams::note(format_args!("{}: {refused}", plan.world));
        }
        searched.add(plan, search);
    }
    let Some((plan, measured)) = searched.head else { return Ok(Exit::Mismatch) };
    let started_unix_ms = measured.observations.started_unix_ms;
    RunLog::create(making.path(), &origin)?.finish(started_unix_ms)?;
    let record = LoadRecord {
        provenance: LoadProvenance { origin, ..LoadProvenance::of(&scenario, &plan, started_unix_ms) },
        observations: measured.observations,
        objectives: measured.objectives,
        capacity: searched.records,
        machine: machine::machine(),
        versions: machine::versions(),
    };
    finish(making, &record, |out| {
        for sentence in report::load::capacity_answer(&record.capacity) {
            out.push_str(&sentence.text);
            out.push('\n');
        }
    })?;
    Ok(if record.capacity.iter().all(CapacityRecord::is_confirmed) { Exit::Ok } else { Exit::Mismatch })
}

/// A line for each probe.
fn print_probe(making: &Making, plan: &LoadPlan, probe: &Probe) {
    if making.is_quiet() {
        return;
    }
    let latency = probe.latency_ns.map_or("not known".to_string(), |ns| format!("{:.2} ms", ns as f64 / 1e6));
    streams::note(format_args!(
        "{}: {}/s asked, {}/s decided, p{} {latency}",
        plan.world,
        grouped(probe.rate.round() as i128),
        grouped(probe.decided_per_s.round() as i128),
        plan.capacity.quantile * 100.0
    ));
}
