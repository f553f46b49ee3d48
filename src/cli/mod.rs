//! The command line: one file a command. Commands read arguments, call the library and print; they compute nothing themselves.
//!
//! What is asked for goes to standard output, everything said about it to standard error. Exit codes are [`Exit`].

pub(crate) mod calibrate;
pub(crate) mod capacity;
pub(crate) mod check;
pub(crate) mod compare;
pub(crate) mod compare_products;
pub(crate) mod coverage;
pub(crate) mod export;
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

use crate::experiment::fit::FitError;
use crate::experiment::load::PlanError;
use crate::experiment::scoring::ScoringError;
use crate::experiment::suite::SuiteError;
use crate::load::LoadError;
use crate::report::ReportError;
use crate::results::ResultsError;
use crate::scenario::ScenarioErrors;
use crate::sim::Interrupted;
use clap::{Parser, Subcommand};
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Done.
    Ok = 0,
    /// Done, and the answer is no: a calibration target missed, a hash or an audit that does not match, records lost.
    Mismatch = 1,
    /// The input or the arguments are wrong; nothing was done.
    BadInput = 2,
    /// The work could not be finished: a disk, a file, a bug.
    Failed = 3,
    /// A load run broke an objective.
    Breach = 99,
    /// Stopped by Ctrl-C or a signal.
    Interrupted = 130,
}

/// Why a command did not get to its end.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The user can put it right by asking differently. Exit code 2.
    BadInput(String),
    /// Exit code 3.
    Failed(anyhow::Error),
    /// Stopped by Ctrl-C or a signal, with what is left of the work. Exit code 130.
    Interrupted(Option<String>),
}

impl Failure {
    /// A run directory that is missing, damaged or in the way is the user's to put right; the rest is not.
    fn of_a_directory(error: anyhow::Error) -> Failure {
        let in_a_report = |cause: &ReportError| matches!(cause, ReportError::Results(_));
        let of_the_directory =
            error.chain().any(|cause| cause.is::<ResultsError>() || cause.downcast_ref().is_some_and(in_a_report));
        if of_the_directory { Failure::BadInput(format!("{error:#}")) } else { Failure::Failed(error) }
    }
}

/// Prints one line of answer.
fn say(line: impl std::fmt::Display) -> Result<Exit, Failure> {
    writeln!(std::io::stdout().lock(), "{line}")?;
    Ok(Exit::Ok)
}

impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Failure {
        let error = error.into();
        if is_interruption(&error) {
            Failure::Interrupted(None)
        } else if is_wrong_scenario(&error) {
            Failure::BadInput(error.to_string())
        } else {
            Failure::Failed(error)
        }
    }
}

/// Each kind of run says in its own error that it was stopped.
fn is_interruption(error: &anyhow::Error) -> bool {
    error.is::<Interrupted>()
        || matches!(error.downcast_ref(), Some(SuiteError::Interrupted))
        || matches!(error.downcast_ref(), Some(LoadError::Interrupted))
        || matches!(error.downcast_ref(), Some(ScoringError::Interrupted(_)))
        || matches!(error.downcast_ref(), Some(FitError::Interrupted(_)))
}

/// What is wrong with a scenario is the user's to put right.
fn is_wrong_scenario(error: &anyhow::Error) -> bool {
    error.is::<ScenarioErrors>()
        || error.is::<PlanError>()
        || matches!(error.downcast_ref(), Some(FitError::Scenario(_)))
}

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
        /// Scenario files
        #[arg(required = true)]
        scenarios: Vec<PathBuf>,
    },
    /// Print the JSON Schema of scenario files, for editors
    #[command(after_help = "Example:\n  yuefu schema > scenario.schema.json")]
    Schema,
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
pub fn main() -> ExitCode {
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
        Command::Check { scenarios } => Ok(if check::run(&scenarios) { Exit::Ok } else { Exit::BadInput }),
        Command::Schema => say(crate::scenario::json_schema()),
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
            eprintln!("error: {error:#}");
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
