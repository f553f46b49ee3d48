//! `--shard I/N` of the commands that run many worlds: some of the worlds are run and left as a part, which `yuefu merge` takes in.

use crate::cli::making::{Making, Stopwatch, Wanted, Warm};
use crate::cli::output::Output;
use crate::cli::{Exit, Failure, machine};
use crate::experiment::Manner;
use crate::experiment::suite::SuiteError;
use crate::experiment::suite::coverage::Size;
use crate::experiment::suite::jobs::ShardDone;
use crate::results::part::{self, Part, Shard, input_sum};
use crate::results::{KeptFiles, Kind, Origin, Timing, WorkArea};
use crate::scenario;
use std::fmt::Write as _;
use std::path::Path;

/// Which part of the worlds.
#[derive(Debug, clap::Args)]
pub(crate) struct Sharding {
    /// Run shard I of N only, and leave a part [default --out: results/NAME-part-I-of-N], which `yuefu merge` takes in with the others
    #[arg(long, value_name = "I/N", value_parser = Shard::parse, allow_hyphen_values = true)]
    pub shard: Option<Shard>,
}

/// What a shard is part of.
pub(super) struct Whole<'a> {
    pub of: Kind,
    /// Name of the scenario.
    pub name: &'a str,
    /// Users of a world.
    pub users: u32,
    pub seed: u64,
    /// Everything that determines it, as a document.
    pub input: String,
    /// Of a coverage experiment.
    pub size: Option<Size>,
    /// The command that makes it without shards.
    pub command: String,
}

/// Runs the worlds of a shard and leaves the part.
///
/// # Errors
/// Bad input when the directory is taken, by another shard too; else what the work or writing says.
pub(super) fn run(
    shard: Shard,
    whole: &Whole<'_>,
    output: &Output,
    warm: Option<&Warm>,
    read_from: impl FnOnce() -> Result<scenario::Origin, Failure>,
    work: impl FnOnce(&Manner<'_>, &WorkArea) -> Result<ShardDone, SuiteError>,
) -> Result<Exit, Failure> {
    let clock = Stopwatch::start();
    let name = format!("{}-part-{}-of-{}", whole.name, shard.number, shard.of);
    let wanted = output.wanted(&name, Kind::Part);
    let mut making = output.begin(&name, Kind::Part)?;
    let input_blake3 = input_sum(&whole.input);
    let former = former(&making, &wanted, shard, &input_blake3)?;
    if let Some(warm) = warm {
        making.use_warm_ups(warm)?;
    }
    let area = making.keep_worlds(former)?;
    let read_from = read_from()?;
    let done = making.run(|manner| work(manner, &area))?;
    let command = format!("{} --shard {}/{}", whole.command, shard.number, shard.of);
    let origin: Origin = making.origin(&read_from, whole.seed, command);
    let part = Part {
        of: whole.of,
        name: whole.name.to_string(),
        shard,
        seeds: whole.size.map(|size| size.seeds),
        long_run: whole.size.map(|size| size.long_run),
        worlds: done.keys.len(),
        input_blake3,
        program_blake3: area.program().to_string(),
        whole_command: whole.command.clone(),
        origin,
    };
    let timing = machine::timing(whole.users, making.workers(), "worlds", clock.seconds());
    part::write_into(making.path(), &part, &whole.input, &timing, &area, &done.keys)?;
    let (taken, _) = area.taken_and_made();
    let said = |target: &Path| text(&part, &done, taken, target, &speed(&timing));
    making.finish(|_| Ok(part.json()), said)?;
    Ok(Exit::Ok)
}

/// The worlds of the same part, when it stands there already: a task that a scheduler starts twice has nothing to do. Another part there
/// is not replaced unless that is asked for, since an `--out` that was forgotten would cost its worlds.
fn former(making: &Making, wanted: &Wanted<'_>, shard: Shard, input: &str) -> Result<KeptFiles, Failure> {
    let Some(there) = part::stated(making.target()) else { return Ok(KeptFiles::new()) };
    if there.shard == shard && there.input_blake3 == input {
        return Ok(part::worlds(making.target())?);
    }
    if wanted.replacing.is_asked() {
        return Ok(KeptFiles::new());
    }
    let scenario =
        if there.input_blake3 == input { String::new() } else { format!(" of {}, with another input", there.name) };
    Err(Failure::BadInput(format!(
        "{}: it holds {}{scenario}; nothing was touched: choose another --out, or replace it with --force",
        wanted.target().display(),
        there.shard
    )))
}

fn speed(timing: &Timing) -> String {
    format!("{:.1} s before writing on {} workers, peak {} MB", timing.wall_seconds, timing.workers, timing.peak_mb())
}

/// What a person sees at the end.
fn text(part: &Part, done: &ShardDone, taken: usize, target: &Path, speed: &str) -> String {
    let mut out = String::new();
    let things = if part.of == Kind::Comparison { "groups" } else { "worlds" };
    let (number, warm_ups) = (done.keys.len(), done.warm_ups);
    let s = if warm_ups == 1 { "" } else { "s" };
    // Writing to a `String` cannot fail.
    let _ = writeln!(out, "{}: {} of {}\n", part.name, part.shard, part.of);
    let _ = writeln!(out, "{things}  {number}, of {warm_ups} warm-up{s}; {taken} kept from before");
    let _ = writeln!(out, "part    {}", target.display());
    let all =
        if part.shard.of == 1 { String::new() } else { format!(", with the parts of all {} shards", part.shard.of) };
    let _ = writeln!(out, "next    yuefu merge{all}");
    let _ = writeln!(out, "speed   {speed}");
    out
}
