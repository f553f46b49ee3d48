//! `yuefu verify`: runs a run directory again and compares.

use crate::cli::progress::Progress;
use crate::cli::run::Workers;
use crate::cli::{Exit, Failure};
use crate::clock::virtual_time::Interrupted;
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
    #[command(flatten)]
    workers: Workers,
}

const EXAMPLES: &str = "\
Exit code 1 when the hashes differ, 2 when the directory is damaged (its tables no longer give its hash).

Example:
  yuefu verify results/downturn";

/// Runs the command.
///
/// # Errors
/// Bad input when the directory is no run or was changed.
pub fn run(args: &Verify) -> Result<Exit, Failure> {
    let former = results::read(&args.dir).map_err(|error| Failure::BadInput(error.to_string()))?;
    let scenario = scenario::from_resolved_toml(&former.provenance.resolved_toml)
        .map_err(|errors| Failure::BadInput(errors.to_string()))?;
    let progress = Progress::start(false)?;
    let manner =
        Manner { workers: args.workers.count(), progress: &progress, cancel: progress.cancel(), auditor: None };
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
    Ok(if stated == found { Exit::Ok } else { Exit::Mismatch })
}
