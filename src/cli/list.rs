//! `yuefu list`: the names that can be used, and what each means. They come from their homes: `scenario::catalogue` (products,
//! economies, policies, scenarios, keys), `measure` (measures), `results` (columns).

use crate::cli::making::directory;
use crate::cli::{Exit, Failure, streams};
use crate::measure;
use crate::results::checkpoint::{StateFacts, WarmArea, WarmEntry, WarmStanding};
use crate::results::{self, Column};
use crate::scenario::catalogue;
use std::path::{Path, PathBuf};

/// List the names that can be used, and what each means
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct List {
    /// What is listed
    kind: Kind,
    /// Directory of kept warm-ups, for warm [default: warm]
    directory: Option<PathBuf>,
    /// Directory of the models [default: models in this folder, else what is built in]
    #[arg(long, value_name = "DIR", value_parser = directory)]
    models: Option<PathBuf>,
    /// Print JSON and nothing else
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Columns are divided by two spaces or more. In keys, NAME stands for a name, such as that of a
persona; the third column says when a change by a policy reaches what is open already.

Examples:
  yuefu list scenarios
  yuefu list keys | grep limits
  yuefu list measures --json
  yuefu list warm kept";

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Kind {
    Products,
    Economies,
    Policies,
    Scenarios,
    Keys,
    Measures,
    Columns,
    /// Warm-ups that were kept with --warm DIR
    Warm,
}

/// Runs the command.
///
/// # Errors
/// Bad input when a directory is named and not listed, or holds no warm-ups; else from printing.
pub(crate) fn run(args: &List) -> Result<Exit, Failure> {
    let models = args.models.as_deref();
    if let Some(directory) = args.directory.as_ref().filter(|_| args.kind != Kind::Warm) {
        let directory = directory.display();
        return Err(Failure::BadInput(format!("{directory}: only `yuefu list warm DIR` lists a directory")));
    }
    let (columns, rows): (&[&str], _) = match args.kind {
        Kind::Products => (&["name", "title"], catalogue::models("products", models)),
        Kind::Economies => (&["name", "title"], catalogue::models("economy", models)),
        Kind::Policies => (&["name", "title"], catalogue::models("policies", models)),
        Kind::Scenarios => (&["name", "command", "title"], catalogue::scenarios()),
        Kind::Keys => (&["key", "value", "in_a_policy", "meaning"], catalogue::keys()),
        Kind::Measures => (&["measure", "unit", "meaning"], measures()),
        Kind::Columns => (&["directory", "file", "column", "unit", "meaning"], columns_of_tables()),
        Kind::Warm => {
            let directory = args.directory.as_deref().unwrap_or(Path::new("warm"));
            (&["name", "scenario", "users", "until", "bytes", "standing", "program"], warm_ups(directory)?)
        }
    };
    if matches!(args.kind, Kind::Products | Kind::Economies | Kind::Policies) {
        streams::note(format_args!("models: {}", catalogue::listed_from(models)));
    }
    if args.json {
        let object = |row: &Vec<String>| -> serde_json::Value {
            columns
                .iter()
                .zip(row)
                .map(|(column, text)| ((*column).to_owned(), text.as_str().into()))
                .collect::<serde_json::Map<_, _>>()
                .into()
        };
        let all: Vec<_> = rows.iter().map(object).collect();
        streams::document(&all)
    } else {
        streams::answer(&table(&rows))
    }
}

/// The warm-ups of a directory, each with what is wrong with it.
fn warm_ups(directory: &Path) -> Result<Vec<Vec<String>>, Failure> {
    let none = || Failure::BadInput(format!("{}: no directory of warm-ups", directory.display()));
    let entries = WarmArea::there(directory).ok_or_else(none)?.list()?;
    let unknown = || "-".to_string();
    let row = |WarmEntry { name, standing }| match standing {
        WarmStanding::Whole(state) => {
            let StateFacts { name: scenario, users, day, .. } = state.facts().clone();
            let (bytes, program) = (state.bytes().to_string(), state.written_by().to_string());
            vec![name, scenario, users.to_string(), day, bytes, "whole".to_string(), program]
        }
        WarmStanding::Damaged(why) => {
            vec![name, unknown(), unknown(), unknown(), unknown(), format!("damaged: {why}"), unknown()]
        }
        WarmStanding::Unfinished { bytes } => {
            let standing = "unfinished: being written, or left by a process that ended".to_string();
            vec![name, unknown(), unknown(), unknown(), bytes.to_string(), standing, unknown()]
        }
    };
    Ok(entries.into_iter().map(row).collect())
}

/// Every column of every CSV file.
fn columns_of_tables() -> Vec<Vec<String>> {
    let row = |c: Column| vec![c.kind.name().to_string(), c.file.to_string(), c.name, c.unit, c.says];
    results::columns().into_iter().map(row).collect()
}

fn measures() -> Vec<Vec<String>> {
    measure::kept_definitions()
        .map(|d| vec![d.key.to_string(), d.unit.name().to_string(), d.says.to_string()])
        .collect()
}

/// Rows with their columns one under the other.
fn table(rows: &[Vec<String>]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let columns = rows.first().map_or(0, Vec::len);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        text += cells.join("  ").trim_end();
        text.push('\n');
    }
    text
}
