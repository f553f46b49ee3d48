//! What tests share. Compiled for tests only.

pub(crate) mod audited;
mod downturn;
pub(crate) mod fixture;
mod guards;
pub(crate) mod load;
mod pointers;
pub(crate) mod story;
mod swarm;
mod tidy;
