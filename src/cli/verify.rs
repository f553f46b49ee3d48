//! `yuefu verify`: runs a run directory again and compares; with `--audit` under the eyes of the auditor.

use crate::cli::audit::RunAuditor;
use crate::cli::progress::Progress;
use crate::cli::run::Workers;
use crate::cli::{Exit, Failure};
use crate::clock::virtual_time::{Auditor, Interrupted};
use crate::experiment::{self, Manner};
use crate::results::{self, record_hash};
use crate::scenario;
use std::io::Write;
use std::path::PathBuf;

/// Run a run directory again from its own scenario.toml and compare the hashes
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Verify {
    /// Directory of a finished run
    dir: PathBuf,
    /// Audit every request and every close of day on the way
    #[arg(long)]
    audit: bool,
    #[command(flatten)]
    workers: Workers,
}

const EXAMPLES: &str = "\
With --audit an auditor that shares no code with the engine works every answer and every balance out anew and names what
does not agree.

Exit code 1 when the hashes differ or the audit finds something, 2 when the directory is damaged (its tables no longer
give its hash).

Example:
  yuefu verify results/downturn
  yuefu verify --audit results/quick";

/// Runs the command.
///
/// # Errors
/// Bad input when the directory is no run or was changed.
pub fn run(args: &Verify) -> Result<Exit, Failure> {
    let former = results::read(&args.dir).map_err(|error| Failure::BadInput(error.to_string()))?;
    let scenario = scenario::from_resolved_toml(&former.provenance.resolved_toml)
        .map_err(|errors| Failure::BadInput(errors.to_string()))?;
    let progress = Progress::start(false)?;
    let audit = RunAuditor::new(&scenario);
    let manner = Manner {
        workers: args.workers.count(),
        progress: &progress,
        cancel: progress.cancel(),
        auditor: args.audit.then_some(&audit as &dyn Auditor),
    };
    let outcome = experiment::run(&scenario, &manner);
    progress.finish();
    let again = match outcome {
        Ok(record) => record,
        Err(Interrupted) => {
            eprintln!("interrupted");
            return Ok(Exit::Interrupted);
        }
    };
    let (stated, found) = (record_hash(&former), record_hash(&again));
    let mut out = std::io::stdout().lock();
    if stated == found {
        writeln!(out, "same hash: {stated}")?;
    } else {
        writeln!(out, "DIFFERENT: the directory has {stated}, running again gives {found}")?;
    }
    let findings = audit.findings();
    if args.audit {
        write!(out, "{findings}")?;
    }
    Ok(if stated == found && findings.is_clean() { Exit::Ok } else { Exit::Mismatch })
}
