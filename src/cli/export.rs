//! `yuefu export`: the daily journal of a run for plain-text accounting.

use crate::cli::{Exit, Failure, streams};
use crate::results::export::{self, Books, ExportError, Format};
use crate::results::origin_of;
use anyhow::Context;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

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
    /// Write to a file instead of standard output; an exported journal there is replaced, no other file
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
            check_replaceable(path)?;
            std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
            Ok(Exit::Ok)
        }
        None => streams::answer(&text),
    }
}

/// A journal that was exported before is written anew; any other file stays.
fn check_replaceable(path: &Path) -> Result<(), Failure> {
    let refused = |why: &str| Err(Failure::BadInput(format!("{}: {why}", path.display())));
    let Ok(found) = std::fs::metadata(path) else { return Ok(()) };
    if found.is_dir() {
        return refused("it is a directory: name a file with --out");
    }
    // A pipe or a device takes what it is given.
    if !found.is_file() || found.len() == 0 {
        return Ok(());
    }
    let mut head = [0; export::HEAD.len()];
    let is_ours = File::open(path).and_then(|mut file| file.read_exact(&mut head)).is_ok();
    if is_ours && head == *export::HEAD.as_bytes() {
        return Ok(());
    }
    refused("it is no exported journal and is not overwritten: move it away, or choose another --out")
}
