//! What is handed to whoever keeps states of a run, and what gives them back.

use crate::base::time::{CalendarDay, Day};
use crate::runtime::Fabric;
use crate::sim::options::Stopped;
use std::ops::Range;

/// Appends the image of a cell of a world to some bytes.
type Image<'a> = &'a (dyn Fn(usize, usize, &mut Vec<u8>) + Sync);

/// Is shown the image of a cell with its number.
pub(crate) type EachCell<'a> = &'a mut dyn FnMut(usize, &[u8]) -> Result<(), String>;

/// A run between two days, as this process has it.
pub(crate) struct RunState<'a> {
    /// Days that are done.
    pub days_done: usize,
    /// The last of them.
    pub day: Day,
    /// The worlds and how far they are: the same in every process.
    pub front: &'a [u8],
    /// Number of worlds.
    pub worlds: usize,
    /// Numbers of the cells that this process has, in every world.
    pub own: Range<usize>,
    /// Cells of a world.
    pub cells: usize,
    /// `image(world, cell, into)`.
    pub image: Image<'a>,
}

/// The cells of a world that are read together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PartRange {
    /// Number of the world.
    pub world: usize,
    /// Numbers of the cells.
    pub cells: Range<usize>,
}

/// Keeps states of a run and gives them back.
pub(crate) trait Checkpoints: Sync {
    /// True when the state at the close of this day is to be kept.
    fn is_due(&self, day: &CalendarDay) -> bool;

    /// Keeps a state. Every process of the run calls it at the same day. Its bytes, as process 0 knows them; `None` when it is not kept.
    ///
    /// # Errors
    /// [`Stopped::Checkpoint`] when it could not be kept; [`Stopped::Lost`] when another process is gone.
    fn keep(&self, state: &RunState<'_>, fabric: &dyn Fabric) -> Result<Option<u64>, Stopped>;

    /// The states that may be gone on from, by the days that were done then, the last first: what this process sees of them.
    fn kept(&self) -> Vec<usize>;

    /// The front of a state.
    ///
    /// # Errors
    /// Why it cannot be read.
    fn front(&self, state: usize) -> Result<Vec<u8>, String>;

    /// The cells of a state, by what is read together.
    fn parts(&self, state: usize) -> Vec<PartRange>;

    /// Shows the image of each cell of a part with its number.
    ///
    /// # Errors
    /// Why it cannot be read, or what `each` says.
    fn read_part(&self, state: usize, part: usize, each: EachCell<'_>) -> Result<(), String>;

    /// A state is gone on from, or cannot be used and why.
    fn tried(&self, state: usize, problem: Option<&str>);

    /// True when a run may begin anew where no state can be used.
    fn begins_anew(&self) -> bool;
}

/// Who keeps states of a run.
#[derive(Clone, Copy, Default)]
pub(crate) struct KeptStates<'a> {
    /// Those that a run goes on from.
    pub checkpoints: Option<&'a dyn Checkpoints>,
    /// The end of the warm-up, shared by runs with the same one.
    pub warm: Option<&'a dyn Checkpoints>,
}
