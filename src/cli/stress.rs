//! `yuefu stress`: a suite of worlds on the virtual clock, written to a directory with its statistics. `experiment::suite` computes,
//! `results::suite` writes, `report::suite` draws, `making` keeps the directory; here is the order of these, and what a terminal shows.

use crate::cli::doors;
use crate::cli::making::{Changes, Making, Stopwatch, Warm, announce, command_line, read};
use crate::cli::output::Output;
use crate::cli::shard::{self, Sharding, Whole};
use crate::cli::summary::{self, within};
use crate::cli::{Exit, Failure, machine};
use crate::experiment::Manner;
use crate::experiment::suite;
use crate::measure::{Unit, unit};
use crate::report;
use crate::report::numbers::{LEVEL, from_to, grouped};
use crate::results::suite::{SuiteRecord, suite_hash, write_into};
use crate::results::{KeptFiles, Kind, Origin, WorkArea};
use crate::scenario::{Overrides, Scenario};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Run a stress suite: every path of the economy with every policy, many times
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Stress {
    #[allow(rustdoc::broken_intra_doc_links, reason = "text of the help, not a link")]
    /// Scenario with a part [suite]: a file, the name of a built-in one, or - for standard input
    scenario: PathBuf,
    #[command(flatten)]
    changes: Changes,
    #[command(flatten)]
    sharding: Sharding,
    /// Replications of every world
    #[arg(long, value_name = "N")]
    replications: Option<u32>,
    #[command(flatten)]
    output: Output,
    #[command(flatten)]
    warm: Warm,
}

const EXAMPLES: &str = "\
Each finished world is kept in DIR.work until the suite is whole. After Ctrl-C (exit code 130) or
a crash the same command goes on where it stopped, and ends in the same hash. A quantile that the
number of replications cannot carry is not stated: P80 needs 25, P95 100, P99 500. --shard spreads
a suite over processes or machines: each leaves a part, and `yuefu merge` makes the suite of them.

Examples:
  yuefu stress stress-suite
  yuefu stress stress-suite --shard 3/8 --out parts/3
  yuefu stress scenarios/stress-suite.toml --replications 100 --users 5000 --out results/tail";

/// Runs the command.
///
/// # Errors
/// Bad input when the scenario is wrong, has no suite, or the directory is taken; else what writing says.
pub(crate) fn run(args: &Stress) -> Result<Exit, Failure> {
    let clock = Stopwatch::start();
    let mut overrides = args.changes.overrides();
    if let Some(replications) = args.replications {
        overrides.set.push(("suite.replications".to_string(), replications.to_string()));
    }
    let scenario = read_suite(&args.scenario, &overrides)?;
    let more = [("--replications", args.replications)];
    let command = command_line("stress", &args.scenario, &args.changes, &more);
    if let Some(shard) = args.sharding.shard {
        let whole = Whole {
            of: Kind::Suite,
            name: &scenario.name,
            users: scenario.users,
            seed: scenario.seed,
            input: scenario.resolved_toml.clone(),
            size: None,
            command,
        };
        let read_from = || announce(&args.scenario, &overrides);
        let work = |manner: &Manner<'_>, area: &WorkArea| suite::run_shard(&scenario, manner, area, shard);
        return shard::run(shard, &whole, &args.output, Some(&args.warm), read_from, work);
    }
    let mut making = args.output.begin(&scenario.name, Kind::Suite)?;
    making.use_warm_ups(&args.warm)?;
    let area = making.keep_worlds(KeptFiles::new())?;
    let origin = announce(&args.scenario, &overrides)?;
    let record = making.run(|manner| suite::run(&scenario, manner, &area))?;
    let origin = making.origin(&origin, scenario.seed, command);
    deliver(making, record, origin, clock)
}

/// Writes a suite that is whole, with its report, and prints the answer.
pub(super) fn deliver(
    making: Making,
    mut record: SuiteRecord,
    origin: Origin,
    clock: Stopwatch,
) -> Result<Exit, Failure> {
    record.timing =
        machine::timing(record.provenance.users, making.workers(), "worlds and statistics", clock.seconds());
    record.provenance.origin = origin;
    write_into(making.path(), &record)?;
    report::suite::render_record(&record, making.path())?;
    making.finish(|_| Ok(record.suite_json()), |target| text(&record, target))?;
    Ok(Exit::Ok)
}

