//! `yuefu merge`: the parts that shards left become the suite, the coverage experiment or the comparison of products that one command
//! would have made.

use crate::cli::making::{Making, Stopwatch, program};
use crate::cli::output::Output;
use crate::cli::streams::note;
use crate::cli::{Exit, Failure, compare_products, coverage, stress};
use crate::experiment::products;
use crate::experiment::suite::coverage::Size;
use crate::experiment::suite::jobs::Shop;
use crate::experiment::suite::{self, coverage as experiment};
use crate::results::part::{Part, PartError, Parts, apart, gather};
use crate::results::products::ComparisonInput;
use crate::results::{Kind, Origin, WorkArea};
use crate::scenario::{Scenario, from_resolved_toml};
use std::path::{Path, PathBuf};

/// Make one result of the parts that shards left
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Merge {
    /// Parts of one whole, in any order; DIR.work of an unfinished shard is taken, too
    #[arg(required = true, value_name = "PART")]
    parts: Vec<PathBuf>,
    #[command(flatten)]
    output: Output,
}

const EXAMPLES: &str = "\
The result is that of the command without shards, with the same hash. Scenario, seed and changes
come from the parts. What no part has, a missing shard or the search of a reverse stress, is run
here. Parts of another scenario or program, damaged ones and the same shard twice are refused by
name. Parts are read and never changed. After Ctrl-C (exit code 130) the same command goes on.

Examples:
  yuefu merge parts/* --out results/suite
  yuefu merge results/stress-suite-part-*-of-8 --workers 4 --json";

/// Missing shards that are named.
const NAMED_MAX: usize = 20;

/// Runs the command.
///
/// # Errors
/// Bad input when the parts do not belong together, are damaged, or the directory is taken; else what the work or writing says.
pub(crate) fn run(args: &Merge) -> Result<Exit, Failure> {
    let clock = Stopwatch::start();
    let refused = |error: PartError| Failure::BadInput(error.to_string());
    let parts = gather(&args.parts, &program()?).map_err(refused)?;
    let part = &parts.first;
    apart(&args.parts, &args.output.wanted(&part.name, part.of).target()).map_err(refused)?;
    let mut making = args.output.begin(&part.name, part.of)?;
    say_what_is_there(&parts);
    let area = making.keep_worlds(parts.kept.clone())?;
    let origin = part.origin_of_the_whole();
    making.take_origin(origin.clone());
    match part.of {
        Kind::Comparison => comparison(making, &parts, &area, origin, clock),
        Kind::Coverage => coverage_of(making, &parts, &area, origin),
        _ => suite_of(making, &parts, &area, origin, clock),
    }
}

fn suite_of(making: Making, parts: &Parts, area: &WorkArea, origin: Origin, clock: Stopwatch) -> Result<Exit, Failure> {
    let scenario: Scenario = from_resolved_toml(&parts.input)?;
    let record = making.run(|manner| suite::run(&scenario, manner, area))?;
    say_what_ran(parts, area);
    stress::deliver(making, record, origin, clock)
}

fn coverage_of(making: Making, parts: &Parts, area: &WorkArea, origin: Origin) -> Result<Exit, Failure> {
    let scenario: Scenario = from_resolved_toml(&parts.input)?;
    let Part { seeds, long_run, .. } = parts.first;
    let size = Size { seeds: seeds.unwrap_or(0), long_run: long_run.unwrap_or(0) };
    let record = making.run(|manner| experiment::run(&Shop { scenario: &scenario, manner, area }, size))?;
    say_what_ran(parts, area);
    coverage::deliver(making, record, origin, &scenario.resolved_toml)
}

fn comparison(
    making: Making,
    parts: &Parts,
    area: &WorkArea,
    origin: Origin,
    clock: Stopwatch,
) -> Result<Exit, Failure> {
    let input = ComparisonInput::from_json(&parts.input, Path::new("comparison.json"))?;
    let comparison = products::asked(&input)?;
    let record = making.run(|manner| products::run(&comparison, manner, area))?;
    say_what_ran(parts, area);
    compare_products::deliver(making, record, origin, clock, false)
}

/// Beside the answer, before the work.
fn say_what_is_there(parts: &Parts) {
    for path in &parts.left_out {
        note(format_args!("{}: what a stopped command left; it is not read", path.display()));
    }
    for (path, worlds) in &parts.unfinished {
        note(format_args!(
            "{}: an unfinished shard; the {worlds} worlds that it kept are taken where they fit",
            path.display()
        ));
    }
    if !parts.missing.is_empty() {
        let missing = &parts.missing;
        let mut numbers: Vec<String> = missing.iter().take(NAMED_MAX).map(|shard| shard.number.to_string()).collect();
        if missing.len() > NAMED_MAX {
            numbers.push(format!("and {} more", missing.len() - NAMED_MAX));
        }
        let (of, are) = (parts.first.shard.of, if missing.len() == 1 { "is" } else { "are" });
        note(format_args!("of {of} shards {} {are} missing: what no part has is run here", numbers.join(", ")));
    }
}

/// … and after it.
fn say_what_ran(parts: &Parts, area: &WorkArea) {
    let (taken, made) = area.taken_and_made();
    let things = if parts.first.of == Kind::Comparison { "groups of worlds" } else { "worlds" };
    note(format_args!("{things}: {taken} taken from {} parts, {made} run here", parts.count));
}
