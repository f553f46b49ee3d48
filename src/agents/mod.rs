//! The people: users, hosts, merchants and funding partners as state machines that are told the time and the luck.

pub mod host;
pub mod levers;
pub mod merchant;
pub mod partner;
pub mod totals;
pub mod traits;