/// Reads a scenario that must have a suite.
pub(super) fn read_suite(path: &Path, overrides: &Overrides) -> Result<Scenario, Failure> {
    let scenario = read(path, overrides)?;
    doors::a_suite(path, &scenario)?;
    Ok(scenario)
}

/// What a person sees at the end.
fn text(record: &SuiteRecord, directory: &Path) -> String {
    let p = &record.provenance;
    let mut out = String::new();
    // Writing to a `String` cannot fail.
    let _ = writeln!(
        out,
        "{}\n{}: {} paths × {} policies × {} replications of {} users over {} months, seed {}, virtual clock",
        p.title,
        p.product_title,
        record.paths.len(),
        record.policies.len(),
        record.replications,
        grouped(p.users.into()),
        p.months,
        p.seed
    );
    distributions(&mut out, record);
    differences(&mut out, record);
    for v in record.variances.iter().take(1) {
        if let Some(split) = &v.split {
            let share = within(Unit::Share, split.systematic_share, false);
            let _ = writeln!(out, "\nof the variance of {} on {}, common shocks make {share}", v.measure, v.path);
        }
    }
    for r in &record.reverse {
        let limit = summary::shown(unit(&r.measure), Some(r.limit), false);
        let _ = writeln!(
            out,
            "\n{}: {} {} {limit}, {}: {}",
            r.name,
            r.measure,
            r.breaks,
            from_to(&r.base, &r.severe),
            r.says
        );
    }
    if let Some(sensitivity) = &record.sensitivity {
        let _ = writeln!(out, "\n{}", report::suite::sensitivity_answer(sensitivity));
    }
    let _ = writeln!(out, "\nhash    {}\nreport  {}", suite_hash(record), directory.join("report.html").display());
    let t = &record.timing;
    let (seconds, peak) = (t.wall_seconds, t.peak_mb());
    let _ = writeln!(out, "speed   {seconds:.1} s before writing on {} workers, peak {peak} MB", t.workers);
    out
}

/// The loss by path and policy: mean, the quantiles that the sample carries, shortfall.
fn distributions(out: &mut String, record: &SuiteRecord) {
    let Some(loss) = record.outcomes.first() else { return };
    let _ = writeln!(out, "\n{loss}; {LEVEL}");
    for o in record.distributions.iter().filter(|o| o.measure == *loss) {
        let Some(d) = &o.distribution else { continue };
        let world = format!("{} {}", o.path, o.policy);
        let _ = write!(out, "  {world:30} mean {}", within(unit(loss), d.mean, false));
        let carried = |tails: &[crate::results::suite::TailEstimate]| {
            tails.iter().rev().find_map(|t| t.estimate.map(|e| ((t.share * 100.0).round(), e)))
        };
        for (name, tail) in [("P", carried(&d.quantiles)), ("ES", carried(&d.shortfalls))] {
            if let Some((share, estimate)) = tail {
                let _ = write!(out, "  {name}{share} {}", within(unit(loss), estimate, false));
            }
        }
        out.push('\n');
    }
}

/// What each policy changes. The family of a star is everything that is reported of its path.
fn differences(out: &mut String, record: &SuiteRecord) {
    for path in &record.paths {
        for policy in record.policies.iter().skip(1) {
            let _ = writeln!(out, "\n{policy} less {} on {path}; {LEVEL}; *: told from chance", record.policies[0]);
            let rows = record.differences.iter().filter(|d| d.path == *path && d.policy == *policy);
            for (d, paired) in rows.filter_map(|d| Some((d, d.paired.as_ref()?))) {
                let ratio = paired.ratio.map_or_else(|| "–".to_string(), |r| format!("{r:.2}"));
                let difference = within(unit(&d.measure), paired.difference, true);
                let star = if paired.differs() { "*" } else { " " };
                let _ = writeln!(out, "  {:30} {star} {difference}  width {ratio} of unpaired", d.measure);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_states_what_the_sample_carries() {
        let record = crate::results::suite::tests::record();
        let text = text(&record, Path::new("results/suite"));
        for words in
            ["severe present", "mean 5.00 %", "P80 7.00 % [6.30 %, 7.70 %]", "width 0.21", "k = 1.25", "75.00 %"]
        {
            assert!(text.contains(words), "{text}\nlacks {words}");
        }
        assert!(!text.contains("P95") && !text.contains("ES99"), "{text}");
    }
}
