//! `yuefu verify`: runs a results directory of the virtual clock again from its own input and compares it. It reads, calls
//! `experiment::repetition` and prints.

use crate::cli::making::Workers;
use crate::cli::progress::Progress;
use crate::cli::{Exit, Failure, say};
use crate::experiment::Manner;
use crate::experiment::repetition::{
    Repetition, RepetitionError, repeat_comparison, repeat_coverage, repeat_run, repeat_scoring, repeat_suite,
};
use crate::results::{self, Kind};
use std::path::PathBuf;

/// Compare every file of a results directory with what was written; run what the virtual clock made again and compare it
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Verify {
    /// Results directory
    dir: PathBuf,
    /// Let the auditor read every request and every close of day along the way (of a run; a suite is too large)
    #[arg(long)]
    audit: bool,
    #[command(flatten)]
    workers: Workers,
}

const EXAMPLES: &str = "\
Exit code 1 when running again gives something else, 2 when a file is not the one that was written: each is named. Pages, pictures
and workbooks are drawn again by `yuefu report`.

Examples:
  yuefu verify results/downturn
  yuefu verify --audit results/quick

The auditor shares no code with the engine. It keeps its own accounts from the event log and compares balances, charges,
limits, caps, allocation and the trial balance; a run under its eyes takes several times as long.";

/// Runs the command.
///
/// # Errors
/// Bad input when the directory is no run or was changed.
pub(crate) fn run(args: &Verify) -> Result<Exit, Failure> {
    let checked = results::as_written(&args.dir).map_err(|error| Failure::BadInput(error.to_string()))?;
    let exit = match checked.kind {
        Kind::Run => again(args, |manner| repeat_run(&args.dir, args.audit, manner))?,
        Kind::Suite => again(args, |manner| repeat_suite(&args.dir, manner))?,
        Kind::Comparison => again(args, |manner| repeat_comparison(&args.dir, manner))?,
        Kind::Coverage => again(args, |manner| repeat_coverage(&args.dir, manner))?,
        Kind::Scoring => again(args, |manner| repeat_scoring(&args.dir, manner))?,
        Kind::Load => say("a load run is measured; it is not run again")?,
    };
    match checked.files {
        Some(files) => say(format_args!("files     {files} as they were written"))?,
        None => say("files     no manifest: an earlier version wrote them, and only what stands above was compared")?,
    };
    if !checked.foreign.is_empty() {
        say(format_args!("foreign   {}", checked.foreign.join(", ")))?;
    }
    Ok(exit)
}

/// Runs the directory again and says how that compares.
fn again(
    args: &Verify,
    repeat: impl FnOnce(&Manner<'_>) -> Result<Repetition, RepetitionError>,
) -> Result<Exit, Failure> {
    let again = Progress::start(false)?.run(args.workers.count(), repeat)?;
    let Repetition { stated, found, unlike, findings } = &again;
    if again.is_same_hash() {
        say(format_args!("same hash: {stated}"))?;
    } else {
        say(format_args!("DIFFERENT: the directory has {stated}, running again gives {found}"))?;
    }
    if let Some(findings) = findings {
        say(findings)?;
    }
    if !unlike.is_empty() {
        say(format_args!("DIFFERENT: running again writes {} otherwise", unlike.join(", ")))?;
    }
    Ok(if again.is_same() { Exit::Ok } else { Exit::Mismatch })
}
