//! `yuefu schema`: the JSON Schema of a kind of file.

use crate::cli::{Exit, Failure, streams};
use crate::scenario::schemas;

/// Print the JSON Schema of a kind of file, for editors
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Schema {
    /// Kind of file
    #[arg(default_value = "scenario", value_parser = schemas::KINDS)]
    kind: String,
}

const EXAMPLES: &str = "\
Examples:
  yuefu schema > scenario.schema.json
  yuefu schema policy";

/// Runs the command.
///
/// # Errors
/// From printing.
pub(crate) fn run(args: &Schema) -> Result<Exit, Failure> {
    streams::say(format_args!("{:#}", schemas::schema_of(&args.kind).unwrap_or_default()))
}
