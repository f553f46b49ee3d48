//! How a command ends: its exit code, or why it did not get to its end.

use crate::experiment::fit::FitError;
use crate::experiment::load::PlanError;
use crate::experiment::load_paths::PathError;
use crate::experiment::repetition::RepetitionError;
use crate::experiment::scoring::ScoringError;
use crate::experiment::suite::SuiteError;
use crate::journal::JournalError;
use crate::load::LoadError;
use crate::report::ReportError;
use crate::results::ResultsError;
use crate::scenario::ScenarioErrors;
use crate::sim::Stopped;

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
    /// A scenario or its models are wrong. Exit code 2.
    Scenario(Box<ScenarioErrors>),
    /// Exit code 3.
    Failed(anyhow::Error),
    /// Stopped by Ctrl-C or a signal, with what is left of the work. Exit code 130.
    Interrupted(Option<String>),
}

impl Failure {
    /// A run directory that is missing, damaged or in the way is the user's to put right; the rest is not.
    pub(super) fn of_a_directory(error: anyhow::Error) -> Failure {
        let in_a_report = |cause: &ReportError| matches!(cause, ReportError::Results(_) | ReportError::NoPageOfAPart);
        let of_the_directory =
            error.chain().any(|cause| cause.is::<ResultsError>() || cause.downcast_ref().is_some_and(in_a_report));
        if of_the_directory { Failure::BadInput(said(&error)) } else { Failure::Failed(error) }
    }
}

impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Failure {
        let error = error.into();
        if is_interruption(&error) {
            Failure::Interrupted(None)
        } else if is_refused_place(&error) || is_changed_directory(&error) || is_without_state(&error) {
            Failure::BadInput(error.to_string())
        } else {
            of_a_scenario(error)
        }
    }
}

/// What is wrong with a scenario is the user's to put right; each kind of run says so in its own error.
fn of_a_scenario(error: anyhow::Error) -> Failure {
    let error = match error.downcast::<ScenarioErrors>() {
        Ok(errors) => return Failure::Scenario(Box::new(errors)),
        Err(error) => error,
    };
    let error = match error.downcast::<PlanError>() {
        Ok(PlanError::Scenario(errors)) => return Failure::Scenario(Box::new(errors)),
        Ok(other) => return Failure::BadInput(other.to_string()),
        Err(error) => error,
    };
    let error = match error.downcast::<RepetitionError>() {
        Ok(RepetitionError::Scenario(errors)) => return Failure::Scenario(Box::new(errors)),
        Ok(other) => return Failure::Failed(other.into()),
        Err(error) => error,
    };
    match error.downcast::<FitError>() {
        Ok(FitError::Scenario(errors)) => Failure::Scenario(Box::new(errors)),
        Ok(other) => Failure::Failed(other.into()),
        Err(error) => Failure::Failed(error),
    }
}

/// Each kind of run says in its own error that it was stopped.
fn is_interruption(error: &anyhow::Error) -> bool {
    let stopped = |stopped: Option<&Stopped>| matches!(stopped, Some(Stopped::Interrupted));
    stopped(error.downcast_ref())
        || matches!(error.downcast_ref(), Some(SuiteError::Interrupted))
        || matches!(error.downcast_ref(), Some(LoadError::Interrupted))
        || matches!(error.downcast_ref(), Some(ScoringError::Stopped(Stopped::Interrupted)))
        || matches!(error.downcast_ref(), Some(FitError::Stopped(Stopped::Interrupted)))
        || matches!(
            error.downcast_ref(),
            Some(
                RepetitionError::Stopped(Stopped::Interrupted)
                    | RepetitionError::Suite(SuiteError::Interrupted)
                    | RepetitionError::Scoring(ScoringError::Stopped(Stopped::Interrupted))
            )
        )
}

/// A path that is taken or cannot be written to, found before any work was done.
fn is_refused_place(error: &anyhow::Error) -> bool {
    let is_taken = |error: &LoadError| match error {
        LoadError::Io { source, .. } => source.kind() == std::io::ErrorKind::AlreadyExists,
        LoadError::Journal(JournalError::Occupied { .. }) => true,
        LoadError::Journal(JournalError::Begin { source, .. }) => source.kind() == std::io::ErrorKind::AlreadyExists,
        _ => false,
    };
    error.is::<PathError>()
        || error.downcast_ref().is_some_and(ResultsError::is_refusal)
        || error.downcast_ref().is_some_and(is_taken)
}

/// No checkpoint is whole, or not all processes see it.
fn is_without_state(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(Stopped::NoState | Stopped::OtherStates(_)))
}

/// A directory that is to be run again and is not as it was written.
fn is_changed_directory(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(RepetitionError::Directory(_)))
}

/// An error with its causes, each said once: some errors have their cause in their own words.
pub(super) fn said(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if text.is_empty() {
            text = cause;
        } else if !text.ends_with(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}
