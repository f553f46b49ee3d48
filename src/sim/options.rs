//! How a run is made: who hears how far it is, who may end it, who reads along.

use crate::base::ids::FUNDERS;
use crate::runtime::Lost;
use crate::world::{Cell, DayContext, Log};
use std::sync::atomic::AtomicBool;

/// Hears of the days of a run; a terminal draws a bar from it.
pub(crate) trait Progress: Sync {
    /// `done` of `total` days are over.
    fn day(&self, done: usize, total: usize);
}

/// Progress for nobody.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Silent;

impl Progress for Silent {
    fn day(&self, _done: usize, _total: usize) {}
}

/// What an auditor is shown of a cell's day.
pub(crate) struct AuditedDay<'a> {
    /// Number of the world; 0 during the warm-up.
    pub world: usize,
    /// Number of the cell.
    pub number: usize,
    /// The context of the day.
    pub context: &'a DayContext,
    /// What each funder may lend in the cell, fen.
    pub quota: [i64; FUNDERS],
    /// The requests.
    pub log: &'a Log,
    /// The cell after the close.
    pub cell: &'a Cell,
}

/// Gets the requests of a cell and day, in order, when a run is audited; the cell is as it stands at the close.
pub(crate) trait Auditor: Sync {
    /// One cell's day.
    fn cell_day(&self, day: &AuditedDay<'_>);
}

/// A run ended before its last day. The day that was running is finished, the result is dropped.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Stopped {
    /// Somebody asked for it.
    #[error("interrupted")]
    Interrupted,
    /// One of the processes that share the worlds is gone.
    #[error(transparent)]
    Lost(#[from] Lost),
    /// A state of the run could not be kept.
    #[error("{0}")]
    Checkpoint(String),
    /// The processes that share the worlds do not see the same states.
    #[error("{0}")]
    OtherStates(String),
    /// None of the states that were kept can be gone on from; what is wrong with each was told.
    #[error("no checkpoint can be gone on from; remove them, and the run begins anew")]
    NoState,
}

/// How to run.
pub(crate) struct Options<'a> {
    /// Who hears how far it is.
    pub progress: &'a dyn Progress,
    /// Set to end after the day that is running.
    pub cancel: &'a AtomicBool,
    /// Who reads the requests, if anybody.
    pub auditor: Option<&'a dyn Auditor>,
}
