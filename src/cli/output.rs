//! The options that commands have in common that make a result of a scenario.

use crate::cli::Failure;
use crate::cli::making::{Making, Replacing, Wanted, Workers};
use crate::results::Kind;
use std::path::PathBuf;

/// The options of a command that makes a result of a scenario.
#[derive(Debug, clap::Args)]
pub(crate) struct Output {
    #[command(flatten)]
    pub workers: Workers,
    /// Directory of the result [default: results/ and the name of the scenario]; a former one of its kind there is replaced, if nothing in it was changed
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub replacing: Replacing,
    /// Print the JSON document of the result (result.json, suite.json and so on) and nothing else
    #[arg(long)]
    pub json: bool,
}

impl Output {
    /// The directory that is asked for.
    pub(super) fn wanted<'a>(&'a self, usual_name: &'a str, kind: Kind) -> Wanted<'a> {
        Wanted { out: self.out.as_deref(), usual_name, kind, replacing: &self.replacing }
    }

    /// Claims that directory and begins to watch for Ctrl-C.
    ///
    /// # Errors
    /// As [`Making::begin`].
    pub(super) fn begin(&self, usual_name: &str, kind: Kind) -> Result<Making, Failure> {
        Making::begin(&self.wanted(usual_name, kind), &self.workers, self.json)
    }
}
