//! The virtual clock: the days of worlds as supersteps, on any number of workers.
//!
//! | file | what |
//! |---|---|
//! | `options` | who hears of a run, ends it, reads along |
//! | `superstep` | the days: midnight, sweep of all cells, fold |
//! | `run` | all worlds of a scenario, swept together |
//! | `warm` | the same one by one, from a warm-up that is kept |
//! | `states` | who keeps states of a run, and in what form |
//! | `checkpoint` | the state between two days, kept and gone on from |
//! | `hand_over` | one world up to a midnight, for the wall clock |
//! | `course` | how that world goes on |
//! | `observe` | what was observed of a world in the end |
//! | `exchange` | what processes that share the worlds tell each other |

mod checkpoint;
mod course;
mod exchange;
mod hand_over;
mod observe;
pub(crate) mod options;
mod run;
mod states;
mod superstep;
mod warm;

pub(crate) use course::Course;
pub(crate) use hand_over::{HandOver, hand_over};
pub(crate) use options::{AuditedDay, Auditor, Options, Progress, Stopped};
pub(crate) use run::{Outcome, PhaseSeconds, run};
pub(crate) use states::{Checkpoints, EachCell, KeptStates, PartRange, RunState};
pub(crate) use warm::{Warm, warm_up};
