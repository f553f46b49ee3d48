//! `yuefu load`: a world of a scenario, taken over by the wall clock and measured. It reads arguments, calls `experiment::load`, and
//! writes the directory and its report; verdicts are `experiment`'s.

use crate::cli::exit::said;
use crate::cli::making::{Making, Replacing, Settings, Wanted, Warm, Workers, announce, in_a_shell, read, whole};
use crate::cli::{Exit, Failure, doors, machine, streams};
use crate::experiment::load::{self as loading, LoadManner, Measured, PlanError, Planned};
use crate::experiment::load_paths::load_paths;
use crate::load::LoadError;
use crate::measure::latency::SecondRecord;
use crate::report;
use crate::results::Kind;
use crate::results::load::{CLOCK, LoadProvenance, LoadRecord, RunLog, Verdict, write_into};
use crate::scenario::{LoadPlan, Overrides, Scenario};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Load the credit service on the wall clock with the people of a scenario
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Load {
    /// Scenario with a part `[load]`: a file, the name of a built-in one, or - for standard input
    scenario: PathBuf,
    #[command(flatten)]
    changes: LoadChanges,
    #[command(flatten)]
    workers: Workers,
    /// Run directory [default: results/ and the name of the scenario with -load]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    replacing: Replacing,
    #[command(flatten)]
    warm: Warm,
    /// Print summary.json and nothing else
    #[arg(long)]
    json: bool,
    /// Load a service that decides nothing: what all but the engine costs
    #[arg(long)]
    null: bool,
    /// Directory of the journal of a durable service, which no run ever removes [default: DIR.journal, or with a number when
    /// an earlier run's is there]
    #[arg(long, value_name = "DIR")]
    journal: Option<PathBuf>,
    /// Put the answers that reached users down in a new file, for `yuefu recover --acks`; several generator threads write a file each,
    /// FILE with their number for its extension
    #[arg(long, value_name = "FILE")]
    acks: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Exit codes beside the general ones: 99 an objective is broken, 1 the run is no measurement
(INVALID).

Examples:
  yuefu load evening-peak
  yuefu load scenarios/evening-peak.toml -r 100000 -d 30s -w 5s --set load.durability=group
  yuefu load load-quick --json";

/// What the command line changes in a scenario with a load part.
#[derive(Debug, clap::Args)]
pub(crate) struct LoadChanges {
    /// Requests a second, at a constant rate
    #[arg(short, long, value_name = "N", allow_hyphen_values = true)]
    rate: Option<f64>,
    /// Measured time, such as 30s or 5m
    #[arg(short, long, value_name = "TIME", allow_hyphen_values = true)]
    duration: Option<String>,
    /// Users of the world
    #[arg(short = 'c', long, value_name = "N", value_parser = whole::<u32>(0..=u32::MAX.into()), allow_hyphen_values = true)]
    users: Option<u32>,
    /// Time before anything is measured
    #[arg(short, long, value_name = "TIME", allow_hyphen_values = true)]
    warmup: Option<String>,
    /// World that is taken over
    #[arg(long, value_name = "NAME")]
    world: Option<String>,
    #[command(flatten)]
    settings: Settings,
}

impl LoadChanges {
    /// The first option that shapes a single run, as it was typed.
    pub(super) fn of_a_single_run(&self) -> Option<&'static str> {
        let given = [
            ("--rate", self.rate.is_some()),
            ("--duration", self.duration.is_some()),
            ("--warmup", self.warmup.is_some()),
        ];
        given.into_iter().find(|(_, given)| *given).map(|(name, _)| name)
    }

    /// The world that was asked for.
    pub(crate) fn world(&self) -> Option<&str> {
        self.world.as_deref()
    }

    pub(super) fn overrides(&self) -> Overrides {
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
        Overrides { users: self.users, ..self.settings.overrides(set) }
    }

    /// The words that make these changes again.
    pub(super) fn words(&self) -> Vec<String> {
        let options = [
            ("--rate", self.rate.map(|rate| rate.to_string())),
            ("--duration", self.duration.clone()),
            ("--users", self.users.map(|users| users.to_string())),
            ("--warmup", self.warmup.clone()),
            ("--world", self.world.clone()),
        ];
        let given = options.into_iter().filter_map(|(name, value)| Some([name.to_string(), value?]));
        given.flatten().chain(self.settings.words()).collect()
    }

    /// The scenario and its plan, with as many months as `months_needed` says.
    ///
    /// # Errors
    /// Everything that is wrong with the scenario, or that it has no load part.
    pub(crate) fn read(&self, path: &Path, months_needed: fn(&Scenario, &LoadPlan) -> u16) -> Result<Planned, Failure> {
        match loading::read(path, &self.overrides(), months_needed) {
            Err(PlanError::NoPlan(_)) => Err(doors::no_load(path, &read(path, &self.overrides())?)),
            planned => Ok(planned?),
        }
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
        streams::note(format_args!(
            "{second:>5} s  {:>9} decided/s  p50 {:>9}  p99 {:>9}  backlog {:>6}  errors {:>5}  {:>4} s to go",
            counts.decided(),
            ms(row.all_latency_ns[0]),
            ms(row.all_latency_ns[2]),
            row.backlog,
            counts.errors(),
            self.seconds.saturating_sub(second)
        ));
    }
}

