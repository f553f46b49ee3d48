//! A world: the people of a scenario with their credit accounts, in cells, and what is decided for all of them at
//! midnight. No threads, no clocks: a driver hands out the cells and brings their totals back.
//!
//! ```text
//! World::midnight → DayContext (read by all cells) → Cell::run_day, any cell in any order → World::close_day (fold)
//! ```

mod cell;
mod controls;
mod dated_events;
mod day_context;
mod frame;
mod month_end;
mod prepared;
pub(crate) mod protocol;
mod rates;
mod seen_event;
mod segments;
mod state;
mod totals;
mod worlds;

pub use cell::{Cell, Scratch};
pub(crate) use cell::{CellParts, Log};
pub(crate) use day_context::DayContext;
pub use frame::Frame;
pub(crate) use seen_event::SeenEvent;
pub(crate) use state::row_version;
pub(crate) use totals::CellDay;
pub use totals::WorkTally;
pub use worlds::World;
