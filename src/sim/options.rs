//! How a run is made: who hears how far it is, who may end it, who reads along.

use crate::base::ids::FUNDERS;
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

/// What each funder may lend in a cell on a day, in fen.
pub(crate) type Quota = [i64; FUNDERS];

/// Gets the requests of a cell and day, in order, when a run is audited; the cell is as it stands at the close.
pub(crate) trait Auditor: Sync {
    /// One cell's day: world and cell number, the context of the day and the cell's quota, its requests and the cell after the
    /// close. During the warm-up the world is 0.
    fn cell_day(&self, world: usize, cell: usize, context: &DayContext, quota: Quota, log: &Log, state: &Cell);
}

/// The run was interrupted; the day that was running is finished, the result is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("interrupted")]
pub(crate) struct Interrupted;

/// How to run.
pub(crate) struct Options<'a> {
    /// Who hears how far it is.
    pub progress: &'a dyn Progress,
    /// Set to end after the day that is running.
    pub cancel: &'a AtomicBool,
    /// Who reads the requests, if anybody.
    pub auditor: Option<&'a dyn Auditor>,
}
