//! The people: users, hosts, merchants and funding partners as state machines to whom time and luck are arguments. They know of
//! the engine only its words (`credit::command`); `world` and `load` carry their requests to it.

pub(crate) mod buying;
pub(crate) mod choice;
pub(crate) mod environment;
pub(crate) mod host;
pub(crate) mod levers;
pub(crate) mod merchant;
pub(crate) mod orders;
pub(crate) mod partner;
pub(crate) mod paying;
pub(crate) mod step;
pub(crate) mod totals;
pub(crate) mod traits;
pub(crate) mod user;
pub(crate) mod watching;
