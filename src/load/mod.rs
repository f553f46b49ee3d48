//! The wall clock: the world of the virtual clock, taken over by actors and measured.
//!
//! ```text
//! generator thread                     service thread                  journal thread
//!   pacer ┄rings┄► UserActor ──Decide──► CellActor ──records──► journal
//!     ▲               ▲   └─► MerchantActor ─┘  │                  │
//!     └── agenda ◄────┴────────── Answer ───────┴◄─── committed ───┘
//!                     Registrar: folds a closed day, opens the next one for everybody
//! ```
//!
//! | file | what |
//! |---|---|
//! | `time` | the clock, the window that is measured |
//! | `gate` | admission to a cell |
//! | `messages` | what the actors say |
//! | `agenda` | what is due, by time |
//! | `bells` | how a generator has a user start a step |
//! | `crowd`, `user` | the people of one thread; one actor each |
//! | `mail` | the context of users, hosts and merchants |
//! | `market` | hosts and merchants, an actor each on every generator thread |
//! | `generator`, `generator_actor` | starts what is due; takes the messages of a thread |
//! | `evening`, `debits` | the end of a generator's day, and the rounds of auto-debit before it |
//! | `desk`, `cell` | the service of one thread; an actor a cell |
//! | `registrar` | the world between two days |
//! | `share` | arrivals that another thread's people take |
//! | `outcome` | what a run has shown, and whether it is a measurement |
//! | `watch` | seconds, CPU, memory of a run |
//! | `people` | makes the people of a thread |
//! | `arbiters` | the threads, and who lives on which |
//! | `stage` | builds all of it and takes it down again |
//!
//! Latency counts from the intended start of a request: when its user meant to ask, not when the generator got round to it. A
//! step that depends on an answer has an intended start too, counted from that of the step before.

pub(crate) mod acks;
pub(crate) mod agenda;
mod arbiters;
pub(crate) mod bells;
pub(crate) mod cell;
pub(crate) mod crowd;
mod debits;
pub(crate) mod desk;
mod evening;
pub(crate) mod gate;
pub(crate) mod generator;
mod generator_actor;
pub(crate) mod mail;
pub(crate) mod market;
pub(crate) mod messages;
mod outcome;
pub(crate) mod pacer;
mod people;
mod put_off;
pub(crate) mod registrar;
pub(crate) mod share;
mod stage;
pub(crate) mod system;
pub(crate) mod time;
pub(crate) mod user;
mod watch;

#[cfg(test)]
mod tests;

pub(crate) use crowd::Stamp;
pub(crate) use stage::{LoadError, LoadSetup, run};
