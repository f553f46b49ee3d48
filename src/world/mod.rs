//! A world: the people of a scenario with their credit accounts, in cells, and what is decided for all of them at
//! midnight. No threads, no clocks: a driver hands out the cells and brings their totals back.
//!
//! ```text
//! World::open_day → Board (read by all cells) → Cell::run_day, any cell in any order → World::close_day (fold)
//! ```

pub(crate) mod board;
pub(crate) mod cell;
mod controls;
pub(crate) mod letters;
pub(crate) mod published;
pub(crate) mod segments;
pub(crate) mod totals;
mod worlds;

pub(crate) use board::Board;
pub use cell::{Cell, Scratch};
pub(crate) use cell::{CellParts, Log};
pub(crate) use letters::Letter;
pub(crate) use published::PublishedDay;
pub(crate) use segments::Segments;
pub use totals::WorkTally;
pub(crate) use totals::{CellDay, MonthTotals};
pub use worlds::{Frame, World};
