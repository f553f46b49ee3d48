//! The people: users, hosts, merchants and funding partners as state machines that are told the time and the luck.

pub(crate) mod buying;
pub(crate) mod environment;
pub(crate) mod host;
pub(crate) mod levers;
pub(crate) mod merchant;
pub(crate) mod orders;
pub(crate) mod partner;
pub(crate) mod paying;
pub(crate) mod totals;
pub(crate) mod traits;
pub(crate) mod user;
pub(crate) mod watching;
