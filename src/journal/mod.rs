//! The durable memory of the wall-clock service: what changes an engine is written down before it is answered, and can be
//! applied again after a crash.
//!
//! ```text
//! service threads ── Records, ticket ──▶ journal thread ── write, sync ──▶ epoch-N.journal ── write, sync ──▶ mark
//!        ▲                                     │
//!        └────────── Commit::Safe(ticket) ─────┘
//! ```
//!
//! An **epoch** is a snapshot and the journal of what happened after it. Batches are chained by hash, carry a CRC, and are
//! numbered; the **mark**, in a file of its own, says how far answers were given. So a recovery knows what it has, and whether
//! something is missing ([`recover`]). `docs/durability.md` has the formats and promises.
//!
//! # Why a log of our own
//!
//! The service needs one thing that no embedded store gives: out of a damaged file, the longest prefix that is certainly right,
//! and a word on what is missing. redb, probed, gave wrong values out of files with a flipped byte without an error unless it
//! was asked to check the whole file, and never gives a prefix of a truncated one. A log that is only ever appended to and
//! read once, from the front, needs no tree, no page cache and no compaction: `segment` is all of it.
//!
//! # Who does what
//!
//! | file | |
//! |---|---|
//! | `record` | what is written down, in a fixed layout |
//! | `segment` | headers, batches, the scan of a file |
//! | `mark` | the high-water mark |
//! | `state` | images of cells, the state hash, snapshots |
//! | `disk` | what is asked of a disk, for tests to break |
//! | `directory` | the files of a service, and which service it is |
//! | `settings` | when an answer counts as safe |
//! | `handle` | what the service holds of its journal |
//! | `message` | what the service and the journal thread say to each other |
//! | `inbox` | what comes in for the journal thread |
//! | `writer` | the journal thread: group commit, epochs |
//! | `replay` | records applied to engines |
//! | `recovery` | from a directory to a state, and what is missing |
//! | `error` | why there is no journal, or no state |
//! | `acks` | what users were answered, against what was recovered |
//!
//! What scenario and world a service is of the journal keeps as text; terms, prices and calendar come from whoever recovers
//! ([`Context`]). What it does it reports to an [`Observer`]: it keeps no figures.

mod acks;
mod directory;
pub(crate) mod disk;
mod error;
mod handle;
mod inbox;
mod mark;
mod message;
mod record;
mod recovery;
mod replay;
mod segment;
mod settings;
mod state;
mod writer;

#[cfg(test)]
pub(super) use tests::read_records;

#[cfg(test)]
mod tests;

pub use acks::Ack;
pub(crate) use acks::{AcksCheck, AcksError, AcksReport, read_acks};
pub use directory::Service;
pub(crate) use error::{JournalError, RecoveryError};
pub(crate) use handle::Producer;
pub use handle::{Journal, JournalSetup};
pub use message::Commit;
pub(crate) use message::{Done, Notify, Observer};
pub use record::{Record, Records};
pub(crate) use recovery::{Missing, Recovered, Start, UnusableSnapshot, read_service, recover};
pub use replay::Context;
pub(crate) use replay::Replayed;
pub(crate) use segment::Hash;
pub use settings::{Policy, Settings};
pub(crate) use state::{CellImage, StandingEngine, state_hash};
pub use state::{CellState, EngineState};
