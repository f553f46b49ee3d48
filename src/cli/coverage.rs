//! `yuefu coverage`: do the intervals of a suite hold the long-run value as often as they say?

use crate::cli::making::{Changes, Making, announce, command_line, whole};
use crate::cli::output::Output;
use crate::cli::shard::{self, Sharding, Whole};
use crate::cli::stress::read_suite;
use crate::cli::summary::within;
use crate::cli::{Exit, Failure};
use crate::experiment::Manner;
use crate::experiment::suite::coverage::{self, Size};
use crate::experiment::suite::jobs::Shop;
use crate::measure::unit;
use crate::report::numbers::{LEVEL, grouped, interval, percent, with_interval};
use crate::results::suite::{CoverageRecord, WANTED_SHARE};
use crate::results::{KeptFiles, Kind, Origin, WorkArea};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Count how often the 95 % intervals of a suite hold the long-run value
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Coverage {
    #[allow(rustdoc::broken_intra_doc_links, reason = "text of the help, not a link")]
    /// Scenario (file, built-in name, or -) with a part [suite]: the mean of each outcome under the first policy and the paired difference of each other
    /// policy are looked at
    scenario: PathBuf,
    #[command(flatten)]
    changes: Changes,
    #[command(flatten)]
    sharding: Sharding,
    /// Seeds, each a sample with intervals of its own
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = whole::<u32>(2..=100_000))]
    seeds: u32,
    /// Replications behind the long-run value, under a seed that is none of those
    #[arg(long, value_name = "N", default_value_t = 4_000, value_parser = whole::<u32>(2..=10_000_000))]
    long_run: u32,
    #[command(flatten)]
    output: Output,
}

const EXAMPLES: &str = "\
Each seed is a sample with intervals of its own. Exit code 1 when, of at least 100 seeds, fewer
than 90 % or more than 99 % hold a long-run value. Finished worlds are kept in DIR.work until all
are done: after Ctrl-C (exit code 130) the same command goes on where it stopped. With --shard some
of the worlds are run and left as a part, which `yuefu merge` takes in.

Examples:
  yuefu coverage coverage
  yuefu coverage scenarios/coverage.toml --seeds 50 --long-run 500 --out results/coverage-quick
  yuefu coverage coverage --shard 3/8 --out parts/3";

/// Runs the command.
///
/// # Errors
/// Bad input when the scenario is wrong, has no suite, or the directory is taken; else what writing says.
pub(crate) fn run(args: &Coverage) -> Result<Exit, Failure> {
    let scenario = read_suite(&args.scenario, &args.changes.overrides())?;
    let more = [("--seeds", Some(args.seeds)), ("--long-run", Some(args.long_run))];
    let command = command_line("coverage", &args.scenario, &args.changes, &more);
    let size = Size { seeds: args.seeds, long_run: args.long_run };
    if let Some(shard) = args.sharding.shard {
        let whole = Whole {
            of: Kind::Coverage,
            name: &scenario.name,
            users: scenario.users,
            seed: scenario.seed,
            input: scenario.resolved_toml.clone(),
            size: Some(size),
            command,
        };
        let read_from = || announce(&args.scenario, &args.changes.overrides());
        let work = |manner: &Manner<'_>, area: &WorkArea| {
            coverage::run_shard(&Shop { scenario: &scenario, manner, area }, size, shard)
        };
        return shard::run(shard, &whole, &args.output, None, read_from, work);
    }
    let mut making = args.output.begin(&scenario.name, Kind::Coverage)?;
    let area = making.keep_worlds(KeptFiles::new())?;
    let origin = announce(&args.scenario, &args.changes.overrides())?;
    let record = making.run(|manner| coverage::run(&Shop { scenario: &scenario, manner, area: &area }, size))?;
    let origin = making.origin(&origin, scenario.seed, command);
    deliver(making, record, origin, &scenario.resolved_toml)
}

/// Writes an experiment that is whole and prints the answer.
pub(super) fn deliver(
    making: Making,
    mut record: CoverageRecord,
    origin: Origin,
    resolved_toml: &str,
) -> Result<Exit, Failure> {
    record.origin = origin;
    record.write_into(making.path(), resolved_toml)?;
    making.finish(|_| Ok(record.json()), |target| text(&record, target))?;
    Ok(if record.is_wrong() { Exit::Mismatch } else { Exit::Ok })
}

fn text(record: &CoverageRecord, directory: &Path) -> String {
    let mut out = String::new();
    // Writing to a `String` cannot fail.
    let _ = writeln!(
        out,
        "{}: intervals of {} replications of {} users over {} months, seed by seed; long-run values from {} replications; {LEVEL}\n",
        record.scenario,
        record.replications,
        grouped(record.users.into()),
        record.months,
        grouped(record.long_run_replications.into())
    );
    for c in &record.covered {
        let verdict = match c.is_right() {
            Some(true) => "as it should be",
            Some(false) => "WRONG",
            None => "too few to judge",
        };
        let _ = writeln!(
            out,
            "{}\n  long run {}\n  held by {} of {} intervals: {}, {verdict}; {} lie above it, {} below",
            c.what(),
            within(unit(&c.measure), c.long_run, c.against.is_some()),
            c.held,
            c.intervals,
            with_interval(c.share, |share| percent(share, 1)),
            c.below,
            c.above
        );
    }
    let (low, high) = WANTED_SHARE;
    let wanted = interval(&percent(low, 0), &percent(high, 0));
    let tables = ["coverage.json", "coverage.csv"].map(|file| directory.join(file).display().to_string());
    let _ = writeln!(out, "\nwanted  {wanted}\nfiles   {}", tables.join(", "));
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::load::Estimate;
    use crate::results::suite::Covered;

    #[test]
    fn the_summary_says_what_was_held_and_whether_that_is_right() {
        let e = |value: f64| Estimate { value, low: value * 0.9, high: value * 1.1 };
        let covered = |held: u32| Covered {
            measure: "overdue_rate".to_string(),
            path: "base".to_string(),
            policy: "tighter".to_string(),
            against: Some("present".to_string()),
            long_run: e(-0.002),
            intervals: 200,
            held,
            below: 200 - held,
            above: 0,
            share: crate::experiment::suite::coverage::binomial_share(held, 200),
            width_to_long_run: 20.0,
            seeds: Vec::new(),
        };
        let record = CoverageRecord {
            scenario: "coverage".to_string(),
            seed: 1,
            users: 500,
            months: 6,
            replications: 10,
            seeds: 200,
            long_run_replications: 4_000,
            origin: crate::results::Origin::default(),
            covered: vec![covered(190), covered(140)],
        };
        let text = text(&record, Path::new("results/coverage"));
        for words in [
            "overdue_rate on base: tighter less present",
            "held by 190 of 200 intervals: 95.0 % [91.0 %, 97.6 %], as it should be; 10 lie above it, 0 below",
            "140 of 200 intervals: 70.0 %",
            "WRONG",
            "from 4,000 replications",
            "\nwanted  [90 %, 99 %]\nfiles   results/coverage/coverage.json, results/coverage/coverage.csv\n",
        ] {
            assert!(text.contains(words), "{text}\nlacks {words}");
        }
    }
}
