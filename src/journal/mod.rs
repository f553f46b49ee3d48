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
//! | `handle` | what the service holds of its journal |
//! | `inbox` | what comes in for the journal thread |
//! | `writer` | the journal thread: group commit, epochs |
//! | `replay` | records applied to engines |
//! | `recovery` | from a directory to a state, and what is missing |
//! | `acks` | what users were answered, against what was recovered |

mod acks;
pub(crate) mod disk;
mod handle;
mod home;
mod inbox;
mod mark;
mod record;
mod recovery;
mod replay;
mod segment;
mod state;
mod writer;

#[cfg(test)]
pub(super) use tests::read_records;

#[cfg(test)]
mod tests;

pub use acks::Ack;
pub(crate) use acks::{ACK_BYTES, AcksCheck, AcksError, AcksReport, read_acks};
pub use handle::{Commit, Journal, Settings};
pub(crate) use handle::{JournalError, Notify, Producer};
pub(crate) use mark::Mark;
pub use record::{Record, Records};
pub(crate) use recovery::{
    Cut, Missing, Recovered, RecoveryError, Start, recover, recover_from_start, recover_watched,
};
pub use replay::Context;
pub(crate) use replay::{Conflict, Replayed};
pub(crate) use segment::Hash;
pub use state::CellState;
pub(crate) use state::{CellImage, hash_of, state_hash};
