//! `yuefu export`: the daily journal of a run for plain-text accounting.

use crate::cli::{Exit, Failure, streams};
use crate::results::export::{self, Books, ExportError, Format};
use crate::results::origin_of;
use anyhow::Context;
use std::path::PathBuf;

/// Write the daily journal of a run for hledger or beancount
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Export {
    /// Directory of a finished run
    dir: PathBuf,
    /// Whose syntax to write
    #[arg(long)]
    format: FormatName,
    /// One world only, with the account names of trial_balance.csv (with more than one world in a journal, the name of the
    /// world is the second part of each account)
    #[arg(long, value_name = "NAME")]
    world: Option<String>,
    /// Write to a file instead of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum FormatName {
    Hledger,
    Beancount,
}

const EXAMPLES: &str = "\
The closing balance of every account is asserted at the end of the journal and equals
trial_balance.csv. The first lines say where the run comes from and how it is made again.

Examples:
  yuefu export results/downturn --format hledger > books.journal
  yuefu export results/downturn --format beancount --world severe --out severe.beancount
  hledger -f books.journal check --strict";

/// Runs the command.
///
/// # Errors
/// Bad input when the directory is no run, its books do not add up or the world is unknown; else what writing says.
pub(crate) fn run(args: &Export) -> Result<Exit, Failure> {
    let format = match args.format {
        FormatName::Hledger => Format::Hledger,
        FormatName::Beancount => Format::Beancount,
    };
    let refused = |error: ExportError| Failure::BadInput(error.to_string());
    let books = Books::read(&args.dir).map_err(refused)?;
    let origin = origin_of(&args.dir).map_err(|error| Failure::BadInput(error.to_string()))?.unwrap_or_default();
    let mut text = String::new();
    match &args.world {
        Some(name) => export::write_book(&mut text, books.world(name).map_err(refused)?, format, &origin)?,
        None => export::write_all(&mut text, &books, format, &origin)?,
    }
    match &args.out {
        Some(path) => {
            std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
            Ok(Exit::Ok)
        }
        None => streams::answer(&text),
    }
}
