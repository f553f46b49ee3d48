//! The people: users, hosts, merchants and funding partners as state machines that are told the time and the luck.

pub mod buying;
pub mod environment;
pub mod host;
pub mod levers;
pub mod merchant;
pub mod orders;
pub mod partner;
pub mod paying;
pub mod totals;
pub mod traits;
pub mod user;
pub mod watching;
