//! What tests share. Compiled for tests only.

pub mod audited;
pub mod fixture;
mod guards;
pub mod load;
pub mod story;
mod swarm;
mod tidy;
