//! The command line: one file a command. Commands read arguments, call the library and print; they compute nothing themselves.
//!
//! What is asked for goes to standard output, everything said about it to standard error. Exit codes are [`Exit`].

pub(crate) mod branch;
mod calibrate;
pub(crate) mod capacity;
pub(crate) mod check;
pub(crate) mod checkpoints;
pub(crate) mod compare;
pub(crate) mod compare_products;
pub(crate) mod completions;
pub(crate) mod coverage;
pub(crate) mod doors;
pub(crate) mod exit;
pub(crate) mod export;
pub(crate) mod help;
pub(crate) mod init;
pub(crate) mod list;
pub(crate) mod load;
pub(crate) mod ltv;
pub(crate) mod machine;
pub(crate) mod making;
pub(crate) mod man;
pub(crate) mod members;
pub(crate) mod merge;
pub(crate) mod output;
pub(crate) mod processes;
pub(crate) mod progress;
pub(crate) mod quote;
pub(crate) mod recover;
pub(crate) mod report;
pub(crate) mod run;
pub(crate) mod schema;
pub(crate) mod shard;
pub(crate) mod streams;
pub(crate) mod stress;
pub(crate) mod summary;
pub(crate) mod verify;

pub(crate) use exit::{Exit, Failure};

use crate::results::program::{self, Build};
use crate::scenario::{self, Carried};
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use std::process::ExitCode;
use streams::Stream;

/// Yuefu (月付): a wind tunnel for a consumer-credit product inside a live-stream video app.
#[derive(Debug, Parser)]
#[command(name = "yuefu", after_help = help::EXIT_CODES, arg_required_else_help = true)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Run(run::Run),
    Branch(branch::Branch),
    Stress(stress::Stress),
    Coverage(coverage::Coverage),
    Merge(merge::Merge),
    Verify(verify::Verify),
    Calibrate(calibrate::Calibrate),
    Check(check::Check),
    Init(init::Init),
    List(list::List),
    Schema(schema::Schema),
    Report(report::Report),
    Compare(compare::Compare),
    CompareProducts(compare_products::CompareProducts),
    Quote(quote::Quote),
    Recover(recover::Recover),
    Export(export::Export),
    Load(load::Load),
    Capacity(capacity::Capacity),
    Ltv(ltv::Ltv),
    Completions(completions::Completions),
    Man(man::Man),
}

/// The command line with its help, for this version of the program.
fn command(version: &str) -> clap::Command {
    help::laid_out(CommandLine::command().version(version.to_string()))
}

/// Parses the process's arguments, runs the command and says how it went. `built_in` are the files that the program carries, `build` is
/// what it was built of.
pub fn main(built_in: Carried, build: Build) -> ExitCode {
    scenario::carry(built_in);
    program::state(build);
    let command = command(&program::version());
    let parsed = command.clone().try_get_matches().and_then(|matches| CommandLine::from_arg_matches(&matches));
    let done = match parsed {
        Ok(parsed) => run_command(parsed.command, command),
        // Help and version are answers too.
        Err(answer) if !answer.use_stderr() => streams::answer(&rendered(&answer, Stream::Answers.has_colours())),
        Err(problem) if let Some(why) = refused_processes(&problem) => Err(Failure::BadInput(why)),
        Err(problem) => {
            streams::note(rendered(&problem, Stream::Notes.has_colours()).trim_end());
            Ok(Exit::BadInput)
        }
    };
    let exit = match done {
        Ok(exit) => exit,
        Err(Failure::BadInput(problem)) => {
            streams::note(format_args!("error: {problem}"));
            Exit::BadInput
        }
        Err(Failure::Scenario(errors)) => {
            streams::note(errors.shown(Stream::Notes.has_colours()));
            Exit::BadInput
        }
        Err(Failure::Interrupted(left)) => {
            streams::note(format_args!("interrupted{}", left.map_or_else(String::new, |left| format!("; {left}"))));
            Exit::Interrupted
        }
        Err(Failure::Failed(error)) => {
            streams::note(format_args!("error: {}", exit::said(&error)));
            Exit::Failed
        }
    };
    ExitCode::from(exit as u8)
}

fn run_command(command: Command, whole: clap::Command) -> Result<Exit, Failure> {
    match command {
        Command::Run(args) => run::run(&args),
        Command::Branch(args) => branch::run(&args),
        Command::Stress(args) => stress::run(&args),
        Command::Coverage(args) => coverage::run(&args),
        Command::Merge(args) => merge::run(&args),
        Command::Verify(args) => verify::run(&args),
        Command::Calibrate(args) => calibrate::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Init(args) => init::run(&args),
        Command::List(args) => list::run(&args),
        Command::Schema(args) => schema::run(&args),
        Command::Report(args) => report::run(&args),
        Command::Compare(args) => compare::run(&args),
        Command::CompareProducts(args) => compare_products::run(&args),
        Command::Quote(args) => quote::run(&args),
        Command::Recover(args) => recover::run(&args),
        Command::Export(args) => export::run(&args),
        Command::Load(args) => load::run(&args),
        Command::Capacity(args) => capacity::run(&args),
        Command::Ltv(args) => ltv::run(&args),
        Command::Completions(args) => completions::run(&args, whole),
        Command::Man(args) => man::run(&args, whole),
    }
}

/// Why a command has no option that only a run has, if it is about one.
fn refused_processes(problem: &clap::Error) -> Option<String> {
    let unknown = problem.kind() == clap::error::ErrorKind::UnknownArgument;
    let option = problem.get(clap::error::ContextKind::InvalidArg).filter(|_| unknown)?.to_string();
    processes::why_not(&std::env::args().nth(1)?, &option)
}

/// What clap says, help and errors alike.
fn rendered(said: &clap::Error, coloured: bool) -> String {
    let text = said.render();
    if coloured { text.ansi().to_string() } else { text.to_string() }
}
