//! Threads: the only home of them. One superstep is all jobs of a day, on however many workers there are; other ways to
//! spread it (processes, machines) stand behind the same trait.

mod cluster;
mod fabric;
mod group;
mod lock;
mod threads;

pub(crate) use cluster::{Cluster, Joining, Listener, NotJoined, listen, random};
#[cfg(test)]
pub(crate) use fabric::out_of_step;
pub(crate) use fabric::{Fabric, Lost, Member};
#[cfg(test)]
pub(crate) use group::with_fault;
pub(crate) use group::{ThreadGroup, fault_point};
pub(crate) use lock::{into_inner, lock};
pub(crate) use threads::{JoinHandle, ParkedThread, Threads, beside, keep_to_core, park, sleep, spawn, yield_core};
