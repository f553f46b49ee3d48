//! `yuefu verify`: runs a run directory again from its own `scenario.toml` and compares the hashes. It reads, calls `experiment` and
//! prints; what a hash covers is `results`'s, what an audit judges `audit`'s.

use crate::cli::making::Workers;
use crate::cli::progress::Progress;
use crate::cli::stress;
use crate::cli::{Exit, Failure, say};
use crate::experiment::audited::RunAuditor;
use crate::experiment::{self, Manner};
use crate::results::{self, Kind, record_hash};
use crate::scenario;
use crate::sim::Auditor;
use std::io::Write;
use std::path::PathBuf;

/// Compare every file of a results directory with what was written; run a run or a suite again and compare hash and tables
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
        Kind::Run => repeat(args)?,
        Kind::Suite => stress::verify(&args.dir, args.workers.count())?,
        kind => say(format_args!("{kind}, which is not run again"))?,
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

/// Runs a run directory again and compares hash and files.
fn repeat(args: &Verify) -> Result<Exit, Failure> {
    let former = results::read(&args.dir).map_err(|error| Failure::BadInput(error.to_string()))?;
    let scenario = scenario::from_resolved_toml(&former.provenance.resolved_toml)
        .map_err(|errors| Failure::BadInput(errors.to_string()))?;
    let auditor = args.audit.then(|| RunAuditor::new(&scenario));
    let mut again = Progress::start(false)?.run(args.workers.count(), |manner| {
        let manner = Manner { auditor: auditor.as_ref().map(|auditor| auditor as &dyn Auditor), ..*manner };
        experiment::run(&scenario, &manner)
    })?;
    again.provenance.take_origin(&former.provenance);
    let (stated, found) = (record_hash(&former), record_hash(&again));
    let mut out = std::io::stdout().lock();
    if stated == found {
        writeln!(out, "same hash: {stated}")?;
    } else {
        writeln!(out, "DIFFERENT: the directory has {stated}, running again gives {found}")?;
    }
    let findings = auditor.map(|auditor| auditor.findings());
    if let Some(findings) = &findings {
        writeln!(out, "{findings}")?;
    }
    let unlike = results::unlike(&args.dir, |fresh| results::write_run(fresh, &again))?;
    if !unlike.is_empty() {
        writeln!(out, "DIFFERENT: running again writes {} otherwise", unlike.join(", "))?;
    }
    let clean = findings.is_none_or(|findings| findings.is_clean());
    Ok(if stated == found && clean && unlike.is_empty() { Exit::Ok } else { Exit::Mismatch })
}
