//! `yuefu report DIR`: draws the report of a run again, from its directory alone.

use crate::cli::streams::say;
use crate::cli::{Exit, Failure};
use crate::report;
use anyhow::Context;
use std::path::PathBuf;

/// Draw report.html and the charts of a run again, from its directory alone
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Report {
    /// Directory of a finished run
    dir: PathBuf,
}

const EXAMPLES: &str = "\
Examples:
  yuefu report results/downturn
  yuefu report results/evening-peak-load";

/// Renders `report.html` and `charts/` in the directory and prints the path of the page.
///
/// # Errors
/// When it is not a whole run directory (says which file and line), or cannot be written to.
pub(crate) fn run(args: &Report) -> Result<Exit, Failure> {
    let dir = &args.dir;
    let page = report::render(dir).with_context(|| format!("no report of {}", dir.display()));
    say(page.map_err(Failure::of_a_directory)?.display())
}
