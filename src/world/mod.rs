//! A world: the people of a scenario with their credit accounts, in cells, and what is decided for all of them at
//! midnight. No threads, no clocks: a driver hands out the cells and brings their totals back.
//!
//! ```text
//! World::open_day → Board (read by all cells) → Cell::run_day, any cell in any order → World::close_day (fold)
//! ```

pub mod board;
pub mod cell;
mod controls;
pub mod letters;
pub mod published;
pub mod segments;
pub mod totals;
mod worlds;

pub use board::Board;
pub use cell::{Cell, CellParts, Log, Scratch};
pub use letters::Letter;
pub use published::PublishedDay;
pub use segments::Segments;
pub use totals::{CellDay, MonthTotals, WorkTally};
pub use worlds::{Frame, World};
