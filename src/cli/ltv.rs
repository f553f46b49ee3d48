//! `yuefu ltv`: how well scores tell accounts apart, and a scorecard that targets by lifetime value.

use crate::cli::making::{Changes, Making, Replacing, Wanted, Workers, announce, command_line, read};
use crate::cli::{Exit, Failure};
use crate::experiment::scoring::{self, ScoringError};
use crate::report;
use crate::report::numbers::{LEVEL, fixed, grouped, signed, with_interval};
use crate::results::Kind;
use crate::results::load::Estimate;
use crate::results::scoring::{ScoringRecord, write_into};
use crate::scenario::scenario_name;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Train a scorecard of lifetime value, and test it beside the lender's scores
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Ltv {
    /// Scenario (file, built-in name, or -); its first world trains and tests, its last one tells how far the population moves
    scenario: PathBuf,
    #[command(flatten)]
    changes: Changes,
    #[command(flatten)]
    workers: Workers,
    /// Directory of the answer [default: results/ and the name of the scenario with -ltv]; a former one there is replaced, if nothing in it was changed
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    replacing: Replacing,
    /// Print ltv.json and nothing else
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
The scorecard learns from simulated months 1 to 6 and is tested on users it has not seen. The run
needs 19 counted months: six that are observed and twelve of outcome after the first statement
that follows. The directory holds ltv-targeting.toml, a policy file: put it into models/policies/
and name it in a suite to see what the targeting does.

Examples:
  yuefu ltv ltv
  yuefu ltv downturn --users 50000 --out results/ltv";

/// Runs the command.
///
/// # Errors
/// Bad input when the scenario is wrong or too short, has too few accounts, or the directory is taken; else what writing says.
pub(crate) fn run(args: &Ltv) -> Result<Exit, Failure> {
    let scenario = read(&args.scenario, &args.changes.overrides())?;
    let usual_name = format!("{}-ltv", scenario.name);
    let wanted =
        Wanted { out: args.out.as_deref(), usual_name: &usual_name, kind: Kind::Scoring, replacing: &args.replacing };
    let mut making = Making::begin(&wanted, &args.workers, args.json)?;
    let origin = announce(&args.scenario, &args.changes.overrides())?;
    let refused = |error| match error {
        ScoringError::Stopped(_) => Failure::Interrupted(None),
        other => Failure::BadInput(format!("{}: {other}", scenario_name(&args.scenario))),
    };
    let mut record = making.run(|manner| scoring::run(&scenario, manner).map_err(refused))?;
    let command = command_line("ltv", &args.scenario, &args.changes, &[]);
    record.origin = making.origin(&origin, scenario.seed, command);
    write_into(making.path(), &record, &scenario.resolved_toml)?;
    report::scoring::render_record(&record, making.path())?;
    making.finish(|_| Ok(record.json()), |target| text(&record, target))?;
    Ok(Exit::Ok)
}

fn within(e: Estimate, decimals: usize) -> String {
    with_interval(e, |value| fixed(value, decimals))
}

/// What a person sees at the end.
fn text(record: &ScoringRecord, directory: &Path) -> String {
    let mut out = String::new();
    // Writing to a `String` cannot fail.
    let _ = writeln!(
        out,
        "{}\nworld {}: {} accounts trained on, {} tested on, valuable above {} yuan a year\n\nAUC, and gain over the credit file alone; {LEVEL}",
        record.title,
        record.world,
        grouped(record.accounts.0.into()),
        grouped(record.accounts.1.into()),
        grouped(record.valuable_above_yuan.round() as i128)
    );
    for s in &record.scores {
        let gain = s
            .gain
            .map_or_else(String::new, |gain| format!("  {}", with_interval(gain, |value| signed(fixed(value, 3)))));
        let _ = writeln!(out, "  {:18} {:26} {:17} {}{gain}", s.score, s.looks_at, s.outcome, within(s.auc, 3));
    }
    if let Some(lift) = record.top_lift {
        let _ = writeln!(out, "\nlift of the top decile  {}", within(lift, 2));
    }
    for s in &record.stability {
        let _ = writeln!(out, "PSI against {}  {:18} {:26} {:.3}", s.world, s.score, s.looks_at, s.index);
    }
    let policy = directory.join("ltv-targeting.toml");
    let _ = writeln!(out, "\npolicy  {}\nreport  {}", policy.display(), directory.join("report.html").display());
    out
}
