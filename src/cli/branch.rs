//! `yuefu branch`: a what-if from a checkpoint of a finished run. The months before it are those of the run.

use crate::base::time::Day;
use crate::cli::making::{Making, Replacing, Stopwatch, Wanted, Workers, in_a_shell, key_and_value, read};
use crate::cli::{Exit, Failure, doors, run as running, summary};
use crate::experiment;
use crate::experiment::states::RunCheckpoints;
use crate::report;
use crate::results::{self, Kind};
use crate::scenario::{self, Overrides, Scenario};
use std::path::PathBuf;

/// What-if from a checkpoint of a run: the same until a month, then other values
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Branch {
    /// Run directory, made with --keep-checkpoints
    dir: PathBuf,
    /// Month from which the values hold, such as 2023-07
    #[arg(long, value_name = "MONTH", value_parser = month)]
    at: Day,
    /// A value that is another from that month on, such as product.limits.raise_factor=1.3; may be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = key_and_value, required = true)]
    set: Vec<(String, String)>,
    #[command(flatten)]
    workers: Workers,
    /// Run directory of the what-if
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    #[command(flatten)]
    replacing: Replacing,
    /// Print result.json (the measures) and nothing else
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Keys of product, behaviour and partners hold from the first day of the month on, as a policy of that
date. Any other key has to leave the people, the warm-up and the months before as they were. The
result is that of a whole run with the same change.

Examples:
  yuefu run quick --out results/quick --checkpoint-every 3 --keep-checkpoints
  yuefu branch results/quick --at 2023-07 --set product.limits.raise_factor=1.3 --out results/dearer
  yuefu branch results/quick --at 2023-10 --set behaviour.repay.forget=0.02 --out forgetful --json";

/// The first day of a month of the command line.
fn month(text: &str) -> Result<Day, String> {
    let parts = text.split_once('-').filter(|(year, month)| year.len() == 4 && month.len() == 2);
    let day = parts.and_then(|(year, month)| Day::from_ymd(year.parse().ok()?, month.parse().ok()?, 1));
    day.ok_or_else(|| "write a month as 2023-07".to_string())
}

/// Runs the command.
///
/// # Errors
/// Bad input when the directory has no checkpoint before the month, or a value was used before it; else what writing says.
pub(crate) fn run(args: &Branch) -> Result<Exit, Failure> {
    let clock = Stopwatch::start();
    let file = args.dir.join("scenario.toml");
    if !matches!(results::kind_of(&args.dir), Ok(Some(Kind::Run))) {
        return Err(Failure::BadInput(format!("{}: no run directory", args.dir.display())));
    }
    if results::same_place(&args.dir) == results::same_place(&args.out) {
        let why =
            "it is the run that the what-if begins from, whose checkpoints others may want: name another directory";
        return Err(Failure::BadInput(format!("--out {}: {why}", args.out.display())));
    }
    let was = read(&file, &Overrides::default())?;
    doors::no_suite(&file, &was)?;
    let end = was.start.month_start(was.months.into());
    if args.at < was.start || args.at >= end {
        let (first, last) = (month_of(was.start), month_of(was.start.month_start(i32::from(was.months) - 1)));
        return Err(Failure::BadInput(format!("--at: the counted months of this run are {first} to {last}")));
    }
    let with =
        |set: Vec<(String, String)>| read(&file, &Overrides { set, from: Some(args.at), ..Overrides::default() });
    let now = with(args.set.clone())?;
    refuse_what_was_used(args, &was, &now, &with)?;
    let wanted = Wanted { out: Some(&args.out), usual_name: &now.name, kind: Kind::Run, replacing: &args.replacing };
    let mut making = Making::begin(&wanted, &args.workers, args.json)?;
    let target = results::same_place(&args.dir);
    let checkpoints = RunCheckpoints::before(&target, &was, &now, args.at, making.told())?;
    let mut record = making.run(|manner| experiment::run_from(&now, manner, &checkpoints))?;
    let set = args.set.iter().flat_map(|(key, value)| ["--set".to_string(), format!("{key}={value}")]);
    let words = ["--at".to_string(), month_of(args.at)].into_iter().chain(set);
    let origin = scenario::origin(&file, &Overrides::default())?;
    record.provenance.origin = making.origin(&origin, now.seed, in_a_shell("branch", &args.dir, words));
    running::complete_timing(&mut record, clock.seconds());
    making.directory().write(&record)?;
    report::render_record(&record, making.path())?;
    making.finish(|_| Ok(results::result_json(&record)), |target| summary::text(&record, target))?;
    Ok(Exit::Ok)
}

fn month_of(day: Day) -> String {
    let (year, month, _) = day.ymd();
    format!("{year:04}-{month:02}")
}

/// The people, the warm-up and the months before are those of the run, or the first key that makes them others is named.
fn refuse_what_was_used(
    args: &Branch,
    was: &Scenario,
    now: &Scenario,
    with: &dyn Fn(Vec<(String, String)>) -> Result<Scenario, Failure>,
) -> Result<(), Failure> {
    let before = was.text_before(args.at);
    if now.text_before(args.at) == before {
        return Ok(());
    }
    let mut named = "these values together make".to_string();
    for one in &args.set {
        if with(vec![one.clone()]).is_ok_and(|alone| alone.text_before(args.at) != before) {
            named = format!("{} makes", one.0);
            break;
        }
    }
    let month = month_of(args.at);
    Err(Failure::BadInput(format!(
        "--set: {named} other people, another warm-up or other months before {month}: run the whole scenario with it, \
         `yuefu run {} --set …`",
        args.dir.join("scenario.toml").display()
    )))
}
