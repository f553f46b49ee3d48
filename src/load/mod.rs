//! The wall clock: the world of the virtual clock, taken over by actors and measured.
//!
//! ```text
//! generator thread                     service thread                  journal thread
//!   pacer ┄wakes┄► UserActor ──Decide──► CellActor ──records──► journal
//!     ▲               ▲   └─► MerchantActor ─┘  │                  │
//!     └── timers ◄────┴────────── Answer ───────┴◄─── committed ───┘
//!                     Coordinator: folds a closed day, opens the next one for everybody
//! ```
//!
//! | room | what | knows nothing of |
//! |---|---|---|
//! | [`core`] | pacing, timers, admission, rebalancing: given the time, send nothing | actix, threads, clocks |
//! | [`actors`] | users, generators, cells, workers, coordinator: what they say and do | how a run is set up |
//! | [`mod@run`] | a run from the copy of a world to its observations: setup, placement, sampler, outcome | |
//!
//! `clock` is the clock of a run; nothing else here reads one.
//!
//! Latency counts from the intended start of a request: when its user meant to ask, not when the generator got round to it. A
//! step that depends on an answer has an intended start too, counted from that of the step before.

pub(crate) mod actors;
pub(crate) mod clock;
pub(crate) mod core;
pub(crate) mod run;

#[cfg(test)]
mod tests;

pub(crate) use core::time::LatencyFrom;
pub(crate) use run::load_run::{LoadError, LoadSetup};
pub(crate) use run::sampler::SecondSeen;
pub use run::service_context::ServiceContext;
pub(crate) use run::service_context::{recover, recover_observed};
pub(crate) use run::setup::run;
