//! `yuefu verify`: runs a run directory again from its own `scenario.toml` and compares the hashes. It reads, calls `experiment` and
//! prints; what a hash covers is `results`'s, what an audit judges `audit`'s.

use crate::cli::making::Workers;
use crate::cli::progress::Progress;
use crate::cli::stress;
use crate::cli::{Exit, Failure};
use crate::experiment::audited::RunAuditor;
use crate::experiment::{self, Manner};
use crate::results::suite::is_suite;
use crate::results::{self, record_hash};
use crate::scenario;
use crate::sim::Auditor;
use std::io::Write;
use std::path::PathBuf;

/// Run a run directory, or a suite, again from its own scenario.toml and compare the hashes
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Verify {
    /// Directory of a finished run
    dir: PathBuf,
    /// Let the auditor read every request and every close of day along the way (of a run; a suite is too large)
    #[arg(long)]
    audit: bool,
    #[command(flatten)]
    workers: Workers,
}

const EXAMPLES: &str = "\
Exit code 1 when the hashes differ, 2 when the directory is damaged (its tables no longer give its hash).

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
    if is_suite(&args.dir) {
        return stress::verify(&args.dir, args.workers.count());
    }
    let former = results::read(&args.dir).map_err(|error| Failure::BadInput(error.to_string()))?;
    let scenario = scenario::from_resolved_toml(&former.provenance.resolved_toml)
        .map_err(|errors| Failure::BadInput(errors.to_string()))?;
    let auditor = args.audit.then(|| RunAuditor::new(&scenario));
    let again = Progress::start(false)?.run(args.workers.count(), |manner| {
        let manner = Manner { auditor: auditor.as_ref().map(|auditor| auditor as &dyn Auditor), ..*manner };
        experiment::run(&scenario, &manner)
    })?;
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
    let clean = findings.is_none_or(|findings| findings.is_clean());
    Ok(if stated == found && clean { Exit::Ok } else { Exit::Mismatch })
}
