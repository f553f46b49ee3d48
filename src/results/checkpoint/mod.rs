//! Saved states: checkpoints of a run beside its directory, and warm-ups that are kept.
//!
//! | file | what |
//! |---|---|
//! | `file` | one file: magic, version, length, BLAKE3 |
//! | `saved` | a directory: worlds, cells by range, manifest last |
//! | `area` | the checkpoints of a run: two generations, removed when the run is whole |
//! | `warm` | a directory of warm-ups, shared by runs |
//!
//! Only bytes come in and go out: what is in them is the business of `sim` and `world`.

mod area;
mod file;
mod saved;
mod warm;

pub(crate) use area::{CheckpointArea, unlike};
pub(crate) use saved::{
    SavedCells, SavedState, StateFacts, StateFront, StateKey, discard_unfinished, files_of, finish, is_finished,
    listed, unlisted, write_cells,
};
pub(crate) use warm::{WarmArea, WarmEntry, WarmStanding};

#[cfg(test)]
mod tests;
