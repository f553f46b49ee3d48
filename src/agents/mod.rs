//! The people: users, hosts, merchants and funding partners as state machines that are told the time and the luck.

pub mod levers;
pub mod totals;
pub mod traits;
