//! A world: the people of a scenario with their credit accounts, in cells, and what is decided for all of them at
//! midnight. No threads, no clocks: a driver hands out the cells and brings their totals back.
//!
//! ```text
//! World::open_day → Board (read by all cells) → Cell::run_day, any cell in any order → World::close_day (fold)
//! ```

pub mod board;
pub mod cell;
mod controls;
pub mod totals;
mod worlds;

pub use board::Board;
pub use cell::{Cell, Log, Scratch};
pub use totals::{CellDay, MonthTotals, WorkTally};
pub use worlds::{Frame, World};
