//! The command line: one file a command. Commands read arguments, call the library and print; they compute nothing themselves.
//!
//! What is asked for goes to standard output, everything said about it to standard error. Exit codes are [`Exit`].

pub(crate) mod calibrate;
pub(crate) mod capacity;
pub(crate) mod check;
pub(crate) mod compare;
pub(crate) mod compare_products;
pub(crate) mod coverage;
pub(crate) mod doors;
pub(crate) mod exit;
pub(crate) mod export;
pub(crate) mod init;
pub(crate) mod list;
pub(crate) mod load;
pub(crate) mod ltv;
pub(crate) mod machine;
pub(crate) mod making;
pub(crate) mod progress;
pub(crate) mod quote;
pub(crate) mod recover;
pub(crate) mod report;
pub(crate) mod run;
pub(crate) mod stress;
pub(crate) mod summary;
pub(crate) mod verify;

pub(crate) use exit::{Exit, Failure, say};

use crate::scenario::{self, Carried, schemas};
use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

const EXIT_CODES: &str = "\
Exit codes:
  0    done
  1    done, and the answer is no: a target missed, a hash or an audit that does not match, records lost
  2    wrong input or arguments; nothing was done
  3    the work could not be finished (disk, file, bug)
  99   a load run broke an objective
  130  interrupted; nothing half-written is left";

/// Yuefu (月付): a wind tunnel for a consumer-credit product inside a live-stream video app.
#[derive(Debug, Parser)]
#[command(name = "yuefu", version, after_help = EXIT_CODES, arg_required_else_help = true)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Run(run::Run),
    Stress(stress::Stress),
    Coverage(coverage::Coverage),
    Verify(verify::Verify),
    Calibrate(calibrate::Calibrate),
    /// Check scenarios with all their models: every error with its place, or "ok"
    #[command(after_help = "Example:\n  yuefu check scenarios/*.toml")]
    Check {
        /// Scenario files, or names of built-in scenarios
        #[arg(required = true)]
        scenarios: Vec<PathBuf>,
        /// Directory of the models [default: each scenario's `models`, ../models beside it, what is built in]
        #[arg(long, value_name = "DIR", value_parser = making::directory)]
        models: Option<PathBuf>,
    },
    Init(init::Init),
    List(list::List),
    /// Print the JSON Schema of a kind of file, for editors
    #[command(after_help = "Example:\n  yuefu schema > scenario.schema.json\n  yuefu schema policy")]
    Schema {
        /// Kind of file
        #[arg(default_value = "scenario", value_parser = schemas::KINDS)]
        kind: String,
    },
    /// Draw report.html and the charts of a run again, from its directory alone
    #[command(after_help = "Example:\n  yuefu report results/downturn")]
    Report {
        /// Directory of a finished run
        dir: PathBuf,
    },
    Compare(compare::Compare),
    CompareProducts(compare_products::CompareProducts),
    Quote(quote::Quote),
    Recover(recover::Recover),
    Export(export::Export),
    Load(load::Load),
    Capacity(capacity::Capacity),
    Ltv(ltv::Ltv),
}

/// Parses the process's arguments, runs the command and says how it went.
pub fn main(built_in: Carried) -> ExitCode {
    scenario::carry(built_in);
    let command_line = match CommandLine::try_parse() {
        Ok(parsed) => parsed,
        Err(answer) => {
            // Help and version are answers too: clap prints them to standard output and they are no error.
            let exit = if answer.use_stderr() { Exit::BadInput } else { Exit::Ok };
            return match answer.print() {
                Ok(()) => code(exit),
                Err(_) => code(Exit::Failed),
            };
        }
    };
    let done = match command_line.command {
        Command::Run(args) => run::run(&args),
        Command::Stress(args) => stress::run(&args),
        Command::Coverage(args) => coverage::run(&args),
        Command::Verify(args) => verify::run(&args),
        Command::Calibrate(args) => calibrate::run(&args),
        Command::Check { scenarios, models } => {
            Ok(if check::run(&scenarios, models.as_deref()) { Exit::Ok } else { Exit::BadInput })
        }
        Command::Init(args) => init::run(&args),
        Command::List(args) => list::run(&args),
        Command::Schema { kind } => say(format_args!("{:#}", schemas::schema_of(&kind).unwrap_or_default())),
        Command::Report { dir } => {
            report::run(&dir).map_err(Failure::of_a_directory).and_then(|page| say(page.display()))
        }
        Command::Compare(args) => compare::run(&args),
        Command::CompareProducts(args) => compare_products::run(&args),
        Command::Quote(args) => quote::run(&args),
        Command::Recover(args) => recover::run(&args),
        Command::Export(args) => export::run(&args),
        Command::Load(args) => load::run(&args),
        Command::Capacity(args) => capacity::run(&args),
        Command::Ltv(args) => ltv::run(&args),
    };
    match done {
        Ok(exit) => code(exit),
        Err(Failure::BadInput(problem)) => {
            eprintln!("{}", problem_text(&problem));
            code(Exit::BadInput)
        }
        Err(Failure::Interrupted(left)) => {
            eprintln!("interrupted{}", left.map_or_else(String::new, |left| format!("; {left}")));
            code(Exit::Interrupted)
        }
        Err(Failure::Failed(error)) if is_closed_pipe(&error) => code(Exit::Ok),
        Err(Failure::Failed(error)) => {
            eprintln!("error: {}", exit::said(&error));
            code(Exit::Failed)
        }
    }
}

fn code(exit: Exit) -> ExitCode {
    ExitCode::from(exit as u8)
}

/// Rendered diagnostics begin with their own "error"; bare sentences get one.
fn problem_text(problem: &str) -> String {
    if problem.contains("error:") { problem.to_string() } else { format!("error: {problem}") }
}

/// `yuefu … | head` closes the pipe when it has seen enough: no failure.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
}