/// Runs the command.
///
/// # Errors
/// Bad input when the scenario is wrong or a directory is taken; else what the run or writing says.
pub(crate) fn run(args: &Load) -> Result<Exit, Failure> {
    let Planned { scenario, plan } = args.changes.read(&args.scenario, loading::months_needed)?;
    let usual_name = format!("{}-load", scenario.name);
    let wanted =
        Wanted { out: args.out.as_deref(), usual_name: &usual_name, kind: Kind::Load, replacing: &args.replacing };
    let mut making = Making::begin(&wanted, &args.workers, args.json)?;
    making.use_warm_ups(&args.warm)?;
    let paths = load_paths(making.target(), &plan, args.journal.as_deref(), args.acks.as_deref())?;
    let read_from = announce(&args.scenario, &args.changes.overrides())?;
    let null = args.null.then(|| "--null".to_string());
    let command = in_a_shell("load", &args.scenario, args.changes.words().into_iter().chain(null));
    let origin = making.origin_by(CLOCK, &read_from, scenario.seed, command);
    let from = making.run(|manner| loading::hand_over(&scenario, &plan, manner))?;
    let mut log = RunLog::create(making.path(), &origin)?;
    let mut log_error = None;
    let live = LiveLine { on: !args.json && streams::is_watched(), seconds: plan.duration_ms / 1_000 };
    let ran = making.run(|manner| -> Result<_, Failure> {
        let manner = LoadManner {
            cancel: manner.cancel,
            journal: paths.journal.clone(),
            acks: paths.acks.clone(),
            null_service: args.null,
        };
        let mut measured = loading::measure(&scenario, &plan, &from, &manner, &mut |second| {
            live.show(second.row);
            if let Err(error) = log.second(second.started_unix_ms, second.row.at_ms, second.sum) {
                log_error.get_or_insert(error);
            }
        })?;
        if let Some(error) = log_error {
            return Err(error.into());
        }
        log.finish(measured.observations.started_unix_ms)?;
        // Second: what its actors leave would be taken for memory that the run does not need.
        let null = loading::null_run(&scenario, &plan, &from, &manner, &mut measured)?;
        Ok((measured, null))
    });
    let (measured, null) = ran.map_err(|failure| with_journal(failure, paths.journal.as_deref()))?;
    let record = LoadRecord {
        provenance: LoadProvenance {
            origin,
            ..LoadProvenance::of(&scenario, &plan, measured.observations.started_unix_ms)
        },
        observations: measured.observations,
        objectives: measured.objectives,
        capacity: Vec::new(),
        machine: machine::machine(),
        versions: machine::versions(),
    };
    finish(making, &record, |out| {
        answer(&record, null.as_ref(), out);
        if let Some(journal) = &paths.journal {
            // Writing to a `String` cannot fail.
            let _ = writeln!(out, "journal   {}", journal.display());
        }
    })?;
    Ok(match record.verdict() {
        Verdict::Invalid => Exit::Mismatch,
        Verdict::Broken => Exit::Breach,
        Verdict::NotKnown | Verdict::Holds | Verdict::Measured => Exit::Ok,
    })
}

/// A run that was interrupted or could not be finished says where what it acknowledged is.
fn with_journal(failure: Failure, journal: Option<&Path>) -> Failure {
    match (failure, journal.filter(|journal| journal.exists())) {
        // It was not begun, so nobody was answered.
        (Failure::Failed(error), _) if matches!(error.downcast_ref(), Some(LoadError::Journal(_))) => {
            Failure::Failed(error)
        }
        (Failure::Failed(error), Some(journal)) => {
            let place = journal.display();
            let left = format!("what was acknowledged is in {place}: `yuefu recover {place}`");
            Failure::Failed(anyhow::anyhow!("{}; {left}", said(&error)))
        }
        (Failure::Interrupted(left), Some(journal)) => {
            let left = left.map_or_else(String::new, |left| format!("{left}; "));
            let dir = journal.display();
            Failure::Interrupted(Some(format!("{left}what was acknowledged is in {dir}: `yuefu recover {dir}`")))
        }
        (failure, _) => failure,
    }
}

/// Writes a record with its report, puts the directory in its place and prints what was found.
///
/// # Errors
/// From the file system or the drawing.
pub(super) fn finish(making: Making, record: &LoadRecord, answer: impl FnOnce(&mut String)) -> Result<(), Failure> {
    write_into(making.path(), record)?;
    report::load::render_record(record, making.path())?;
    making.finish(
        |target| Ok(std::fs::read_to_string(target.join("summary.json"))?),
        |target| {
            let mut out = String::new();
            answer(&mut out);
            // Writing to a `String` cannot fail.
            let _ = writeln!(out, "report    {}", target.join("report.html").display());
            out
        },
    )
}

/// What a person sees at the end.
fn answer(record: &LoadRecord, null: Option<&Measured>, out: &mut String) {
    // Writing to a `String` cannot fail.
    for sentence in report::load::answer(record) {
        let _ = writeln!(out, "{}", sentence.text);
    }
    if let Some(null) = null {
        let _ = writeln!(out, "{}", report::load::null_answer(&null.observations).text);
    }
}
