//! A load run from the copy of a world to its observations.
//!
//! | file | what |
//! |---|---|
//! | `load_run` | a load run to be made, and why one comes to no result |
//! | `setup` | builds all of it, lets it run, takes it down again |
//! | `placement` | the threads, and what lives on which |
//! | `shard_setup` | makes the users of a thread |
//! | `sampler` | reads CPU and memory each second, and adds up what the threads have recorded |
//! | `system` | what the operating system says of this process |
//! | `outcome` | what a run has shown, and whether it is a measurement |
//! | `journal` | the journal of a run, and what it did in the measured time |
//! | `service_context` | terms, prices and calendar of a service that is recovered |
//! | `ack_log` | the answers that reached their users, in a file |

pub(crate) mod ack_log;
mod journal;
pub(crate) mod load_run;
pub(crate) mod outcome;
mod placement;
pub(crate) mod sampler;
pub(crate) mod service_context;
pub(crate) mod setup;
mod shard_setup;
mod system;
