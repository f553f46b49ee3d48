//! A load run to be made, and why one comes to no result.

use crate::journal::JournalError;
use crate::journal::disk::Disk;
use crate::load::core::time::LatencyFrom;
use crate::scenario::{LoadPlan, Scenario};
use crate::sim::HandOver;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// A load run to be made.
pub(crate) struct LoadSetup<'a> {
    /// The world; it is copied, so that several runs can start from the same moment.
    pub from: &'a HandOver,
    /// The scenario that the world came from.
    pub scenario: &'a Scenario,
    /// How it is loaded.
    pub plan: &'a LoadPlan,
    /// Seed of arrivals.
    pub seed: u64,
    /// Answer without deciding: what everything but the engine costs.
    pub null_service: bool,
    /// Directory of the journal and its disk, when the plan asks for durability.
    pub journal: Option<(PathBuf, Arc<dyn Disk>)>,
    /// Where the answers that reached users are put down, one file a generator.
    pub acks: Option<PathBuf>,
    /// Set to give the run up.
    pub cancel: &'a AtomicBool,
    /// Set to end the measured time early.
    pub enough: &'a AtomicBool,
    /// From when latency counts.
    pub latency_from: LatencyFrom,
}

/// Why a load run came to no result.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LoadError {
    /// The run was interrupted.
    #[error("interrupted")]
    Interrupted,
    /// A thread could not be had, or ended.
    #[error("a thread of the run is gone: {0}")]
    Thread(String),
    /// A thread panicked, or a task of one: a mistake in the program.
    #[error("the run was given up: {0}")]
    Panicked(String),
    /// The journal has stopped. What it had acknowledged is safe.
    #[error(transparent)]
    JournalStopped(Arc<JournalError>),
    /// The answers that reached users could not be put down.
    #[error("the record of answers: {0}")]
    Acks(String),
    /// The journal could not be begun.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The file system said no.
    #[error("{}: {source}", path.display())]
    Io {
        /// Where.
        path: PathBuf,
        /// What it said.
        source: std::io::Error,
    },
}

pub(super) fn gone(error: actix::MailboxError) -> LoadError {
    LoadError::Thread(error.to_string())
}
